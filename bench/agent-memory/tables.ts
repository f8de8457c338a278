import { formatNumber, formatQuantity } from "../format.ts";
import type { Table } from "../tables.ts";
import type { MemoryPiece, MemoryResult, Traffic } from "./memory-result.ts";

/** Of the agent's process, at 100,000 pods, in megabytes. */
const GOAL = { pods: 100_000, megabytes: 300 };

/** One row for each agent. Goals are left out where the cluster is another one. */
export function memoryTable({ runs }: MemoryResult): Table {
  return {
    head: [
      "pods",
      "started",
      "ready after",
      "at ready",
      "later",
      "after changes",
      "peak",
      "V8's heap",
      "goal",
      "",
    ],
    rows: runs.map(memoryRow),
  };
}

function memoryRow({ sizes, run }: MemoryPiece): string[] {
  const hasGoal = sizes.pods === GOAL.pods;
  const lasting = Math.max(run.settled.now, run.changed.now);
  return [
    formatNumber(sizes.pods),
    run.variant,
    formatQuantity(run.readyMillis, "ms"),
    megabytes(run.ready.now),
    megabytes(run.settled.now),
    megabytes(run.changed.now),
    megabytes(run.changed.peak),
    megabytes(run.heapUsed),
    hasGoal ? `< ${megabytes(GOAL.megabytes)}` : "",
    hasGoal ? (lasting < GOAL.megabytes ? "pass" : "FAIL") : "",
  ];
}

/** What agents ask of the API server, where that was measured. */
export function trafficTable({ runs }: MemoryResult): Table {
  return {
    head: ["pods", "", "requests", "received", "sent"],
    rows: runs.flatMap(({ sizes, run }) => {
      if (run.perIdleHour === undefined) return [];
      const row = (what: string, traffic: Traffic): string[] => [
        formatNumber(sizes.pods),
        what,
        formatNumber(Math.round(traffic.requests)),
        megabytes(traffic.receivedBytes / 1e6),
        megabytes(traffic.sentBytes / 1e6),
      ];
      return [
        row("start", run.start),
        row("an hour without changes", run.perIdleHour),
        row(`${formatNumber(run.changes)} changes of pods`, run.perChanges),
      ];
    }),
  };
}

function megabytes(value: number): string {
  return formatQuantity(value, "MB");
}
