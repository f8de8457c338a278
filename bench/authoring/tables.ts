import { formatNumber, formatQuantity, formatSpread } from "../format.ts";
import type { Table } from "../tables.ts";
import { type AuthoringResult, COMMANDS, type CommandName } from "./authoring-result.ts";

/** Milliseconds that the median must stay below. */
const GOALS: Partial<Record<CommandName, number>> = { check: 5000, diff: 4000 };

/** One row for each command. Goals are for the full size and left out of a quick run. */
export function authoringTable({ commands }: AuthoringResult, quick: boolean): Table {
  return {
    head: ["", "median", "spread", "beside reading alone", "samples", "goal", ""],
    rows: (Object.keys(COMMANDS) as CommandName[]).flatMap((name) => {
      const result = commands[name];
      if (result === undefined) return [];
      const goal = quick ? undefined : GOALS[name];
      return [
        [
          COMMANDS[name],
          formatQuantity(result.time.median, "ms"),
          formatSpread(result.time),
          name === "read" ? "" : `${formatNumber(result.toRead)} times`,
          String(result.time.samples),
          goal === undefined ? "" : `< ${formatQuantity(goal, "ms")}`,
          goal === undefined ? "" : result.time.median < goal ? "pass" : "FAIL",
        ],
      ];
    }),
  };
}

/** What the commands are given, as words. */
export function authoringText({ pods, policies, megabytes, changedPolicies }: AuthoringResult): string {
  return (
    `${formatNumber(pods)} pods, ${formatNumber(policies)} policies, ${formatNumber(megabytes)} MB of manifests; ` +
    `${formatNumber(changedPolicies)} policies differ in the other cluster`
  );
}
