import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { findProgram } from "../linux/programs.ts";

/** Whether the lab can run here: how, or why not and what to do about it. */
export type SandboxSupport =
  | { readonly ok: true; readonly mode: "root" | "user-namespace" }
  | { readonly ok: false; readonly reason: string; readonly help: string };

// Debian's package of each program; other distributions use the same names but for iproute2.
const PROGRAMS: readonly [program: string, debianPackage: string][] = [
  ["unshare", "util-linux"],
  ["nft", "nftables"],
];

/** The environment variable that has root use a user namespace as well, so that both ways can be tested by one user. */
const MODE_VARIABLE = "PODWALL_SANDBOX";

/** Finds out by trying: starts and ends an empty namespace. Changes nothing. */
export function sandboxSupport(): SandboxSupport {
  if (process.platform !== "linux") {
    return {
      ok: false,
      reason: `the lab is made of Linux network namespaces; this is ${process.platform}`,
      help: "run it on Linux: a virtual machine, or a container started with --privileged",
    };
  }
  const missing = PROGRAMS.filter(([program]) => findProgram(program) === undefined);
  if (missing.length > 0) {
    return {
      ok: false,
      reason: `not installed: ${missing.map(([program]) => program).join(", ")}`,
      help: `apt-get install ${missing.map(([, debianPackage]) => debianPackage).join(" ")}`,
    };
  }
  const wanted = process.env[MODE_VARIABLE];
  if (wanted !== undefined && wanted !== "" && wanted !== "user-namespace") {
    return {
      ok: false,
      reason: `${MODE_VARIABLE} is "${wanted}"`,
      help: `set it to user-namespace, or not at all`,
    };
  }
  const mode = sandboxMode();
  const args = [...namespaceArguments(), "true"];
  const tried = spawnSync(findProgram("unshare")!, args, { encoding: "utf8" });
  if (tried.status === 0) return { ok: true, mode };
  const words = tried.error?.message ?? tried.stderr.trim();
  return mode === "root"
    ? {
        ok: false,
        reason: `root may not create namespaces here (${words})`,
        help: "in a container: start it with --privileged, or with --cap-add SYS_ADMIN --cap-add NET_ADMIN",
      }
    : { ok: false, reason: `this user may not create namespaces (${words})`, help: userNamespaceHelp() };
}

/** Arguments of unshare(1) for everything the lab wants of its own. */
export function namespaceArguments(): string[] {
  const user = sandboxMode() === "root" ? [] : ["--user", "--map-root-user"];
  return [...user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
}

function sandboxMode(): "root" | "user-namespace" {
  const isRoot = process.getuid?.() === 0;
  return isRoot && process.env[MODE_VARIABLE] !== "user-namespace" ? "root" : "user-namespace";
}

function userNamespaceHelp(): string {
  if (existsSync("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")) {
    return "run as root (sudo), or: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0";
  }
  if (existsSync("/proc/sys/kernel/unprivileged_userns_clone")) {
    return "run as root (sudo), or: sudo sysctl kernel.unprivileged_userns_clone=1";
  }
  return "run as root (sudo), or: sudo sysctl user.max_user_namespaces=10000";
}
