import type { Goal } from "../goals.ts";
import type { Measure } from "../result.ts";
import type { ChangeName } from "./change-result.ts";
import type { PacketComparison, QuantityName } from "./packet-result.ts";

/** Goals for ratios beside a table that only tracks connections: of rates above, of latencies below. */
const BESIDE_TRACKING: Partial<Record<QuantityName, Goal>> = {
  connections: { value: 0.95, better: "above" },
  perBusySecond: { value: 0.95, better: "above" },
  latency99: { value: 1.1, better: "below" },
  bulk1: { value: 0.97, better: "above" },
  bulk4: { value: 0.97, better: "above" },
};

/** The goal of a ratio. What is there to show how exact the benchmark is has none. */
export function ratioGoal({ rules, beside, quantity }: PacketComparison): Goal | undefined {
  if (rules !== "few" && rules !== "many") return undefined;
  if (beside === "tracking") return BESIDE_TRACKING[quantity];
  // The same with 10 policies or with 10,000.
  return /^(connections|perBusySecond)$/.test(quantity) ? { value: 0.95, better: "above" } : undefined;
}

/**
 * By the median, as all goals. With a question mark where the interval holds the goal: then more rounds, or a quieter
 * machine, may say otherwise.
 */
export function ratioVerdict({ value, better }: Goal, { ratio }: PacketComparison): string {
  const meets = better === "above" ? ratio.median >= value : ratio.median <= value;
  const isSure = value < ratio.low || value > ratio.high;
  return `${meets ? "pass" : "FAIL"}${isSure ? "" : "?"}`;
}

/** Goals of changes, in the unit of the measure. */
export interface ChangeGoal {
  readonly median: number;
  readonly p99?: number;
}

const CHANGES: Partial<Record<ChangeName, ChangeGoal>> = {
  remotePodComes: { median: 10, p99: 30 },
  remotePodGoes: { median: 10, p99: 30 },
  tenPods: { median: 20 },
  burst: { median: 1000 },
  coldStart: { median: 4000 },
  coldPeak: { median: 500 },
};

export function changeGoal(name: ChangeName): ChangeGoal | undefined {
  return CHANGES[name];
}

export function changeMeets(goal: ChangeGoal, { median, p99, max }: Measure): boolean {
  return median < goal.median && (goal.p99 === undefined || (p99 ?? max) < goal.p99);
}
