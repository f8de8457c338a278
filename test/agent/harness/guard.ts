import assert from "node:assert/strict";
import type { LabNetwork } from "../../../src/lab/network.ts";
import { FLOWING, type HeldConnections, holdConnections } from "./held.ts";
import type { Stream, Traffic } from "./traffic.ts";

export type Pair = readonly [from: string, to: string];

/** What may never pass, and what always must, whatever else happens. */
export interface GuardedPairs {
  readonly never: readonly Pair[];
  readonly always: readonly Pair[];
}

/** Packets that flow between guarded pairs. */
export interface Guard {
  /** Throws if anything was wrong up to now: lets more packets go first, so that the present is tried as well. */
  check(): Promise<void>;
  /**
   * While something is done that lets packets pass for a while, as nobody can prevent. Gives how many that may never pass
   * have arrived meanwhile; these are not held against anybody later. `concerns` says of which pairs that is to be
   * expected; of all if left out.
   */
  except(act: () => Promise<void>, concerns?: (pair: Pair) => boolean): Promise<number>;
  /** Packets up to now that may never pass and have, but for those that were excepted. */
  leaked(): number;
  /** Packets that must pass and are missing at the moment, at least, by pair; pairs without any are left out. */
  missing(): Readonly<Record<string, number>>;
  /**
   * Begins anew with the new connections of pairs that must pass; held ones stay. Gives how many of their packets have
   * been lost since the last time, which are not held against anybody later.
   */
  renew(concerns: (pair: Pair) => boolean): Promise<number>;
  /** As `check`, and counts: of what must pass, not one packet has been lost. Gives the packets sent of both. */
  finish(): Promise<{ readonly never: number; readonly always: number }>;
}

/** Between four packets of a pair and the next, in milliseconds. */
const NEVER_PAUSE = 4;
const ALWAYS_PAUSE = 40;
const PACKETS_A_CHECK = 40;

/** Starts streams of new connections, and holds open ones where they must pass. The rules must be in force. */
export async function startGuard(network: LabNetwork, traffic: Traffic, pairs: GuardedPairs): Promise<Guard> {
  const never: Stream[] = [];
  const always: Stream[] = [];
  const held = new Map<string, HeldConnections>();
  for (const [from, to] of pairs.never) never.push(await traffic.start(from, to, NEVER_PAUSE));
  for (const [from, to] of pairs.always) {
    held.set(`${from} -> ${to}`, await holdConnections(network, from, to));
    always.push(await traffic.start(from, to, ALWAYS_PAUSE));
  }
  /** Packets that must pass, of streams that were renewed. */
  let sentBefore = 0;
  const excepted = new Map(never.map((stream) => [stream, 0]));
  const leaked = (stream: Stream, arrived: number = stream.arrived()): number =>
    arrived - excepted.get(stream)!;
  const leaks = (): Record<string, number> =>
    Object.fromEntries(never.map((stream) => [`${stream.from} -> ${stream.to}`, leaked(stream)]));
  const none = Object.fromEntries(never.map(({ from, to }) => [`${from} -> ${to}`, 0]));
  const check = async (): Promise<void> => {
    await Promise.all(never.map((stream) => stream.sends(PACKETS_A_CHECK)));
    assert.deepEqual(leaks(), none, "packets that may never pass have arrived");
    for (const [pair, connections] of held) {
      assert.deepEqual(await connections.look(), FLOWING, `connections that must stay: ${pair}`);
    }
  };
  return {
    check,
    async except(act, concerns = () => true) {
      await check();
      await act();
      let total = 0;
      for (const stream of never.filter(({ from, to }) => concerns([from, to]))) {
        const count = leaked(stream);
        total += count;
        excepted.set(stream, excepted.get(stream)! + count);
      }
      return total;
    },
    missing: () =>
      Object.fromEntries(
        always.flatMap((stream) => {
          const missing = stream.missing();
          return missing === 0 ? [] : [[`${stream.from} -> ${stream.to}`, missing]];
        }),
      ),
    leaked: () => never.reduce((total, stream) => total + leaked(stream), 0),
    async renew(concerns) {
      const concerned = always.filter(({ from, to }) => concerns([from, to]));
      const counts = await Promise.all(concerned.map((stream) => stream.stop()));
      await Promise.all(
        concerned.map(async (stream) => {
          const { from, to } = stream;
          always[always.indexOf(stream)] = await traffic.start(from, to, ALWAYS_PAUSE);
        }),
      );
      sentBefore += counts.reduce((total, { sent }) => total + sent, 0);
      return counts.reduce((total, { sent, arrived }) => total + sent - arrived, 0);
    },
    async finish() {
      await check();
      for (const connections of held.values()) connections.close();
      const denied = await Promise.all(never.map((stream) => stream.stop()));
      for (const [i, { arrived }] of denied.entries()) {
        assert.equal(leaked(never[i]!, arrived), 0, "packets that may never pass have arrived");
      }
      const allowed = await Promise.all(always.map((stream) => stream.stop()));
      for (const [i, { sent, arrived }] of allowed.entries()) {
        assert.equal(arrived, sent, `packets that must pass, ${pairs.always[i]!.join(" -> ")}, were dropped`);
      }
      const sum = (counts: readonly { readonly sent: number }[]): number =>
        counts.reduce((total, { sent }) => total + sent, 0);
      return { never: sum(denied), always: sentBefore + sum(allowed) };
    },
  };
}
