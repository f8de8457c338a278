import type { Unit } from "../result.ts";
import type { Comparison } from "./compare.ts";

/** What a node's kernel holds while packets go through it. */
export const RULES = {
  tracking: "a table that only tracks connections",
  control: "the same table once more (shows how exact the benchmark is)",
  few: "100,000 pods, 10 policies",
  many: "100,000 pods, 10,000 policies",
  linear: "2,000 rules one after the other (shows that the benchmark sees rules)",
} as const;

export type RulesName = keyof typeof RULES;

/** What is measured of packets, in the order in which it is shown. */
export const QUANTITIES: Readonly<Record<QuantityName, { readonly title: string; readonly unit: Unit }>> = {
  connections: { title: "new connections", unit: "conn/s" },
  perBusySecond: { title: "new connections a second of processor time", unit: "conn/s" },
  latency: { title: "new connection, median latency", unit: "us" },
  latency99: { title: "new connection, p99 latency", unit: "us" },
  bulk1: { title: "bulk, one stream", unit: "Gbit/s" },
  bulk1PerBusySecond: { title: "bulk, one stream, a second of processor time", unit: "Gbit/s" },
  bulk4: { title: "bulk, four streams", unit: "Gbit/s" },
  segments: { title: "bulk, one stream, each segment a packet", unit: "Gbit/s" },
  segmentsPerBusySecond: {
    title: "bulk, each segment a packet, a second of processor time",
    unit: "Gbit/s",
  },
};

export type QuantityName =
  | "connections"
  | "perBusySecond"
  | "latency"
  | "latency99"
  | "bulk1"
  | "bulk1PerBusySecond"
  | "bulk4"
  | "segments"
  | "segmentsPerBusySecond";

export interface PacketComparison extends Comparison {
  readonly quantity: QuantityName;
  readonly rules: RulesName;
  readonly beside: RulesName;
}
