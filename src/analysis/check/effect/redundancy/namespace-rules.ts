import { selectionKey } from "../../../../engine/selections.ts";
import type { Direction } from "../../../../k8s/objects.ts";
import type { Policy } from "../../../../policy/policy.ts";
import type { CheckedNetworkPolicy } from "../../check.ts";
import { DIRECTIONS } from "../../network-policy-rules.ts";
import type { Covers, PolicyRule } from "../containment/cover.ts";

/** The NetworkPolicies of one namespace by the pods that they are about. */
export interface NamespaceRules {
  /** The policies with the same selector, itself among them. */
  alike(policy: Policy): readonly Policy[];
  /** The policies that are about all pods that the policy is about, itself among them. */
  policiesFor(policy: Policy): readonly Policy[];
  /** Their rules of a direction, as far as they are read: those of policies that isolate for it. */
  rulesFor(policy: Policy, direction: Direction): readonly PolicyRule[];
}

/** Policies about the same pods are asked once: a namespace may have hundreds, about a few workloads. */
export function namespaceRules(group: readonly CheckedNetworkPolicy[], covers: Covers): NamespaceRules {
  const keyOf = new Map<Policy, string>();
  const bySubject = new Map<string, Policy[]>();
  for (const { policy } of group) {
    const key = selectionKey(policy.subject);
    keyOf.set(policy, key);
    const alike = bySubject.get(key);
    if (alike === undefined) bySubject.set(key, [policy]);
    else alike.push(policy);
  }
  const around = new Map<string, Around>();
  const aroundOf = (policy: Policy): Around => {
    const key = keyOf.get(policy)!;
    let found = around.get(key);
    if (found === undefined) {
      const policies = [...bySubject].flatMap(([otherKey, alike]) =>
        otherKey === key || covers.subjectWithin(policy.subject, alike[0]!.subject) ? alike : [],
      );
      found = { policies, ingress: rulesOf(policies, "ingress"), egress: rulesOf(policies, "egress") };
      around.set(key, found);
    }
    return found;
  };
  return {
    alike: (policy) => bySubject.get(keyOf.get(policy)!)!,
    policiesFor: (policy) => aroundOf(policy).policies,
    rulesFor: (policy, direction) => aroundOf(policy)[direction],
  };
}

interface Around extends Readonly<Record<Direction, readonly PolicyRule[]>> {
  readonly policies: readonly Policy[];
}

function rulesOf(policies: readonly Policy[], direction: Direction): PolicyRule[] {
  return policies.flatMap((policy) => readRules(policy, direction).map((rule) => ({ policy, rule })));
}

/** The rules of a NetworkPolicy for a direction that it does not isolate are never read. */
export function readRules({ isolates, rules }: Policy, direction: Direction): Policy["rules"][Direction] {
  return isolates[direction] ? rules[direction] : [];
}

/** The directions that a NetworkPolicy isolates. */
export function isolatedDirections({ isolates }: Policy): Direction[] {
  return DIRECTIONS.filter((direction) => isolates[direction]);
}
