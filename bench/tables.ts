import { formatNumber, formatQuantity, formatSpread } from "./format.ts";
import { goalOf, meetsGoal } from "./goals.ts";
import { STATISTICS } from "./profiles/statistics.ts";
import { MEASURES, type Measure, type MeasureName, type ProfileResult } from "./result.ts";

/** A table as text cells; how it is drawn is decided elsewhere. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One row for each measured quantity of a profile. Goals are for the full size and left out of a quick run. */
export function measureTable(profile: ProfileResult, quick: boolean): Table {
  const rows = (Object.keys(MEASURES) as MeasureName[]).flatMap((name) => {
    const measure = profile.measures[name];
    return measure === undefined ? [] : [measureRow(profile.name, name, measure, quick)];
  });
  return { head: ["", "median", "spread", "p99", "samples", "goal", ""], rows };
}

function measureRow(profile: string, name: MeasureName, measure: Measure, quick: boolean): string[] {
  const goal = quick ? undefined : goalOf(profile, name);
  return [
    MEASURES[name],
    formatQuantity(measure.median, measure.unit),
    formatSpread(measure),
    measure.p99 === undefined ? "" : formatQuantity(measure.p99, measure.unit),
    String(measure.samples),
    goal === undefined
      ? ""
      : `${goal.better === "below" ? "<" : ">"} ${formatQuantity(goal.value, measure.unit)}`,
    goal === undefined ? "" : meetsGoal(goal, measure) ? "pass" : "FAIL",
  ];
}

/** The generated data beside the figures it was made to have. */
export function statisticsTable({ statistics, wanted }: ProfileResult): Table {
  const rows = (Object.keys(STATISTICS) as (keyof typeof STATISTICS)[]).flatMap((name) => {
    const value = statistics?.[name];
    if (value === undefined) return [];
    const aim = wanted[name];
    return [[STATISTICS[name], formatNumber(value), aim === undefined ? "" : formatNumber(aim)]];
  });
  return { head: ["generated data", "achieved", "wanted"], rows };
}
