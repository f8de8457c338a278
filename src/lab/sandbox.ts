import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { findProgram, systemPath } from "../linux/programs.ts";
import { namespaceArguments } from "./sandbox-support.ts";

/** What to run inside. */
export interface SandboxOptions {
  /** Script that Node runs inside; it must call `runInSandbox`. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Node's own options, by default those of this process. */
  readonly execArgv?: readonly string[];
  /** Where stdin, stdout and stderr of the inner process go. Default: inherit. */
  readonly stdio?: "inherit" | "pipe";
  /** Messages that the inner process sends with `process.send`. */
  readonly onMessage?: (message: unknown) => void;
}

/** A running sandbox, seen from the outer process. */
export interface Sandbox {
  /** The started program; its stdio streams exist with `stdio: "pipe"`. */
  readonly process: ChildProcess;
  /**
   * Exit code of the inner process. If a signal ended it: 128 + signal, or 1 where unshare(1) fails to pass the
   * signal on (util-linux 2.38).
   */
  readonly exited: Promise<number>;
  /** Process id of the inner Node process in this pid namespace; undefined while it is not there yet. */
  innerPid(): number | undefined;
  send(message: object): void;
  /** Asks the inner process to tear down and end; a second call kills it. */
  stop(signal?: "SIGINT" | "SIGTERM"): void;
}

/** What the outer process sends to ask for an orderly end. */
export interface StopMessage {
  readonly podwallSandboxStop: "SIGINT" | "SIGTERM";
}

/**
 * Starts a Node script as process 1 of namespaces of its own (network, mount, pid; user namespace when not root, or when
 * the environment says PODWALL_SANDBOX=user-namespace).
 * It dies with this process: by the broken IPC channel, and by the parent-death signal even when this process
 * is killed with SIGKILL; with process 1 dies everything in its namespaces. Check `sandboxSupport()` before.
 */
export function startSandbox(options: SandboxOptions): Sandbox {
  const unshare = findProgram("unshare");
  if (unshare === undefined) throw new Error("unshare: no such program; install util-linux");
  const setpriv = findProgram("setpriv");
  const argv = [
    // Without setpriv (BusyBox) the IPC channel alone tells the inner process.
    ...(setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL"]),
    unshare,
    ...namespaceArguments(),
    process.execPath,
    ...(options.execArgv ?? process.execArgv),
    options.script,
    ...(options.args ?? []),
  ];
  const stdio = options.stdio ?? "inherit";
  const child = spawn(argv[0]!, argv.slice(1), {
    stdio: [stdio, stdio, stdio, "ipc"],
    env: { ...process.env, PATH: systemPath() },
  });
  const { onMessage } = options;
  if (onMessage !== undefined) child.on("message", onMessage);
  const exited = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
  let asked = false;
  const sandbox: Sandbox = {
    process: child,
    exited,
    innerPid: () => (child.pid === undefined ? undefined : childOf(child.pid)),
    send(message) {
      // The inner process may have ended meanwhile; `exited` tells.
      if (child.connected) child.send(message, () => undefined);
    },
    stop(signal = "SIGTERM") {
      if (asked || !child.connected) child.kill("SIGKILL");
      else sandbox.send({ podwallSandboxStop: signal } satisfies StopMessage);
      asked = true;
    },
  };
  return sandbox;
}

/** Waits for the end of a sandbox, passing on SIGINT, SIGTERM and SIGHUP; resolves to the exit code. */
export async function sandboxEnd(sandbox: Sandbox): Promise<number> {
  const interrupt = (): void => sandbox.stop("SIGINT");
  const terminate = (): void => sandbox.stop("SIGTERM");
  process.on("SIGINT", interrupt).on("SIGTERM", terminate).on("SIGHUP", terminate);
  try {
    return await sandbox.exited;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", terminate).off("SIGHUP", terminate);
  }
}

/** unshare forks once: its child is process 1 of the new pid namespace. */
function childOf(parent: number): number | undefined {
  for (const entry of readdirSync("/proc")) {
    if (!/^[0-9]+$/.test(entry)) continue;
    const fields = readStat(entry);
    if (fields?.[1] === String(parent)) return Number(entry);
  }
  return undefined;
}

/** Fields of /proc/PID/stat after the program name: state, parent, ... */
function readStat(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    // The process ended while we were looking.
    return undefined;
  }
}
