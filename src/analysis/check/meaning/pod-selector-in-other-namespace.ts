import type { Cluster, ClusterPod } from "../../../cluster/cluster.ts";
import type { Finding } from "../../../k8s/finding.ts";
import type { Fix } from "../../../k8s/fix.ts";
import type { Position } from "../../../k8s/location.ts";
import type { LabelSelector } from "../../../k8s/objects.ts";
import { formatSelector, selectorKey } from "../../../k8s/selector.ts";
import { forEachBit } from "../../../net/bitset.ts";
import { describePolicy } from "../../../policy/describe.ts";
import { labelIndex } from "../../../policy/label-index.ts";
import type { PodPeer, Rule } from "../../../policy/policy.ts";
import { type Check, type CheckContext, type CheckedNetworkPolicy, findingOf } from "../check.ts";
import { groupsOf, otherPlaces } from "../groups.ts";
import { DIRECTIONS, writtenPeers } from "../network-policy-rules.ts";
import { countOf, listOf, workloadsOf } from "../words.ts";

/**
 * A podSelector alone, which looks only in the policy's own namespace: there it selects nothing, and in others there are
 * such pods.
 */
export const podSelectorInOtherNamespace: Check = {
  codes: ["pod-selector-in-other-namespace"],
  *run(context) {
    for (const [first, ...others] of groupsOf(misdirectedPeers(context), peerKey)) {
      yield finding(first, others);
    }
  },
};

interface MisdirectedPeer {
  readonly checked: CheckedNetworkPolicy;
  readonly rule: Rule;
  readonly peer: PodPeer;
  /** The pods that it would select elsewhere; at least one. */
  readonly elsewhere: readonly ClusterPod[];
}

/** What is said of one is true of all with the same key. */
function peerKey({ checked, rule, peer }: MisdirectedPeer): string {
  return JSON.stringify([checked.source.namespace, rule.direction, selectorKey(peer.selection.pods)]);
}

function* misdirectedPeers(context: CheckContext): Iterable<MisdirectedPeer> {
  const everywhere = podsEverywhere(context.cluster);
  const namesakes = namespacesByPolicyName(context);
  for (const checked of context.networkPolicies) {
    const { policy, source } = checked;
    if (!context.known.everything && !context.known.namespacesWithPods.has(source.namespace)) continue;
    for (const direction of DIRECTIONS) {
      if (!policy.isolates[direction]) continue;
      for (const rule of policy.rules[direction]) {
        for (const [index, written] of writtenPeers(checked, rule).entries()) {
          const { podSelector, namespaceSelector } = written;
          // One that asks for nothing looks for all pods of its own namespace, and for those of no other.
          if (podSelector === undefined || namespaceSelector !== undefined) continue;
          if (formatSelector(podSelector) === "") continue;
          const peer = (rule.peers as readonly PodPeer[])[index]!;
          if (selectsSomebody(context, peer) || isBesideNamespaces(checked, rule, index)) continue;
          // Where a policy of this name is in the other namespace too, both come from one template, and the pods there are theirs.
          const elsewhere = everywhere(podSelector).filter(
            ({ namespace }) => !namesakes.get(source.name)!.has(namespace),
          );
          if (elsewhere.length > 0) yield { checked, rule, peer, elsewhere };
        }
      }
    }
  }
}

/** Of host-network pods, another finding tells. */
function selectsSomebody({ selected }: CheckContext, { selection }: PodPeer): boolean {
  return selected.podsOf(selection).length > 0 || selected.hostNetworkPodsOf(selection).length > 0;
}

/** True where a namespaceSelector alone comes before or after it: that is a finding of its own, or-instead-of-and. */
function isBesideNamespaces(checked: CheckedNetworkPolicy, rule: Rule, index: number): boolean {
  const written = writtenPeers(checked, rule);
  return [written[index - 1], written[index + 1]].some(
    (peer) => peer?.namespaceSelector !== undefined && peer.podSelector === undefined,
  );
}

function namespacesByPolicyName({ networkPolicies }: CheckContext): Map<string, Set<string>> {
  const namespaces = new Map<string, Set<string>>();
  for (const { source } of networkPolicies) {
    const known = namespaces.get(source.name);
    if (known === undefined) namespaces.set(source.name, new Set([source.namespace]));
    else known.add(source.namespace);
  }
  return namespaces;
}

/** Finds the pods that a selector chooses, of whatever namespace. */
function podsEverywhere({ pods }: Cluster): (selector: LabelSelector) => readonly ClusterPod[] {
  const seen = pods.filter(({ hostNetwork }) => !hostNetwork);
  const known = new Map<string, readonly ClusterPod[]>();
  let index: ReturnType<typeof labelIndex> | undefined;
  return (selector) => {
    const key = selectorKey(selector);
    let found = known.get(key);
    if (found === undefined) {
      index ??= labelIndex(seen.map(({ labels }) => labels));
      const chosen: ClusterPod[] = [];
      forEachBit(index(selector), (place) => chosen.push(seen[place]!));
      found = chosen;
      known.set(key, found);
    }
    return found;
  };
}

function finding(first: MisdirectedPeer, others: readonly MisdirectedPeer[]): Finding {
  const { checked, rule, peer, elsewhere } = first;
  const { policy, source } = checked;
  const namespaces = [...new Set(elsewhere.map(({ namespace }) => namespace))];
  const selector = formatSelector(peer.selection.pods);
  const fix = namespaces.length === 1 ? namespaceFix([first, ...others], namespaces[0]!) : undefined;
  const related = otherPlaces(others, (other) => ({
    position: placeOf(other),
    object: describePolicy(other.checked.policy),
    message: `the same in ${describePolicy(other.checked.policy)}`,
  }));
  const where = namespaces.length === 1 ? `namespace ${namespaces[0]}` : `namespaces ${listOf(namespaces)}`;
  return findingOf("pod-selector-in-other-namespace", {
    position: placeOf(first),
    object: describePolicy(policy),
    message:
      `${rule.direction === "ingress" ? "This peer lets nobody in" : "This peer lets nothing out"}: ` +
      `a podSelector alone looks only in the policy's own namespace, ${source.namespace}, where no pod has ${selector}. ` +
      `${countOf(elsewhere.length, "pod")} of ${where} ${elsewhere.length === 1 ? "has" : "have"}: ${workloadsOf(elsewhere)}.`,
    help:
      namespaces.length === 1
        ? `If those are meant, add to the same peer, without a dash: namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${namespaces[0]}}}.`
        : "If some of those are meant, add a namespaceSelector to the same peer, without a dash, that says of which namespaces.",
    ...(related === undefined ? {} : { related }),
    ...(fix === undefined ? {} : { fix }),
  });
}

/** The label that no pod of the namespace has; the whole podSelector, if it asks for more. */
function placeOf({ checked, peer }: MisdirectedPeer): Position {
  const { matchLabels = {}, matchExpressions = [] } = peer.selection.pods;
  const [label, ...more] = Object.keys(matchLabels);
  const isOne = label !== undefined && more.length + matchExpressions.length === 0;
  const path = [...peer.path, "podSelector", ...(isOne ? ["matchLabels", label] : [])];
  return checked.policy.origin.position(path, "key");
}

function namespaceFix(peers: readonly MisdirectedPeer[], namespace: string): Fix {
  return {
    title: `add a namespaceSelector, so that pods of namespace ${namespace} are meant`,
    safe: false,
    edits: peers.map(({ checked, peer }) => ({
      kind: "add-field",
      at: checked.policy.origin.position(peer.path),
      name: "namespaceSelector",
      value: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    })),
  };
}
