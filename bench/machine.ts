import { execFileSync } from "node:child_process";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import type { Machine } from "./result.ts";

export function thisMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryGigabytes: Math.round(totalmem() / 1e8) / 10,
    load: Math.round(loadavg()[0]! * 100) / 100,
    system: `${platform()} ${release()} ${arch()}`,
  };
}

/** Node and V8, and the commit of Podwall with a mark if the files differ from it. */
export function versions(root: string): Record<string, string> {
  return { node: process.versions.node, v8: process.versions.v8, podwall: commitOf(root) };
}

function commitOf(root: string): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
    return `${git("rev-parse", "--short=12", "HEAD")}${changed ? " with local changes" : ""}`;
  } catch {
    // A release archive has no repository, and some machines no git; the figures are worth as much.
    return "unknown (no git repository)";
  }
}
