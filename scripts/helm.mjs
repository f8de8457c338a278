import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isMain, root, run } from "./run.mjs";

const MODULE = join(root, "test/deploy/helm");
const PROGRAM = "helm.sh/helm/v3/cmd/helm";

/** The release of the API server that the tests run, since a helm built by hand believes in a very old one. */
export function kubernetesVersion() {
  const pinned = readFileSync(join(root, "test/apiserver/build/go.mod"), "utf8");
  return /k8s\.io\/kubernetes (v\S+)/.exec(pinned)[1];
}

/** Path of the helm that has been built for the tests; undefined where none has. */
export function findHelm() {
  const file = join(cacheFolder(), "helm");
  return existsSync(file) ? file : undefined;
}

/** Named after all that the build depends on, so that it is built once for each state of the sources. */
function cacheFolder() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(MODULE, file)));
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "podwall/helm", hash.digest("hex").slice(0, 16));
}

/** Builds helm from the Go module proxy: a minute or two the first time. Returns its path; undefined on failure. */
export function buildHelm() {
  const built = findHelm();
  if (built !== undefined) return built;
  const go = spawnSync("go", ["version"], { cwd: MODULE, encoding: "utf8" });
  if (go.status !== 0) {
    console.error(
      `podwall: Go is needed to build helm for the tests of the chart (${go.error?.message ?? go.stderr.trim()}): https://go.dev/dl`,
    );
    return undefined;
  }
  const folder = cacheFolder();
  mkdirSync(join(folder, ".."), { recursive: true });
  // Only a whole build gets the name that is looked for.
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    console.error(`podwall: building helm from ${PROGRAM}`);
    const args = ["build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w"];
    const status = run("go", [...args, "-o", join(unfinished, "helm"), PROGRAM], { cwd: MODULE });
    if (status !== 0) return undefined;
    // Another build of the same may have been faster.
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return findHelm();
}

/** `--where` prints the path of what is there already; else it is built first. */
function main(args) {
  const file = args.includes("--where") ? findHelm() : buildHelm();
  if (file === undefined) {
    if (args.includes("--where")) console.error("podwall: no helm has been built for the tests of the chart");
    return 1;
  }
  console.log(file);
  return 0;
}

if (isMain(import.meta.url)) process.exitCode = main(process.argv.slice(2));
