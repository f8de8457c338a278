import type { ClusterPod } from "../../../../cluster/cluster.ts";
import type { Rule } from "../../../../policy/policy.ts";
import type { PolicyRule } from "./cover.ts";

/** Finds the rules of which some peer chooses a pod, in their order; of few rules, all, as looking at them is as fast. */
export type RulesChoosing = (pod: ClusterPod) => readonly PolicyRule[];

/** The pods that each peer of a rule chooses; nothing of rules for everyone. Equal selections share a set. */
export type SetsOfRule = (rule: Rule) => readonly ReadonlySet<ClusterPod>[];

/** So few rules are given as they are. */
export const FEW = 256;

/** So many places of rules are kept in all: where pods are alike only in part, there may be very many. */
const MOST_KEPT = 1_000_000;

/** Rules to be looked up by pod. */
export function rulesChoosing(rules: readonly PolicyRule[], setsOf: SetsOfRule): RulesChoosing {
  if (rules.length <= FEW) return () => rules;
  let bySet: [ReadonlySet<ClusterPod>, number[]][] | undefined;
  const everyone: number[] = [];
  const known = new Map<ClusterPod, readonly PolicyRule[]>();
  /** By the sets that a pod is in: many are in the same. */
  const bySets = new Map<string, readonly PolicyRule[]>();
  let kept = 0;
  return (pod) => {
    const before = known.get(pod);
    if (before !== undefined) return before;
    bySet ??= placesBySet(rules, setsOf, everyone);
    const around = bySet.flatMap(([set], number) => (set.has(pod) ? [number] : []));
    const key = around.join();
    let found = bySets.get(key);
    if (found === undefined) {
      const places = new Set(everyone);
      for (const number of around) for (const place of bySet[number]![1]) places.add(place);
      found = [...places].sort((a, b) => a - b).map((place) => rules[place]!);
      if (kept + found.length > MOST_KEPT) return found;
      kept += found.length;
      bySets.set(key, found);
    }
    known.set(pod, found);
    return found;
  };
}

/** True if some peer of the rule chooses the pod. */
export function choosesPod(rule: Rule, pod: ClusterPod, setsOf: SetsOfRule): boolean {
  if (rule.peers === "everyone") return true;
  for (const set of setsOf(rule)) if (set.has(pod)) return true;
  return false;
}

function placesBySet(
  rules: readonly PolicyRule[],
  setsOf: SetsOfRule,
  everyone: number[],
): [ReadonlySet<ClusterPod>, number[]][] {
  const bySet = new Map<ReadonlySet<ClusterPod>, number[]>();
  for (const [place, { rule }] of rules.entries()) {
    if (rule.peers === "everyone") everyone.push(place);
    for (const set of setsOf(rule)) {
      const places = bySet.get(set);
      if (places === undefined) bySet.set(set, [place]);
      else if (places.at(-1) !== place) places.push(place);
    }
  }
  return [...bySet];
}
