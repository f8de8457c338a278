import type { End } from "../../engine/end.ts";
import type { Engine } from "../../engine/engine.ts";
import { createBudget } from "./budget.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import type { FlowLogEvent, FlowReason, FlowVerdict } from "./event.ts";
import { flowClass } from "./flow-class.ts";
import { flowEvent, nameEnds } from "./flow-event.ts";
import { flowReason } from "./flow-reason.ts";
import { type LoggedPacket, type LoggedVerdict, readPrefix } from "./logged-packet.ts";
import { type IpPacket, parsePacket } from "./packet.ts";
import { createUnseenPackets } from "./unseen.ts";

export interface FlowLogOptions {
  /** The engine as it is now; asked anew for every packet. */
  readonly engine: () => Engine;
  /**
   * The engine without the policies in audit mode, undefined while there are none: it knows why a packet is denied in
   * earnest. It must have taken in every change that `engine` has.
   */
  readonly unaudited?: () => Engine | undefined;
  /** The node whose kernel logs. */
  readonly node: string;
  readonly onEvent: (event: FlowLogEvent) => void;
  /** What `deniedPackets` failed with. The log goes on and reads again a second later. */
  readonly onError: (error: unknown) => void;
  /**
   * How many packets the kernel has denied, logged or not: see `deniedPackets` of denied-packets.ts. Read once at the
   * beginning and once a second while packets come. Without it, only those that were logged can be counted.
   */
  readonly deniedPackets?: () => Promise<number>;
  /** The verdict of the packets that it counts: `audited` on a node that denies nothing. Default: `denied`. */
  readonly countedVerdict?: FlowVerdict;
  readonly clock?: Clock;
  /** Flow classes that are remembered at a time. Default: 1,000. */
  readonly mostFlows?: number;
  /** Flow events a second; half of them are kept for classes that are new. Default: 50. */
  readonly eventsPerSecond?: number;
  /** Milliseconds a second in which events may be explained; then none are made until the next. Default: 100. */
  readonly explainMillis?: number;
}

/**
 * From logged packets to events with names and a reason. It promises:
 * 1. The first packet of a flow class is told at once, further ones at most once a second, as a count.
 * 2. Memory and time are bounded by the options, however many packets and classes there are.
 * 3. No packet is lost in silence: flow events tell of 1 + `repeated` packets each, `suppressed` events of the others.
 * 4. While no packets come, nothing runs.
 */
export interface FlowLog {
  /** Takes a packet; one that another program logs into the group is left alone. Throws only what `onEvent` throws. */
  take(packet: LoggedPacket): void;
  /** Resolves when the kernel's count was read the first time: what it denies from then on is accounted for. */
  readonly ready: Promise<void>;
  /** Tells how many packets were not told of yet, and stops. */
  close(): Promise<void>;
}

/** What is remembered of a flow class. */
interface Flow {
  readonly logged: LoggedVerdict;
  /** The last packet, and when it came, for people. */
  packet: IpPacket;
  date: number;
  /** Packets that no event tells of yet. */
  untold: number;
  /** When the last event was made. */
  told: number;
  reason?: KnownReason;
}

/** A reason, and what it was found for. */
interface KnownReason {
  readonly reason: FlowReason;
  readonly generation: number;
  readonly from: End;
  readonly to: End;
}

const SECOND = 1000;

export function createFlowLog({
  engine: engineNow,
  unaudited = () => undefined,
  node,
  onEvent,
  onError,
  deniedPackets,
  countedVerdict = "denied",
  clock = SYSTEM_CLOCK,
  mostFlows = 1000,
  eventsPerSecond = 50,
  explainMillis = 100,
}: FlowLogOptions): FlowLog {
  /** The one that was used last comes last. */
  const flows = new Map<string, Flow>();
  const waiting = new Set<Flow>();
  const budget = createBudget(eventsPerSecond, explainMillis);
  const unseen = createUnseenPackets();
  let lastEngine: Engine | undefined;
  let suppressed = 0;
  let reportedAt = clock.now();
  let cancelTick: (() => void) | undefined;
  let quietTicks = 0;
  let reading: Promise<void> | undefined;
  let isClosed = false;

  const currentEngine = (): Engine => {
    const engine = engineNow();
    if (engine !== lastEngine) {
      // Generations of another engine say nothing about this one.
      for (const flow of flows.values()) delete flow.reason;
      lastEngine = engine;
    }
    return engine;
  };

  const reasonOf = (flow: Flow, engine: Engine, from: End, to: End): FlowReason => {
    const { generation } = engine;
    const known = flow.reason;
    if (known?.generation === generation && isSame(known.from, from) && isSame(known.to, to)) {
      return known.reason;
    }
    const started = clock.now();
    const judge = flow.logged.verdict === "denied" ? (unaudited() ?? engine) : engine;
    const reason = flowReason(judge, flow.logged, flow.packet, from, to);
    budget.spent(clock.now() - started);
    flow.reason = { reason, generation, from, to };
    return reason;
  };

  const tell = (flow: Flow, engine: Engine): void => {
    const { logged, packet, date, untold } = flow;
    const ends = nameEnds(engine.addresses, packet);
    const reason = reasonOf(flow, engine, ends.source.asked, ends.destination.asked);
    flow.untold = 0;
    flow.told = clock.now();
    waiting.delete(flow);
    onEvent(flowEvent(packet, { node, logged, date, repeated: untold - 1, ends, reason }));
  };

  const remember = (key: string, flow: Flow): void => {
    flows.set(key, flow);
    if (flows.size <= mostFlows) return;
    const [oldest, forgotten] = flows.entries().next().value!;
    flows.delete(oldest);
    waiting.delete(forgotten);
    suppressed += forgotten.untold;
  };

  const reportSuppressed = (count: number): void => {
    const now = clock.now();
    if (count > 0) {
      suppressed = 0;
      const seconds = Math.max(0.001, Math.round(now - reportedAt) / 1000);
      const time = new Date(clock.date()).toISOString();
      onEvent({ kind: "suppressed", time, node, count, seconds, cause: "limits" });
    }
    reportedAt = now;
  };

  /** Reads the kernel's count, if there is one to read and nobody is at it already. */
  const readCount = (): Promise<void> => {
    if (deniedPackets === undefined) return Promise.resolve();
    reading ??= deniedPackets()
      .then(unseen.counted, onError)
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };

  const tick = (): void => {
    cancelTick = undefined;
    quietTicks++;
    const now = clock.now();
    for (const flow of waiting) {
      if (now - flow.told < SECOND) continue;
      if (!budget.takeRepeated(now)) break;
      tell(flow, currentEngine());
    }
    if (deniedPackets === undefined) reportSuppressed(suppressed);
    else
      void readCount().then(() => {
        if (!isClosed) reportSuppressed(suppressed + unseen.take());
      });
    // What was denied last is counted in one tick and told in the one after it.
    if (waiting.size > 0 || quietTicks < (deniedPackets === undefined ? 2 : 3)) wake();
  };

  const wake = (): void => {
    if (!isClosed) cancelTick ??= clock.after(SECOND, tick);
  };

  return {
    ready: readCount(),
    take(taken) {
      const logged = readPrefix(taken.prefix);
      if (logged === undefined || isClosed) return;
      // A silence is not the time in which the packets were suppressed that come after it.
      if (cancelTick === undefined) reportedAt = clock.now();
      quietTicks = 0;
      wake();
      if (logged.verdict === countedVerdict) unseen.saw();
      const packet = parsePacket(taken.payload);
      if (packet === undefined) {
        suppressed++;
        return;
      }
      const engine = currentEngine();
      const key = flowClass(engine.addresses, logged, packet);
      const now = clock.now();
      const known = flows.get(key);
      if (known === undefined) {
        if (!budget.takeFirst(now)) {
          suppressed++;
          return;
        }
        const flow: Flow = { logged, packet, date: clock.date(), untold: 1, told: now };
        remember(key, flow);
        tell(flow, engine);
        return;
      }
      flows.delete(key);
      flows.set(key, known);
      known.packet = packet;
      known.date = clock.date();
      known.untold++;
      if (now - known.told >= SECOND && budget.takeRepeated(now)) tell(known, engine);
      else waiting.add(known);
    },
    async close() {
      isClosed = true;
      cancelTick?.();
      await reading;
      await readCount();
      for (const flow of waiting) suppressed += flow.untold;
      reportSuppressed(suppressed + unseen.takeAll());
      flows.clear();
      waiting.clear();
    },
  };
}

function isSame(a: End, b: End): boolean {
  if (a.kind === "pod") return b.kind === "pod" && a.pod === b.pod;
  return b.kind === "address" && a.address.value === b.address.value;
}
