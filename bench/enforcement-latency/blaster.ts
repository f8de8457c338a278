import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { inNamespace, type Namespace, NETNS_DIRECTORY } from "../../src/linux/netns.ts";

/** A change of what the rules do with packets. Times are milliseconds of the clock of {@link monotonicMillis}. */
export interface Verdict {
  readonly passes: boolean;
  /** When the first packet was sent that met it. */
  readonly at: number;
  /** When the one before it was sent. */
  readonly before: number;
  /** Packets since the last change that met another verdict than those around them. */
  readonly strays: number;
}

/** Packets that flow all the time, and what becomes of them. */
export interface Blaster {
  /** Waits for the next change of the verdict; rejects when that takes too long. */
  becomes(passes: boolean): Promise<Verdict>;
  stop(): void;
}

export interface BlasterOptions {
  /** The compiled blast.c. */
  readonly program: string;
  readonly from: Namespace;
  readonly to: Namespace;
  readonly address: string;
  readonly port: number;
  /** Packets a second. */
  readonly rate: number;
}

const PATIENCE_MILLIS = 20_000;

/** Milliseconds of CLOCK_MONOTONIC, as all processes of the machine have it. */
export function monotonicMillis(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function startBlaster({ program, from, to, address, port, rate }: BlasterOptions): Blaster {
  const child: ChildProcess = inNamespace(from, () =>
    spawn(program, [`${NETNS_DIRECTORY}/${to.name}`, address, String(port), String(rate)], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  const told: Verdict[] = [];
  let wake: () => void = () => undefined;
  let ended: string | undefined;
  createInterface({ input: child.stdout! }).on("line", (line) => {
    const { passes, at, before, strays } = JSON.parse(line) as Verdict;
    told.push({ passes, at: at / 1e6, before: before / 1e6, strays });
    wake();
  });
  child.on("exit", (code, signal) => {
    ended = `blast ended with ${signal ?? code}`;
    wake();
  });
  return {
    async becomes(passes) {
      const end = monotonicMillis() + PATIENCE_MILLIS;
      for (;;) {
        const verdict = told.shift();
        if (verdict !== undefined) {
          if (verdict.passes === passes) return verdict;
          throw new Error(
            `packets ${passes ? "pass no more" : "pass again"}, and nothing has asked for that`,
          );
        }
        if (ended !== undefined) throw new Error(ended);
        const left = end - monotonicMillis();
        if (left <= 0)
          throw new Error(`packets did not ${passes ? "pass" : "stop"} within ${PATIENCE_MILLIS / 1000} s`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, left);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    stop: () => child.stdin!.end(),
  };
}
