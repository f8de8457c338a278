import { formatNumber, formatQuantity, formatSpread } from "../format.ts";
import type { Measure } from "../result.ts";
import type { Table } from "../tables.ts";
import { CHANGE_TITLES, type ChangeName } from "./change-result.ts";
import type { EnforcementResult } from "./enforcement-result.ts";
import { changeGoal, changeMeets, ratioGoal, ratioVerdict } from "./goals.ts";
import { type PacketComparison, QUANTITIES, type RulesName } from "./packet-result.ts";

/** How the rules are called in a row. */
const SHORT: Readonly<Record<RulesName, string>> = {
  tracking: "tracking only",
  control: "tracking only, again",
  few: "10 policies",
  many: "10,000 policies",
  linear: "2,000 linear rules",
};

/** One row for each comparison. Goals are for the full size and left out of a quick run. */
export function packetTable({ packets }: EnforcementResult, quick: boolean): Table {
  return {
    head: ["", "rules", "beside", "", "", "ratio", "95 % interval", "rounds", "goal", ""],
    rows: packets.map((row) => packetRow(row, quick)),
  };
}

function packetRow(row: PacketComparison, quick: boolean): string[] {
  const { ours, theirs, ratio } = row;
  const goal = quick ? undefined : ratioGoal(row);
  return [
    QUANTITIES[row.quantity].title,
    SHORT[row.rules],
    SHORT[row.beside],
    formatQuantity(ours.median, ours.unit),
    formatQuantity(theirs.median, theirs.unit),
    ratio.median.toFixed(3),
    `${ratio.low.toFixed(3)} - ${ratio.high.toFixed(3)}`,
    String(ours.samples),
    goal === undefined ? "" : `${goal.better === "above" ? ">=" : "<="} ${formatNumber(goal.value)}`,
    goal === undefined ? "" : ratioVerdict(goal, row),
  ];
}

/** One row for each kind of change. */
export function changeTable({ changes }: EnforcementResult, quick: boolean): Table {
  const rows = (Object.keys(CHANGE_TITLES) as ChangeName[]).flatMap((name) => {
    const measure = changes[name];
    return measure === undefined ? [] : [changeRow(name, measure, quick)];
  });
  return { head: ["", "median", "spread", "p99", "samples", "goal", ""], rows };
}

function changeRow(name: ChangeName, measure: Measure, quick: boolean): string[] {
  const { unit } = measure;
  const goal = quick ? undefined : changeGoal(name);
  const words = goal === undefined ? [] : [`< ${formatQuantity(goal.median, unit)}`];
  if (goal?.p99 !== undefined) words.push(`p99 < ${formatQuantity(goal.p99, unit)}`);
  return [
    CHANGE_TITLES[name],
    formatQuantity(measure.median, unit),
    formatSpread(measure),
    measure.p99 === undefined ? "" : formatQuantity(measure.p99, unit),
    String(measure.samples),
    words.join(", "),
    goal === undefined ? "" : changeMeets(goal, measure) ? "pass" : "FAIL",
  ];
}
