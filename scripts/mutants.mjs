import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MUTANTS } from "../test/mutants/mutants.mjs";
import { root } from "./run.mjs";
import { ensurePackages } from "./setup.mjs";

const COPIED = ["src", "test", "package.json", "tsconfig.json", "vitest.config.ts"];
/** The proof of the engine: it against the reference evaluator, and its changes against fresh ones. */
const ENGINE_TESTS = ["test/agreement"];
/** That of what the kernel holds: programs that follow changes against fresh ones, rules read back, and packets. */
const DATAPLANE_TESTS = [
  "test/dataplane",
  "test/kernel/kernel-walk.test.ts",
  "test/kernel/random-clusters.test.ts",
];
const SIZE = {
  PODWALL_CLUSTERS: "3000",
  PODWALL_WALKS: "30",
  PODWALL_KERNEL_CHANGES: "400",
  PODWALL_KERNEL_CLUSTERS: "50",
};

/** A test that a busy machine ends would pass for one that noticed. */
const PATIENT = ["--testTimeout=1800000", "--hookTimeout=1800000"];

/**
 * Puts each fault of test/mutants into a copy of the sources and runs the agreement tests there: a fault that they do
 * not notice is one that the engine could have too. An argument such as src/dataplane limits them to files of a folder. Exit status 1 if there is any. Takes some minutes.
 */
function runMutants() {
  ensurePackages();
  const wanted = process.argv[2] ?? "";
  const mutants = MUTANTS.filter(({ file }) => file.startsWith(wanted));
  const folder = mkdtempSync(join(tmpdir(), "podwall-mutants-"));
  const end = () => rmSync(folder, { recursive: true, force: true });
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      end();
      process.exit(1);
    });
  }
  try {
    for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    if (!passes(folder, [...new Set(mutants.flatMap(testsOf))])) {
      console.error("the tests fail without any mutant, so they can show nothing");
      return 1;
    }
    console.log("passed   without a mutant");
    const survivors = mutants.filter((mutant) => {
      const survives = withMutant(folder, mutant, () => passes(folder, testsOf(mutant)));
      console.log(`${survives ? "SURVIVED" : "caught  "} ${mutant.corner}   ${mutant.file}`);
      return survives;
    });
    console.log(`${mutants.length - survivors.length} of ${mutants.length} mutants were caught`);
    return survivors.length === 0 ? 0 : 1;
  } finally {
    end();
  }
}

function withMutant(folder, { file, find, replace }, run) {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  if (text.split(find).length !== 2) throw new Error(`${file} must have exactly one ${JSON.stringify(find)}`);
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
  try {
    return run();
  } finally {
    writeFileSync(path, text);
  }
}

function testsOf({ file }) {
  return file.startsWith("src/dataplane/") ? DATAPLANE_TESTS : ENGINE_TESTS;
}

function passes(folder, tests) {
  const vitest = join(folder, "node_modules/vitest/vitest.mjs");
  const done = spawnSync(process.execPath, [vitest, "run", "--bail=1", ...PATIENT, ...tests], {
    cwd: folder,
    env: { ...process.env, ...SIZE },
    stdio: "ignore",
  });
  if (done.error !== undefined) throw done.error;
  return done.status === 0;
}

process.exitCode = runMutants();
