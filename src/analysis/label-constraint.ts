import type { LabelSelectorRequirement, Labels } from "../k8s/objects.ts";

/** All that a list of requirements says of one label. */
export interface LabelConstraint {
  /** True if the label has to be there. */
  readonly present: boolean;
  /** True if it must not be there. */
  readonly absent: boolean;
  /** The values that are left; undefined if any will do but those of `not`. */
  readonly oneOf: ReadonlySet<string> | undefined;
  readonly not: ReadonlySet<string>;
}

/** What requirements say, by key. Undefined if no labels could meet them all. */
export type LabelConstraints = ReadonlyMap<string, LabelConstraint>;

const FREE: LabelConstraint = { present: false, absent: false, oneOf: undefined, not: new Set() };

/** Puts requirements together. Undefined if they contradict each other, so that nothing can meet them. */
export function constraintsOf(
  requirements: readonly LabelSelectorRequirement[],
): LabelConstraints | undefined {
  const constraints = new Map<string, LabelConstraint>();
  for (const requirement of requirements) {
    const known = constraints.get(requirement.key) ?? FREE;
    const next = narrowed(known, requirement);
    if (next.present && (next.absent || next.oneOf?.size === 0)) return undefined;
    constraints.set(requirement.key, next);
  }
  return constraints;
}

function narrowed(known: LabelConstraint, { operator, values }: LabelSelectorRequirement): LabelConstraint {
  switch (operator) {
    case "In": {
      const left = [...new Set(values ?? [])].filter(
        (value) => !known.not.has(value) && (known.oneOf === undefined || known.oneOf.has(value)),
      );
      return { ...known, present: true, oneOf: new Set(left) };
    }
    case "NotIn": {
      const not = new Set([...known.not, ...(values ?? [])]);
      if (known.oneOf === undefined) return { ...known, not };
      return { ...known, not, oneOf: new Set([...known.oneOf].filter((value) => !not.has(value))) };
    }
    case "Exists":
      return { ...known, present: true };
    case "DoesNotExist":
      return { ...known, absent: true };
  }
}

/** True if whatever meets the constraints meets the requirement too. */
export function entails(constraints: LabelConstraints, requirement: LabelSelectorRequirement): boolean {
  const { present, absent, oneOf, not } = constraints.get(requirement.key) ?? FREE;
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case "In":
      return present && oneOf !== undefined && areAmong(oneOf, values);
    case "NotIn":
      return (
        absent ||
        (oneOf !== undefined && present && !values.some((value) => oneOf.has(value))) ||
        values.every((value) => not.has(value))
      );
    case "Exists":
      return present;
    case "DoesNotExist":
      return absent;
  }
}

function areAmong(some: ReadonlySet<string>, values: readonly string[]): boolean {
  for (const value of some) if (!values.includes(value)) return false;
  return true;
}

/** Labels that meet the constraints, as few as can be: a label that only must not be something is left out. */
export function exampleLabels(constraints: LabelConstraints): Labels {
  const labels: Record<string, string> = {};
  for (const [key, { present, oneOf, not }] of constraints) {
    if (!present) continue;
    labels[key] = oneOf === undefined ? otherThan(not) : [...oneOf][0]!;
  }
  return labels;
}

/** A label value, or an object's name, that is none of those taken. */
export function otherThan(taken: { has(value: string): boolean }, wanted = "any"): string {
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted}-${number}`)) number++;
  return `${wanted}-${number}`;
}
