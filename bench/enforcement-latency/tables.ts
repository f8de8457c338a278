import type { ChangeGoal } from "../enforcement/goals.ts";
import { changeMeets } from "../enforcement/goals.ts";
import { formatNumber, formatQuantity } from "../format.ts";
import type { Table } from "../tables.ts";
import { type Delay, LATENCY_CHANGES, type LatencyPiece, type LatencyRow } from "./latency-result.ts";

/** From the write to the packet, for every kind of change. */
export const LATENCY_GOAL: Required<ChangeGoal> = { median: 60, p99: 250 };

/** One row for each kind of change: from the write to the first packet that obeys, and of that from the answer. */
export function latencyTable({ rows, hasGoal }: LatencyPiece): Table {
  return {
    head: [
      "from the write to the first packet that obeys",
      "median",
      "p90",
      "p99",
      "max",
      "from the answer",
      "p99",
      "samples",
      "goal",
      "",
    ],
    rows: rows.map((row) => latencyRow(row, hasGoal)),
  };
}

function latencyRow({ change, fromWrite, fromAnswer }: LatencyRow, hasGoal: boolean): string[] {
  return [
    LATENCY_CHANGES[change],
    millis(fromWrite.median),
    millis(fromWrite.p90),
    p99(fromWrite),
    millis(fromWrite.max),
    millis(fromAnswer.median),
    p99(fromAnswer),
    String(fromWrite.samples),
    hasGoal ? `< ${millis(LATENCY_GOAL.median)}, p99 < ${millis(LATENCY_GOAL.p99)}` : "",
    hasGoal ? (changeMeets(LATENCY_GOAL, fromWrite) ? "pass" : "FAIL") : "",
  ];
}

/** Where the time goes: the medians, and the p99, of each part. */
export function breakdownTable({ rows }: LatencyPiece): Table {
  const parts = ["writeToAnswer", "writeToSeen", "seenToPacket"] as const;
  return {
    head: [
      "where the time goes, median (p99)",
      "write to answer",
      "write to seen by the agent",
      "seen to packet",
    ],
    rows: rows.map((row) => [
      LATENCY_CHANGES[row.change],
      ...parts.map((part) => {
        const high = p99(row[part]);
        return `${millis(row[part].median)}${high === "" ? "" : ` (${high})`}`;
      }),
    ]),
  };
}

function p99({ p99: value }: Delay): string {
  return value === undefined ? "" : millis(value);
}

function millis(value: number): string {
  return formatQuantity(value, "ms");
}

/** `5,000 pods, 1,000 policies, ...`. */
export function clusterText({
  sizes: { pods, policies, namespaces, nodes },
}: Pick<LatencyPiece, "sizes">): string {
  return `${formatNumber(pods)} pods, ${formatNumber(policies)} policies, ${formatNumber(namespaces)} namespaces, ${formatNumber(nodes)} nodes`;
}
