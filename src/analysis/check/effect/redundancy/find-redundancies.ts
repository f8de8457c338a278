import type { Policy, Rule } from "../../../../policy/policy.ts";
import type { CheckedNetworkPolicy } from "../../check.ts";
import { DIRECTIONS } from "../../network-policy-rules.ts";
import type { Covers, PolicyRule } from "../containment/cover.ts";
import { isolatedDirections, type NamespaceRules, namespaceRules, readRules } from "./namespace-rules.ts";
import { policyKey } from "./policy-key.ts";

/** A NetworkPolicy, or a rule of one, without which every verdict is the same. */
export interface Redundancy {
  readonly checked: CheckedNetworkPolicy;
  /** The rule; undefined for the policy as a whole. */
  readonly rule?: Rule;
  /** For any pod that could exist, or only for those that there are. */
  readonly holds: "always" | "today";
  /** The rules that allow what it allows. */
  readonly cover: readonly PolicyRule[];
  /** Of a whole policy: others that isolate its pods. */
  readonly isolating: readonly Policy[];
  /** The policy that says just the same. */
  readonly sameAs?: Policy;
}

/**
 * What is redundant among the NetworkPolicies of one namespace. Of two that make each other redundant, the later one is.
 * All that are so always can go at once; of those that are so today, each alone.
 *
 * Only policies of a namespace can stand in for each other, and no other tier is asked: a pod that is isolated as before,
 * and to which the same is accepted, is judged as before. A policy that is enforced does not count on one in audit mode.
 */
export function findRedundancies(
  group: readonly CheckedNetworkPolicy[],
  always: Covers,
  today: Covers,
): Redundancy[] {
  const gone = new Set<Policy | Rule>();
  const found: Redundancy[] = [];
  const take = (redundancy: Redundancy | undefined): void => {
    if (redundancy === undefined) return;
    gone.add(redundancy.rule ?? redundancy.checked.policy);
    found.push(redundancy);
  };
  const backwards = [...group].reverse();
  for (const holds of ["always", "today"] as const) {
    const covers = holds === "always" ? always : today;
    const search: Search = {
      holds,
      covers,
      rules: namespaceRules(group, covers),
      gone,
      uncovered: new Set(),
    };
    for (const checked of backwards) {
      if (!gone.has(checked.policy)) take(redundantPolicy(checked, search));
    }
    for (const checked of backwards) {
      if (gone.has(checked.policy)) continue;
      for (const direction of DIRECTIONS) {
        for (const rule of [...readRules(checked.policy, direction)].reverse()) {
          if (!gone.has(rule)) take(redundantRule(checked, rule, search));
        }
      }
    }
  }
  return found;
}

interface Search {
  readonly holds: Redundancy["holds"];
  readonly covers: Covers;
  readonly rules: NamespaceRules;
  /** What was found to be redundant already: nothing may count on it. */
  readonly gone: ReadonlySet<Policy | Rule>;
  /** Rules that rules of other policies do not cover. */
  readonly uncovered: Set<Rule>;
}

function redundantPolicy(checked: CheckedNetworkPolicy, search: Search): Redundancy | undefined {
  const { policy } = checked;
  const { holds, covers, rules } = search;
  const directions = isolatedDirections(policy);
  const isBare = (other: Policy): boolean =>
    directions.every((direction) => readRules(other, direction).length === 0);
  // Rules of a direction that it does not isolate are never read: that is what is wrong with it then.
  if (DIRECTIONS.some((direction) => !policy.isolates[direction] && policy.rules[direction].length > 0))
    return undefined;
  // What only isolates is a safeguard: that others isolate as well, because of what they let pass, is no reason to miss it.
  const onlyIsolates = isBare(policy);
  if (onlyIsolates && holds === "today") return undefined;
  const cover = new Set<PolicyRule>();
  const isolating = new Set<Policy>();
  for (const direction of directions) {
    const isolator = rules
      .policiesFor(policy)
      .find(
        (other) =>
          other !== policy &&
          other.isolates[direction] &&
          countsFor(policy, other, search) &&
          (!onlyIsolates || isBare(other)),
      );
    if (isolator === undefined) return undefined;
    let ofDirection: Policy | undefined;
    for (const rule of readRules(policy, direction)) {
      const found = covers.coverOf(
        policy.subject,
        rule,
        rules.rulesFor(policy, direction),
        (other) => other.policy !== policy && isUsable(policy, other, search),
      );
      if (found === undefined) {
        search.uncovered.add(rule);
        return undefined;
      }
      for (const each of found) cover.add(each);
      ofDirection ??= found[0]?.policy;
    }
    isolating.add(ofDirection ?? isolator);
  }
  const sameAs = holds === "always" ? twinOf(policy, search) : undefined;
  if (sameAs !== undefined) return { checked, holds, cover: [], isolating: [sameAs], sameAs };
  return { checked, holds, cover: [...cover], isolating: [...isolating] };
}

/** A policy that says just the same. */
function twinOf(policy: Policy, { rules, gone }: Search): Policy | undefined {
  const others = rules.alike(policy).filter((other) => other !== policy && !gone.has(other));
  if (others.length === 0) return undefined;
  const key = policyKey(policy);
  return others.find((other) => policyKey(other) === key);
}

function redundantRule(checked: CheckedNetworkPolicy, rule: Rule, search: Search): Redundancy | undefined {
  const { policy, source } = checked;
  const { direction } = rule;
  if (search.uncovered.has(rule) && readRules(policy, direction).length === 1) return undefined;
  // Without policyTypes, the last egress rule is what makes the policy isolate for egress. Others do as well, or they
  // would not cover it; but should they go one day, its pods would be open.
  const isolatesByRule = direction === "egress" && (source.spec.policyTypes ?? []).length === 0;
  if (isolatesByRule && policy.rules.egress.every((other) => other === rule || search.gone.has(other)))
    return undefined;
  const cover = search.covers.coverOf(
    policy.subject,
    rule,
    search.rules.rulesFor(policy, direction),
    (other) => other.rule !== rule && isUsable(policy, other, search),
  );
  return cover === undefined ? undefined : { checked, rule, holds: search.holds, cover, isolating: [] };
}

function countsFor(policy: Policy, other: Policy, { gone }: Search): boolean {
  return (policy.audit || !other.audit) && !gone.has(other);
}

function isUsable(policy: Policy, other: PolicyRule, search: Search): boolean {
  return countsFor(policy, other.policy, search) && !search.gone.has(other.rule);
}
