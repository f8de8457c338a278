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
  const root = process.getuid?.() === 0;
  const args = [...namespaceArguments(root), "true"];
  const tried = spawnSync(findProgram("unshare")!, args, { encoding: "utf8" });
  if (tried.status === 0) return { ok: true, mode: root ? "root" : "user-namespace" };
  const words = tried.error?.message ?? tried.stderr.trim();
  return root
    ? {
        ok: false,
        reason: `root may not create namespaces here (${words})`,
        help: "in a container: start it with --privileged, or with --cap-add SYS_ADMIN --cap-add NET_ADMIN",
      }
    : { ok: false, reason: `this user may not create namespaces (${words})`, help: userNamespaceHelp() };
}

/** Arguments of unshare(1) for everything the lab wants of its own. */
export function namespaceArguments(root: boolean): string[] {
  const user = root ? [] : ["--user", "--map-root-user"];
  return [...user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
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
