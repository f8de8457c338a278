import type { Measure, MeasureName } from "./result.ts";

/** A figure to be reached: below it for times and memory, above it for rates. */
export interface Goal {
  readonly value: number;
  readonly better: "below" | "above";
}

/** Goals by profile, for its full size, in the units of the measures. They judge medians. */
const GOALS: Readonly<Record<string, Partial<Record<MeasureName, Goal>>>> = {
  a: {
    full: { value: 1000, better: "below" },
    peak: { value: 400, better: "below" },
    verdicts: { value: 5e6, better: "above" },
    podAddedKnown: { value: 20, better: "below" },
    policyChanged: { value: 5000, better: "below" },
  },
  b: {
    full: { value: 3000, better: "below" },
    peak: { value: 1500, better: "below" },
    verdicts: { value: 3e6, better: "above" },
    podAddedKnown: { value: 20, better: "below" },
    policyChanged: { value: 25_000, better: "below" },
  },
};

export function goalOf(profile: string, measure: MeasureName): Goal | undefined {
  return GOALS[profile]?.[measure];
}

export function meetsGoal(goal: Goal, { median }: Measure): boolean {
  return goal.better === "below" ? median < goal.value : median > goal.value;
}
