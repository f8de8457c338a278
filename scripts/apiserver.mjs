import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isMain, root, run } from "./run.mjs";

const MODULE = join(root, "test/apiserver/build");
const PROGRAMS = ["kube-apiserver", "etcd"];
/** Where the definitions of the policies for a whole cluster come from: one release for each API version. */
const DEFINITIONS = [
  { version: "v0.2.0", kinds: ["clusternetworkpolicies"] },
  { version: "v0.1.7", kinds: ["adminnetworkpolicies", "baselineadminnetworkpolicies"] },
];

/**
 * The folder with `kube-apiserver` and `etcd`, and custom resource definitions in `crds/` if it is one of ours.
 * Undefined if there is none: neither KUBEBUILDER_ASSETS names one nor has one been built.
 */
function findApiServer() {
  const assets = process.env.KUBEBUILDER_ASSETS;
  if (assets) {
    if (PROGRAMS.every((program) => existsSync(join(assets, program)))) return assets;
    console.error(`podwall: KUBEBUILDER_ASSETS is ${assets}, which lacks ${PROGRAMS.join(" or ")}`);
    return undefined;
  }
  const folder = cacheFolder();
  if (existsSync(folder)) return folder;
  console.error("podwall: no API server has been built for the tests");
  return undefined;
}

/** Named after all that the build depends on, so that it is built once for each state of the sources. */
function cacheFolder() {
  const hash = createHash("sha256").update(
    `${process.platform} ${process.arch} ${JSON.stringify(DEFINITIONS)}`,
  );
  for (const file of ["go.mod", "go.sum", "etcd/main.go"]) hash.update(readFileSync(join(MODULE, file)));
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "podwall/apiserver", hash.digest("hex").slice(0, 16));
}

/** Builds both programs from the Go module proxy: minutes the first time. Returns the folder; undefined on failure. */
function buildApiServer() {
  const folder = cacheFolder();
  if (existsSync(folder)) return folder;
  const go = spawnSync("go", ["version"], { cwd: MODULE, encoding: "utf8" });
  if (go.status !== 0) {
    console.error(
      `podwall: Go is needed to build an API server for the tests (${go.error?.message ?? go.stderr.trim()}): https://go.dev/dl. Or let KUBEBUILDER_ASSETS name a folder with ${PROGRAMS.join(" and ")}.`,
    );
    return undefined;
  }
  mkdirSync(join(folder, ".."), { recursive: true });
  // Only a whole build gets the name that is looked for.
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    if (!buildPrograms(unfinished) || !fetchDefinitions(join(unfinished, "crds"))) return undefined;
    // Another build of the same may have been faster.
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

function buildPrograms(folder) {
  const kubernetes = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\S+)/.exec(
    readFileSync(join(MODULE, "go.mod"), "utf8"),
  );
  const [, version, major, minor] = kubernetes;
  const variable = (name, value) => `-X k8s.io/component-base/version.${name}=${value}`;
  const told = [variable("gitVersion", version), variable("gitMajor", major), variable("gitMinor", minor)];
  return [
    { program: "kube-apiserver", source: "k8s.io/kubernetes/cmd/kube-apiserver", flags: told },
    { program: "etcd", source: "./etcd", flags: [] },
  ].every(({ program, source, flags }) => {
    const begun = Date.now();
    console.error(`podwall: building ${program} from ${source} (Kubernetes ${version})`);
    const status = run(
      "go",
      [
        "build",
        "-trimpath",
        "-buildvcs=false",
        "-ldflags",
        `-s -w ${flags.join(" ")}`,
        "-o",
        join(folder, program),
        source,
      ],
      { cwd: MODULE },
    );
    if (status !== 0) return false;
    const megabytes = Math.round(statSync(join(folder, program)).size / 2 ** 20);
    console.error(`podwall: built ${program}: ${Math.round((Date.now() - begun) / 1000)} s, ${megabytes} MB`);
    return true;
  });
}

/** Takes the custom resource definitions out of the released modules. */
function fetchDefinitions(folder) {
  mkdirSync(folder);
  return DEFINITIONS.every(({ version, kinds }) => {
    const module = `sigs.k8s.io/network-policy-api@${version}`;
    // Outside of any module, so that this one's go.mod stays as it is.
    const done = spawnSync("go", ["mod", "download", "-json", module], { cwd: folder, encoding: "utf8" });
    if (done.status !== 0) {
      console.error(`podwall: ${module} cannot be fetched: ${done.stderr.trim()}`);
      return false;
    }
    const source = join(JSON.parse(done.stdout).Dir, "config/crd/standard");
    for (const file of readdirSync(source).filter((name) =>
      kinds.some((kind) => name.endsWith(`_${kind}.yaml`)),
    )) {
      copyFileSync(join(source, file), join(folder, file));
    }
    return true;
  });
}

/** `--where` prints the folder of what is there already, or why there is none; else what is missing is built first. */
function main(args) {
  const found = findApiServer();
  const isToBuild = found === undefined && !args.includes("--where") && !process.env.KUBEBUILDER_ASSETS;
  const folder = isToBuild ? buildApiServer() : found;
  if (folder === undefined) return 1;
  console.log(folder);
  return 0;
}

if (isMain(import.meta.url)) process.exitCode = main(process.argv.slice(2));
