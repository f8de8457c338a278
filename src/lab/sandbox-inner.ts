import { mkdirSync } from "node:fs";
import { NETNS_DIRECTORY } from "../linux/netns.ts";
import { mount } from "../linux/syscalls.ts";

/** How long an orderly end may take before the process just ends, in milliseconds. */
const TEAR_DOWN_MILLIS = 5000;

/**
 * The inner half of a sandbox: gives the process a private `/run/netns`, runs `main` and ends the process with
 * the exit code it resolves to. `signal` is aborted when the outer process asks for the end or is gone, and on
 * SIGINT and SIGTERM; `main` then has five seconds. A rejected `main` prints its error and exits with 1.
 */
export async function runInSandbox(main: (signal: AbortSignal) => Promise<number>): Promise<never> {
  if (process.pid !== 1) throw new Error("this script is the inside of a sandbox and is not started by hand");
  const abort = new AbortController();
  const stop = (code: number): void => {
    if (abort.signal.aborted) return;
    abort.abort();
    setTimeout(() => process.exit(code), TEAR_DOWN_MILLIS);
  };
  process
    .on("SIGINT", () => stop(130))
    .on("SIGTERM", () => stop(143))
    .on("SIGHUP", () => stop(129));
  process.on("disconnect", () => stop(143));
  process.on("message", (message) => {
    if (typeof message !== "object" || message === null || !("podwallSandboxStop" in message)) return;
    stop(message.podwallSandboxStop === "SIGINT" ? 130 : 143);
  });
  try {
    mount("podwall", "/run", "tmpfs", 0);
    mkdirSync(NETNS_DIRECTORY);
    process.exit(await main(abort.signal));
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}
