import type { LabelSelector, LabelSelectorRequirement, Labels } from "./objects.ts";

/** The requirements of a selector in one list: each entry of matchLabels is an `In` with one value. */
export function requirementsOf(selector: LabelSelector): LabelSelectorRequirement[] {
  const requirements: LabelSelectorRequirement[] = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]) => ({ key, operator: "In", values: [value] }),
  );
  requirements.push(...(selector.matchExpressions ?? []));
  return requirements;
}

/** True if the labels meet one requirement. `NotIn` holds where the key is absent (meta/v1). */
export function meetsRequirement(requirement: LabelSelectorRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case "In":
      return value !== undefined && (requirement.values ?? []).includes(value);
    case "NotIn":
      return value === undefined || !(requirement.values ?? []).includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}

/** True if the labels meet every requirement; an empty selector selects everything. */
export function selectorMatches(selector: LabelSelector, labels: Labels): boolean {
  return requirementsOf(selector).every((requirement) => meetsRequirement(requirement, labels));
}

/** One text for all selectors that mean the same requirements, whatever their order. */
export function selectorKey(selector: LabelSelector): string {
  const parts: string[] = [];
  for (const key in selector.matchLabels) parts.push(`${key}=${selector.matchLabels[key]}`);
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const distinct = [...new Set(values ?? [])].sort();
    // Neither keys nor values can have any of the characters between them.
    parts.push(
      operator === "In" && distinct.length === 1
        ? `${key}=${distinct[0]}`
        : `${key} ${operator} ${distinct.join(",")}`,
    );
  }
  return parts.length > 1 ? parts.sort().join(";") : (parts[0] ?? "");
}

/** A selector as people write it on a command line: `server=api, tier notin (a, b), !old`. */
export function formatSelector(selector: LabelSelector): string {
  return requirementsOf(selector).map(formatRequirement).join(", ");
}

/** One requirement in the same form. */
export function formatRequirement(requirement: LabelSelectorRequirement): string {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case "In":
      return values.length === 1
        ? `${requirement.key}=${values[0]}`
        : `${requirement.key} in (${values.join(", ")})`;
    case "NotIn":
      return values.length === 1
        ? `${requirement.key}!=${values[0]}`
        : `${requirement.key} notin (${values.join(", ")})`;
    case "Exists":
      return `${requirement.key} (any value)`;
    case "DoesNotExist":
      return `no label ${requirement.key}`;
  }
}
