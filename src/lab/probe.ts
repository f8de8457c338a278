import { addressOf } from "../linux/sockaddr.ts";
import { EAGAIN, EMFILE, ENOBUFS, errnoName, SyscallError } from "../linux/syscalls.ts";
import type { Address, Family } from "../net/address.ts";
import { addressOfFamily, type LabNetwork } from "./network.ts";
import { openRawOrigin, type ProbeKey, type RawAnswer, type RawOrigin } from "./raw-origin.ts";
import { STOPPED, startSocketProbe } from "./socket-probe.ts";

/** One packet exchange to try. */
export interface Probe {
  /** Pod id (`shop/db-0`), `node:NAME` or the address of an external host. */
  readonly from: string;
  readonly to: { readonly address: string };
  readonly protocol: "TCP" | "UDP" | "SCTP" | "ICMP";
  /** 1-65535; required but for ICMP. */
  readonly port?: number;
  /** The family of `to.address`; the source sends from its address of this family. */
  readonly family: Family;
}

/**
 * What came back. `answered`: connected, or a reply. `refused`: the packet arrived and nobody listens there.
 * `no-answer`: nothing came in time, or a router or firewall said no: blocked.
 */
export interface ProbeResult {
  readonly outcome: "answered" | "refused" | "no-answer";
  /** From sending to the answer, or to giving up. */
  readonly millis: number;
  /** What exactly came: `reset`, `INIT ACK`, `ICMP type 3 code 13`, `EHOSTUNREACH`, `timeout`... */
  readonly detail: string;
}

export interface ProbeOptions {
  /** How long to wait for each answer. Default 400. */
  readonly timeoutMs?: number;
  /** How many probes may wait at the same time. Default 512. */
  readonly concurrency?: number;
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops early: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

interface Running {
  readonly index: number;
  readonly started: number;
  readonly startedTick: number;
  end: (() => void) | undefined;
}

/** Probes sent before the event loop gets a turn. */
const SLICE = 64;
/**
 * A probe is given up only after this many looks at its socket, spread over the timeout: a process that the
 * machine did not let run for a while has not looked, and must not call that silence.
 */
const LOOKS = 8;

/**
 * Sends every probe for real and reports what came back, in the order of `probes`.
 * Throws an Error for an unknown source, or one without an address of the family.
 */
export async function probe(
  network: LabNetwork,
  probes: readonly Probe[],
  options: ProbeOptions = {},
): Promise<ProbeResult[]> {
  const { timeoutMs = 400, concurrency = 512, onProgress, signal } = options;
  const { reactor, servers } = network;
  const results = new Array<ProbeResult>(probes.length);
  const sources = probes.map((one) => sourceOf(network, one));
  const origins = new Map<string, RawOrigin>();
  // In order of sending, which is the order in which they time out.
  let waiting: Running[] = [];
  let launched = 0;
  let done = 0;
  let open = 0;
  let tick = 0;
  let wake: (() => void) | undefined;

  function finish(running: Running, outcome: ProbeResult["outcome"], detail: string): void {
    if (results[running.index] !== undefined) return;
    results[running.index] = { outcome, millis: performance.now() - running.started, detail };
    running.end?.();
    running.end = undefined;
    open--;
    done++;
    wake?.();
  }

  /** Returns false if the machine has no room for one more at the moment. */
  function launch(index: number): boolean {
    const one = probes[index]!;
    const source = sources[index]!;
    const running: Running = { index, started: performance.now(), startedTick: tick, end: undefined };
    const answer: RawAnswer = (outcome, detail) => finish(running, outcome, detail);
    open++;
    try {
      const to = addressOf(one.to.address);
      let end: () => void;
      if (one.protocol === "TCP" || one.protocol === "UDP") {
        const { namespace, address } = source;
        end = startSocketProbe(reactor, namespace, one.protocol, address, to, one.port!, answer).close;
      } else {
        const origin = originOf(one.from, source);
        const key: ProbeKey = { map: "echo", id: 0 };
        end = () => origin.forget(key);
        const failed =
          one.protocol === "ICMP"
            ? origin.sendEcho(to, key, answer)
            : origin.sendInit(to, one.port!, key, answer);
        if (failed !== 0) {
          origin.forget(key);
          if (!STOPPED.has(failed))
            throw new SyscallError(`${one.protocol} probe to ${one.to.address}`, failed);
          answer("no-answer", errnoName(failed));
        }
      }
      if (results[index] === undefined) running.end = end;
      else end();
      waiting.push(running);
      return true;
    } catch (error) {
      open--;
      const busy = error instanceof SyscallError && [EMFILE, EAGAIN, ENOBUFS].includes(error.errno);
      if (!busy || open === 0) throw error;
      return false;
    }
  }

  function originOf(from: string, source: Source): RawOrigin {
    const key = `${source.address.family} ${from}`;
    let origin = origins.get(key);
    if (origin === undefined) {
      origin = openRawOrigin(reactor, servers, source.namespace, source.address);
      origins.set(key, origin);
    }
    return origin;
  }

  function giveUp(): void {
    const now = performance.now();
    const late = (running: Running): boolean =>
      now - running.started >= timeoutMs && tick - running.startedTick >= LOOKS;
    if (waiting[0] !== undefined && !late(waiting[0]) && results[waiting[0].index] === undefined) return;
    // An answer that is in a socket already counts, and so does one that a server here has yet to send.
    for (let turns = 0; turns < 1000 && reactor.turn() > 0; turns++);
    for (const running of waiting) if (late(running)) finish(running, "no-answer", "timeout");
    waiting = waiting.filter((running) => results[running.index] === undefined);
  }

  const tickMs = Math.max(2, timeoutMs / LOOKS);
  let nextTick = performance.now() + tickMs;
  try {
    while (done < probes.length) {
      signal?.throwIfAborted();
      let sent = 0;
      while (launched < probes.length && open < concurrency && sent < SLICE && launch(launched)) {
        launched++;
        sent++;
      }
      reactor.turn();
      if (performance.now() >= nextTick) {
        tick++;
        nextTick = performance.now() + tickMs;
        giveUp();
        onProgress?.(done, probes.length);
      }
      if (done === probes.length) break;
      const room = launched < probes.length && open < concurrency && sent > 0;
      await new Promise<void>((resolve) => {
        if (room) {
          setImmediate(resolve);
          return;
        }
        const timer = setTimeout(resolve, Math.max(0, nextTick - performance.now()));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wake = undefined;
    }
  } finally {
    for (const running of waiting) running.end?.();
    for (const origin of origins.values()) origin.close();
  }
  onProgress?.(done, probes.length);
  return results;
}

interface Source {
  readonly namespace: NonNullable<ReturnType<LabNetwork["endpoint"]>>["namespace"];
  readonly address: Address;
}

function sourceOf(network: LabNetwork, { from, family, protocol, port, to }: Probe): Source {
  const endpoint = network.endpoint(from);
  if (endpoint === undefined) throw new Error(`the lab has no pod, node or external host "${from}"`);
  const address = addressOfFamily(endpoint, family);
  if (address === undefined) throw new Error(`${from} has no IPv${family} address to probe from`);
  if (addressOf(to.address).family !== family) {
    throw new Error(`probe from ${from}: ${to.address} is not an IPv${family} address`);
  }
  if (protocol !== "ICMP" && !(port !== undefined && port >= 1 && port <= 65535)) {
    throw new Error(`probe from ${from} to ${to.address}: ${protocol} needs a port of 1-65535`);
  }
  return { namespace: endpoint.namespace, address };
}
