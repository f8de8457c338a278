import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename } from "node:path";

/** A server that was started by a test. */
export interface Program {
  /** Why it has ended by itself; undefined while it runs. */
  failure(): string | undefined;
  /** Stops it in its tracks (SIGSTOP): its connections stand, and nobody answers on them. */
  pause(): void;
  /** Lets it go on (SIGCONT). */
  resume(): void;
  /** Ends it at once and waits until it is gone. What it stored is thrown away anyway. */
  stop(): Promise<void>;
}

// Whatever becomes of the test's own process, nothing stays behind.
const DIES_WITH_PARENT: readonly string[] =
  process.platform === "linux" && spawnSync("setpriv", ["--version"]).status === 0
    ? ["setpriv", "--pdeathsig", "KILL", "--"]
    : [];

/** Starts a program whose output goes to a file. */
export function startProgram(path: string, args: readonly string[], logFile: string): Program {
  const log = openSync(logFile, "w");
  const [command, ...rest] = [...DIES_WITH_PARENT, path, ...args];
  const child: ChildProcess = spawn(command!, rest, { stdio: ["ignore", log, log] });
  closeSync(log);
  let ended: string | undefined;
  const gone = new Promise<void>((resolve) => {
    child.on("error", (error) => {
      ended = error.message;
      resolve();
    });
    child.on("exit", (status, signal) => {
      ended = `it ended with ${signal ?? `status ${status}`}`;
      resolve();
    });
  });
  return {
    failure: () =>
      ended === undefined ? undefined : `${basename(path)}: ${ended}\n${lastLines(logFile, 20)}`,
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    async stop() {
      if (ended === undefined) child.kill("SIGKILL");
      await gone;
    },
  };
}

function lastLines(file: string, count: number): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join("\n");
}
