import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";

/** PATH with the directories of system programs, which plain users often lack. */
export function systemPath(): string {
  const own = (process.env.PATH ?? "").split(delimiter).filter((part) => part !== "");
  const system = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];
  return [...own, ...system.filter((part) => !own.includes(part))].join(delimiter);
}

/** Full path of a program in {@link systemPath}, or undefined if there is none that may be executed. */
export function findProgram(name: string): string | undefined {
  const candidates = name.includes("/")
    ? [name]
    : systemPath()
        .split(delimiter)
        .map((part) => join(part, name));
  for (const path of candidates) {
    try {
      accessSync(path, constants.X_OK);
    } catch {
      continue;
    }
    // The sandbox covers /run, so a link there (NixOS) must be followed before.
    return path.startsWith("/run/") ? realpathSync(path) : path;
  }
  return undefined;
}
