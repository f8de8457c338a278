import { runScript } from "./harness.ts";

/** Runs a script of this folder in a sandbox and prints its messages: for tests that start as another user. */
const { code, messages, output } = await runScript(process.argv[2]!, process.argv.slice(3));
console.log(output === "" ? JSON.stringify(messages) : output);
process.exitCode = code;
