import type { Direction, NetworkPolicyPeer, NetworkPolicyPort } from "../../k8s/objects.ts";
import type { Rule } from "../../policy/policy.ts";
import type { CheckedNetworkPolicy, CheckedPolicy } from "./check.ts";

export const DIRECTIONS: readonly Direction[] = ["ingress", "egress"];

/** The peers of a rule as they were written; none where it says nothing of them. Places are those of `rule.peers`. */
export function writtenPeers({ source }: CheckedNetworkPolicy, rule: Rule): readonly NetworkPolicyPeer[] {
  const { ingress, egress } = source.spec;
  return (rule.direction === "ingress" ? ingress?.[rule.index]?.from : egress?.[rule.index]?.to) ?? [];
}

/** The ports of a rule as they were written; none where it says nothing of them. Places are those of `rule.ports`. */
export function writtenPorts({ source }: CheckedNetworkPolicy, rule: Rule): readonly NetworkPolicyPort[] {
  return source.spec[rule.direction]?.[rule.index]?.ports ?? [];
}

/** True for a rule with `from: []` or `to: []`, which means everyone; false where the field is left out. */
export function hasEmptyPeers({ source }: CheckedPolicy, { direction, index }: Rule): boolean {
  if (source.kind !== "NetworkPolicy") return false;
  const { ingress, egress } = source.spec;
  const peers = direction === "ingress" ? ingress?.[index]?.from : egress?.[index]?.to;
  return peers !== undefined && peers.length === 0;
}
