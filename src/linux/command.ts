import { spawn } from "node:child_process";
import { type Namespace, within } from "./netns.ts";
import { findProgram, systemPath } from "./programs.ts";

/** What a program left behind. */
export interface CommandResult {
  /** Exit code; 128 + signal number is not used: a signal is an Error. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program inside a network namespace (undefined: that of this process) and waits for it. A failing exit code
 * is a result; a program that is missing or ends by a signal rejects.
 */
export function runInNamespace(
  namespace: Namespace | undefined,
  argv: readonly string[],
  stdin: string | undefined,
): Promise<CommandResult> {
  const [name = "", ...args] = argv;
  const program = findProgram(name);
  if (program === undefined) return Promise.reject(new Error(`${name}: no such program on this machine`));
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: systemPath() };
    const child = within(namespace, () => spawn(program, args, { env, stdio: "pipe" }));
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === null) reject(new Error(`${argv.join(" ")}: ended by ${signal}`));
      else resolve({ code, stdout, stderr });
    });
    // A program may end without reading its input; its exit code tells more than EPIPE.
    child.stdin.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") reject(error);
    });
    child.stdin.end(stdin ?? "");
  });
}
