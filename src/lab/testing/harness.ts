import { spawn } from "node:child_process";
import { describe, it } from "vitest";
import { startSandbox } from "../sandbox.ts";
import { sandboxSupport } from "../sandbox-support.ts";

/** Why kernel tests cannot run here and what to do, or undefined where they can. */
export function skipReason(): string | undefined {
  const support = sandboxSupport();
  if (support.ok) return undefined;
  return `${support.reason}; ${support.help}`;
}

/** Path of a script of this folder. */
export function testScript(name: string): string {
  return new URL(name, import.meta.url).pathname;
}

/** Node options that run a TypeScript script of this folder from any working directory. */
export const TSX: readonly string[] = ["--import", import.meta.resolve("tsx")];

/** Runs a script of this folder in a sandbox and returns what it sent and how it ended. */
export async function runScript(
  name: string,
  args: readonly string[] = [],
): Promise<{ code: number; messages: unknown[]; output: string }> {
  const messages: unknown[] = [];
  const sandbox = startSandbox({
    script: testScript(name),
    args,
    execArgv: TSX,
    stdio: "pipe",
    onMessage: (message) => messages.push(message),
  });
  let output = "";
  for (const stream of [sandbox.process.stdout, sandbox.process.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const closed = new Promise((resolve) => sandbox.process.on("close", resolve));
  const code = await sandbox.exited;
  await closed;
  return { code, messages, output };
}

/** Runs a program of the machine to its end, outside of any sandbox; output is stdout and stderr together. */
export function runInNoSandbox(argv: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** A suite; where there is a reason to leave it out, one skipped test that says it. */
export function describeUnless(reason: string | undefined, title: string, tests: () => void): void {
  if (reason === undefined) describe(title, tests);
  else describe(title, () => it("is left out", (context) => context.skip(reason)));
}
