import type { Labels, RawRequirement, RawSelector } from "./raw.ts";

/**
 * Whether a label selector that is present matches the labels (apimachinery `LabelSelector`).
 * All of its requirements must hold; one without requirements matches everything. What an absent selector means
 * is its field's affair, so the caller decides that.
 * @throws Error on an operator or a `values` list that the API server refuses.
 */
export function selectorMatches(selector: RawSelector, labels: Labels): boolean {
  const matchLabels = Object.entries(selector.matchLabels ?? {});
  const expressions = selector.matchExpressions ?? [];
  return (
    matchLabels.every(([key, value]) => hasLabel(labels, key) && labels[key] === value) &&
    expressions.every((requirement) => requirementMatches(requirement, labels))
  );
}

function requirementMatches(requirement: RawRequirement, labels: Labels): boolean {
  const { key, operator } = requirement;
  const values = requirement.values ?? [];
  const wantsValues = operator === "In" || operator === "NotIn";
  if (wantsValues !== values.length > 0) {
    throw new Error(`${operator} on "${key}" has ${values.length} values; the API server refuses that`);
  }
  const present = hasLabel(labels, key);
  switch (operator) {
    case "In":
      return present && values.includes(labels[key]!);
    case "NotIn":
      return !present || !values.includes(labels[key]!);
    case "Exists":
      return present;
    case "DoesNotExist":
      return !present;
    default:
      throw new Error(`unknown selector operator "${operator}" on "${key}"; the API server refuses that`);
  }
}

function hasLabel(labels: Labels, key: string): boolean {
  return Object.hasOwn(labels, key);
}
