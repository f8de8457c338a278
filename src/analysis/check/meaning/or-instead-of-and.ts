import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { Finding } from "../../../k8s/finding.ts";
import type { Direction, NetworkPolicyPeer } from "../../../k8s/objects.ts";
import { describePods, describePolicy } from "../../../policy/describe.ts";
import type { PodPeer, PodSelection, Rule } from "../../../policy/policy.ts";
import { type Check, type CheckContext, type CheckedNetworkPolicy, findingOf } from "../check.ts";
import { DIRECTIONS, writtenPeers } from "../network-policy-rules.ts";
import { countOf } from "../words.ts";

/**
 * `- podSelector` and `- namespaceSelector` one after the other: two peers, of which either is enough. One dash less, and
 * both must hold.
 */
export const orInsteadOfAnd: Check = {
  codes: ["or-instead-of-and"],
  *run(context) {
    for (const checked of context.networkPolicies) {
      for (const direction of DIRECTIONS) {
        for (const rule of checked.policy.rules[direction]) yield* findingsOfRule(context, checked, rule);
      }
    }
  },
};

function* findingsOfRule(
  context: CheckContext,
  checked: CheckedNetworkPolicy,
  rule: Rule,
): Iterable<Finding> {
  const written = writtenPeers(checked, rule);
  for (let i = 0; i + 1 < written.length; i++) {
    const pair = [written[i]!, written[i + 1]!] as const;
    if (!isSplitPair(pair)) continue;
    const [first, second] = [rule.peers[i] as PodPeer, rule.peers[i + 1] as PodPeer];
    yield finding(context, checked, rule.direction, first, second);
    // The second peer belongs to this pair.
    i++;
  }
}

/** True for a podSelector that asks for something, and a namespaceSelector, each alone in its peer. */
function isSplitPair([a, b]: readonly [NetworkPolicyPeer, NetworkPolicyPeer]): boolean {
  const isPods = (peer: NetworkPolicyPeer): boolean =>
    peer.ipBlock === undefined &&
    peer.namespaceSelector === undefined &&
    // Joined with one that selects everything, the other would say what it says alone.
    Object.keys({ ...peer.podSelector?.matchLabels }).length +
      (peer.podSelector?.matchExpressions ?? []).length >
      0;
  const isNamespaces = (peer: NetworkPolicyPeer): boolean =>
    peer.namespaceSelector !== undefined && peer.podSelector === undefined;
  return (isPods(a) && isNamespaces(b)) || (isNamespaces(a) && isPods(b));
}

function finding(
  { selected, known }: CheckContext,
  { policy, source }: CheckedNetworkPolicy,
  direction: Direction,
  first: PodPeer,
  second: PodPeer,
): Finding {
  const [pods, namespaces] =
    first.selection.namespaces.kind === "name" ? [first, second] : ([second, first] as const);
  const joined: PodSelection = {
    namespaces: namespaces.selection.namespaces,
    pods: pods.selection.pods,
  };
  const own = selected.podsOf(pods.selection);
  const either = union(own, selected.podsOf(namespaces.selection));
  const both = selected.podsOf(joined);
  const isShown = known.everything || known.namespacesWithPods.has(source.namespace);
  const today = (chosen: readonly ClusterPod[]): string =>
    isShown || chosen.length > 0 ? `${countOf(chosen.length, "pod")} today` : "";
  const dash = policy.origin.position(second.path);
  const letsIn = direction === "ingress" ? "lets in" : "lets out to";
  return findingOf("or-instead-of-and", {
    // Where nobody would be left, the two dashes were probably meant; where no pods are shown, nobody can tell.
    ...(both.length === 0 && (own.length > 0 || !isShown) ? { severity: "info" } : {}),
    position: policy.origin.position(first.path),
    object: describePolicy(policy),
    message:
      `This rule ${letsIn} ${describePods(first.selection)} OR ${describePods(second.selection)}` +
      `${inBrackets(today(either))}.`,
    help:
      `If both were meant to hold at once (${[describePods(joined), today(both)].filter(Boolean).join(": ")}), ` +
      `remove the dash ${dash.line === 0 ? `before the second selector` : `on line ${dash.line}`}.`,
    related: [{ position: dash, message: "this dash makes it a peer of its own" }],
    fix: {
      title: "remove the dash, so that both selectors must hold",
      safe: false,
      edits: [{ kind: "merge-with-previous-item", at: dash }],
    },
  });
}

function inBrackets(text: string): string {
  return text === "" ? "" : ` (${text})`;
}

function union(a: readonly ClusterPod[], b: readonly ClusterPod[]): ClusterPod[] {
  return [...new Set([...a, ...b])];
}
