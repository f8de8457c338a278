import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { startSandbox } from "../../src/lab/sandbox.ts";

/**
 * Runs a script of this folder in a sandbox and gives the JSON that it writes to standard output. `input` is what it
 * finds on standard input: one argument may not be longer than 128 KB.
 * @throws Error with what it said, when it fails.
 */
export async function runKernelScript<T>(name: string, args: readonly string[] = [], input = ""): Promise<T> {
  const sandbox = startSandbox({
    script: fileURLToPath(new URL(name, import.meta.url)),
    args,
    execArgv: ["--import", "tsx"],
    stdio: "pipe",
  });
  sandbox.process.stdin!.end(input);
  const [output, errors, code] = await Promise.all([
    text(sandbox.process.stdout!),
    text(sandbox.process.stderr!),
    sandbox.exited,
  ]);
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${errors}`);
  return JSON.parse(output) as T;
}
