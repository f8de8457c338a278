import { setTimeout as sleep } from "node:timers/promises";
import type { LabNetwork } from "../../../src/lab/network.ts";
import { type Arrivals, watchArrivals } from "../../kernel/no-open-moment/arrivals.ts";
import { type Flood, startFlood } from "../../kernel/no-open-moment/flood.ts";
import { isFloodPacket } from "../../kernel/no-open-moment/flood-packets.ts";

/** What became of the packets between two ends. */
export interface Count {
  readonly sent: number;
  readonly arrived: number;
}

/** New connections from one end to another, without an end, of UDP and TCP, in every family that both have. */
export interface Stream {
  readonly from: string;
  readonly to: string;
  /** Packets that arrived so far. */
  arrived(): number;
  /** Packets that were sent and have not arrived, at least: those that are newer may make up for some. */
  missing(): number;
  /** Resolves when so many packets more were sent. */
  sends(packets: number): Promise<void>;
  /** Ends it, and counts when all that is under way has arrived. */
  stop(): Promise<Count>;
}

export interface Traffic {
  /** `pauseMillis` is what is between four packets and the next. */
  start(from: string, to: string, pauseMillis?: number): Promise<Stream>;
  stopAll(): Promise<void>;
}

/** Packets are waited for until so many looks have seen no more of them. */
const SETTLE_LOOKS = 10;
const SETTLE_MILLIS = 20;

/** Packets that flow while other things happen. */
export function createTraffic(network: LabNetwork): Traffic {
  const watches = new Map<string, { readonly arrivals: Arrivals; users: number }>();
  const streams = new Set<Stream>();

  const watch = (at: string): Arrivals => {
    const found = watches.get(at) ?? { arrivals: watchArrivals(network, at, isFloodPacket), users: 0 };
    found.users++;
    watches.set(at, found);
    return found.arrivals;
  };
  const unwatch = (at: string): void => {
    const found = watches.get(at)!;
    if (--found.users > 0) return;
    found.arrivals.close();
    watches.delete(at);
  };

  return {
    async start(from, to, pauseMillis = 5) {
      const arrivals = watch(to);
      const before = arrivals.from(from);
      const flood: Flood = await startFlood(network, from, to, pauseMillis);
      const arrived = (): number => arrivals.from(from) - before;
      const stream: Stream = {
        from,
        to,
        arrived,
        missing: () => {
          // What is known of the sender is older than what has arrived.
          const { sent } = flood;
          return Math.max(0, sent - arrived());
        },
        sends: (packets) => flood.reaches(flood.sent + packets),
        async stop() {
          streams.delete(stream);
          const sent = await flood.stop();
          // None is lost on the way but by rules: they are there at once, or never.
          let before = -1;
          for (let looks = 0; looks < SETTLE_LOOKS && arrived() !== sent; looks++) {
            if (arrived() !== before) looks = 0;
            before = arrived();
            await sleep(SETTLE_MILLIS);
          }
          const count = { sent, arrived: arrived() };
          unwatch(to);
          return count;
        },
      };
      streams.add(stream);
      return stream;
    },
    async stopAll() {
      for (const stream of [...streams]) await stream.stop();
    },
  };
}
