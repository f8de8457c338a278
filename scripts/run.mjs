import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { constants } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder with package.json. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Whether Node was started with this script, as opposed to a script that imports it. Takes `import.meta.url`. */
export function isMain(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}

/**
 * Runs a program in the repository with inherited stdio and waits for it. Returns its exit status, or 128 + the
 * number of the signal that ended it, as a shell would. Throws when it cannot be started.
 */
export function run(program, args, options = {}) {
  const done = spawnSync(program, args, { cwd: root, stdio: "inherit", ...options });
  if (done.error !== undefined) throw done.error;
  return done.status ?? 128 + constants.signals[done.signal];
}
