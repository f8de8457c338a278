import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { LabNetwork } from "../../../src/lab/network.ts";
import { inNamespace } from "../../../src/linux/netns.ts";
import type { EnforcerMessage } from "./enforcer-process.ts";

type Started = Extract<EnforcerMessage, { kind: "started" }>;

/** An enforcer of node `one` in a process of its own. */
export interface EnforcerChild {
  /** It is about to look at the kernel for the first time. */
  readonly starting: Promise<void>;
  /** It has brought the kernel up to date; rejects if it ends before. */
  readonly started: Promise<Started>;
  /** Changes that were enforced so far. */
  readonly changes: number;
  /** Resolves when there were so many; rejects if it ends before. */
  enforces(changes: number): Promise<void>;
  /** Problems and repairs, of which there should be none. */
  readonly troubles: readonly unknown[];
  /** Ends it with SIGKILL, wherever it is. */
  kill(): Promise<void>;
  /** Asks it to close what it has and to end. */
  stop(): Promise<void>;
}

/** See `enforcer-process.ts` for the arguments. */
export function startEnforcer(network: LabNetwork, args: readonly string[]): EnforcerChild {
  const script = fileURLToPath(new URL("./enforcer-process.ts", import.meta.url));
  const child: ChildProcess = inNamespace(network.namespaceOf("node:one"), () =>
    spawn(process.execPath, [...process.execArgv, script, ...args], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    }),
  );
  let changes = 0;
  const troubles: unknown[] = [];
  const exit = once(child, "exit") as Promise<[code: number | null, signal: string | null]>;
  let isStarting: () => void;
  const starting = new Promise<void>((resolve) => {
    isStarting = resolve;
  });
  const started = new Promise<Started>((resolve, reject) => {
    child.on("message", (message: EnforcerMessage) => {
      if (message.kind === "starting") isStarting();
      else if (message.kind === "started") resolve(message);
      else if (message.kind === "changed") changes++;
      else troubles.push(message.what);
    });
    exit.then(([code, signal]) => reject(new Error(`the enforcer ended with ${code ?? signal}`)), reject);
  });
  // It may be killed before anybody asks.
  started.catch(() => undefined);
  const ended = async (wanted: string): Promise<void> => {
    const [code, signal] = await exit;
    if (`${code ?? signal}` !== wanted) throw new Error(`the enforcer ended with ${code ?? signal}`);
  };
  return {
    starting: Promise.race([starting, started.then(() => undefined)]),
    started,
    get changes() {
      return changes;
    },
    enforces: async (wanted) => {
      while (changes < wanted) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error("the enforcer has ended");
        await sleep(1);
      }
    },
    troubles,
    kill: () => {
      child.kill("SIGKILL");
      return ended("SIGKILL");
    },
    stop: () => {
      child.send({ stop: true });
      return ended("0");
    },
  };
}
