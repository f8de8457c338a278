import type { Cluster } from "../../../../cluster/cluster.ts";
import type { LabelSelector, LabelSelectorRequirement, Labels } from "../../../../k8s/objects.ts";
import { requirementsOf, selectorMatches } from "../../../../k8s/selector.ts";

/** The labels that some objects wear, such as the pods of a namespace. */
export interface LabelUse {
  /** Of each object. */
  readonly list: readonly Labels[];
  /** By key: its values, and how many objects wear it. */
  readonly keys: ReadonlyMap<string, { readonly values: ReadonlySet<string>; readonly wearers: number }>;
}

export function labelUse(list: readonly Labels[]): LabelUse {
  const keys = new Map<string, { values: Set<string>; wearers: number }>();
  for (const labels of list) {
    for (const [key, value] of Object.entries(labels)) {
      const known = keys.get(key);
      if (known === undefined) keys.set(key, { values: new Set([value]), wearers: 1 });
      else {
        known.values.add(value);
        known.wearers++;
      }
    }
  }
  return { list, keys };
}

/** The labels of the pods of each namespace that policies see. Answers are kept: many selectors are about one namespace. */
export function podLabelUse({ pods }: Cluster): (namespace: string) => LabelUse {
  const lists = new Map<string, Labels[]>();
  for (const { hostNetwork, namespace, labels } of pods) {
    if (hostNetwork) continue;
    const list = lists.get(namespace);
    if (list === undefined) lists.set(namespace, [labels]);
    else list.push(labels);
  }
  const known = new Map<string, LabelUse>();
  return (namespace) => {
    let use = known.get(namespace);
    if (use === undefined) {
      use = labelUse(lists.get(namespace) ?? []);
      known.set(namespace, use);
    }
    return use;
  };
}

/** The requirements of a selector that none of the objects meets, each by itself. */
export function unmetRequirements(
  selector: LabelSelector,
  uses: readonly LabelUse[],
): LabelSelectorRequirement[] {
  return requirementsOf(selector).filter((requirement) => !uses.some((use) => isMet(requirement, use)));
}

/** True if one of the objects meets the requirement. */
function isMet({ key, operator, values = [] }: LabelSelectorRequirement, { keys, list }: LabelUse): boolean {
  const used = keys.get(key);
  switch (operator) {
    case "In":
      return used !== undefined && values.some((value) => used.values.has(value));
    case "NotIn":
      return (
        (used?.wearers ?? 0) < list.length ||
        (used !== undefined && [...used.values].some((value) => !values.includes(value)))
      );
    case "Exists":
      return used !== undefined;
    case "DoesNotExist":
      return (used?.wearers ?? 0) < list.length;
  }
}

/** True if the selector matches one of the objects. */
export function matchesSome(selector: LabelSelector, uses: readonly LabelUse[]): boolean {
  return uses.some((use) => use.list.some((labels) => selectorMatches(selector, labels)));
}
