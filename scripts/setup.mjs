import { accessSync, constants, lstatSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { isMain, root, run } from "./run.mjs";

const OLDEST_NODE = [20, 19];

/** What the lab and the agent start, and the Debian package that brings it. */
const SYSTEM_PROGRAMS = {
  nft: "nftables",
  ip: "iproute2",
  unshare: "util-linux",
  nsenter: "util-linux",
  setpriv: "util-linux",
};

/** Any of these runs the tests of the HTML page; Debian's package has the name of the first. */
const BROWSERS = ["chromium", "chromium-browser", "google-chrome"];

/** Ends the process with one line when this Node is too old to go on. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  console.error(
    `podwall: this is Node ${process.versions.node}; Node ${OLDEST_NODE.join(".")} or newer is needed: https://nodejs.org`,
  );
  process.exit(1);
}

/** Installs the npm packages that package-lock.json names, unless they are there. Ends the process on failure. */
export function ensurePackages() {
  requireNode();
  // npm writes the inner file last, so an interrupted installation counts as none.
  const installed = modified("node_modules/.package-lock.json");
  if (installed !== undefined && installed >= (modified("package-lock.json") ?? 0)) return;
  if (lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink()) {
    // npm ci would empty the folder behind the link, which is somebody else's.
    if (installed !== undefined) return;
    console.error("podwall: node_modules is a link to nowhere useful; remove it, and run this again");
    process.exit(1);
  }
  console.error("podwall: installing the npm packages (npm ci)");
  const status = run("npm", ["ci"], { shell: process.platform === "win32" });
  if (status === 0) return;
  console.error(`podwall: npm ci ended with status ${status}; its own words are above`);
  process.exit(1);
}

/**
 * Looks for the programs that the kernel part needs and installs them where apt-get and the rights are there.
 * Returns whether all are there now. Without them the tool still explains and draws; only the kernel part is out.
 */
export function ensureSystemPrograms() {
  let missing = missingPrograms();
  if (missing.length === 0) return true;
  const packages = debianPackages(missing);
  if (process.getuid?.() === 0 && findProgram("apt-get") !== undefined) {
    console.error(`podwall: installing ${packages.join(", ")} (apt-get)`);
    installDebianPackages(packages);
    missing = missingPrograms();
    if (missing.length === 0) return true;
  }
  console.error(
    `podwall: not installed: ${missing.join(", ")}. ${installationAdvice(debianPackages(missing))}`,
  );
  return false;
}

/** Looks for a browser for the tests that need one, and installs it where apt-get and the rights are there. */
export function ensureBrowser() {
  const isThere = () => BROWSERS.some((name) => findProgram(name) !== undefined);
  if (isThere()) return true;
  const [name] = BROWSERS;
  if (process.platform === "linux" && process.getuid?.() === 0 && findProgram("apt-get") !== undefined) {
    console.error(`podwall: installing ${name} (apt-get)`);
    installDebianPackages([name]);
    if (isThere()) return true;
  }
  console.error(`podwall: not installed: ${name}. The tests that open a page in a browser are skipped.`);
  return false;
}

function missingPrograms() {
  return Object.keys(SYSTEM_PROGRAMS).filter((program) => findProgram(program) === undefined);
}

function debianPackages(programs) {
  return [...new Set(programs.map((program) => SYSTEM_PROGRAMS[program]))];
}

function installDebianPackages(packages) {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  // A stale list often still knows the packages, so a failed update alone does not end the attempt.
  run("apt-get", ["update", "-qq"], options);
  run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], options);
}

function installationAdvice(packages) {
  if (process.platform !== "linux") return "The lab and its tests need Linux; everything else works here.";
  return `For the lab and its tests: sudo apt-get install ${packages.join(" ")} (or your distribution's packages).`;
}

/** The system directories are included because plain users often lack them in PATH. */
function findProgram(name) {
  const directories = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/local/sbin"];
  return directories
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds since the epoch; undefined when there is no such file. */
function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs;
}

if (isMain(import.meta.url)) {
  ensurePackages();
  ensureSystemPrograms();
  ensureBrowser();
}
