import type { ClusterNamespace } from "../cluster/cluster.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../k8s/objects.ts";
import { requirementsOf, selectorKey, selectorMatches } from "../k8s/selector.ts";
import {
  addBit,
  type Bitset,
  emptyBitset,
  fullBitset,
  intersectInto,
  subtractInto,
  unionInto,
} from "../net/bitset.ts";
import type { NamespaceSelection, PodSelection } from "../policy/policy.ts";
import type { PodClass } from "./classes.ts";

/** Finds the classes that a selection matches, as a bitset over class indexes. Answers are remembered. */
export interface SelectorIndex {
  select(selection: PodSelection): Bitset;
}

/** Builds the inverted index: for each label key and value, and each namespace, the classes that have it. */
export function selectorIndex(
  classes: readonly PodClass[],
  namespaces: ReadonlyMap<string, ClusterNamespace>,
): SelectorIndex {
  const size = classes.length;
  const byNamespace = new Map<string, Bitset>();
  const byKey = new Map<string, Bitset>();
  const byValue = new Map<string, Map<string, Bitset>>();
  for (const podClass of classes) {
    addBit(entry(byNamespace, podClass.namespace, size), podClass.index);
    for (const [key, value] of Object.entries(podClass.labels)) {
      addBit(entry(byKey, key, size), podClass.index);
      const values = byValue.get(key) ?? new Map<string, Bitset>();
      byValue.set(key, values);
      addBit(entry(values, value, size), podClass.index);
    }
  }

  const having = (requirement: LabelSelectorRequirement): Bitset => {
    const result = emptyBitset(size);
    for (const value of requirement.values ?? []) {
      const matching = byValue.get(requirement.key)?.get(value);
      if (matching !== undefined) unionInto(result, matching);
    }
    return result;
  };
  const narrow = (result: Bitset, requirement: LabelSelectorRequirement): void => {
    switch (requirement.operator) {
      case "In":
        intersectInto(result, having(requirement));
        break;
      case "NotIn":
        subtractInto(result, having(requirement));
        break;
      case "Exists":
        intersectInto(result, byKey.get(requirement.key) ?? emptyBitset(size));
        break;
      case "DoesNotExist":
        subtractInto(result, byKey.get(requirement.key) ?? emptyBitset(size));
        break;
    }
  };

  const podAnswers = new Map<string, Bitset>();
  const selectPods = (selector: LabelSelector): Bitset => {
    const key = selectorKey(selector);
    let answer = podAnswers.get(key);
    if (answer === undefined) {
      answer = fullBitset(size);
      for (const requirement of requirementsOf(selector)) narrow(answer, requirement);
      podAnswers.set(key, answer);
    }
    return answer;
  };

  const namespaceAnswers = new Map<string, Bitset>();
  const selectNamespaces = (selection: NamespaceSelection): Bitset => {
    if (selection.kind === "name") return byNamespace.get(selection.name) ?? emptyBitset(size);
    const key = selectorKey(selection.selector);
    let answer = namespaceAnswers.get(key);
    if (answer === undefined) {
      answer = emptyBitset(size);
      for (const [name, members] of byNamespace) {
        const labels = namespaces.get(name)?.labels ?? {};
        if (selectorMatches(selection.selector, labels)) unionInto(answer, members);
      }
      namespaceAnswers.set(key, answer);
    }
    return answer;
  };

  return {
    select: (selection) => {
      const result = selectNamespaces(selection.namespaces).slice();
      intersectInto(result, selectPods(selection.pods));
      return result;
    },
  };
}

function entry(map: Map<string, Bitset>, key: string, size: number): Bitset {
  let set = map.get(key);
  if (set === undefined) {
    set = emptyBitset(size);
    map.set(key, set);
  }
  return set;
}
