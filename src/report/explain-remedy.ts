import type { Cluster } from "../cluster/cluster.ts";
import type { End } from "../engine/end.ts";
import type { Explanation, SideExplanation } from "../engine/explain.ts";
import type { PeerMiss } from "../engine/rule-misses.ts";
import type { RuleReading } from "../engine/rule-reading.ts";
import type { LabelSelectorRequirement } from "../k8s/objects.ts";
import { requirementsOf } from "../k8s/selector.ts";
import type { Family } from "../net/address.ts";
import { formatCidr } from "../net/cidr.ts";
import { describePolicy } from "../policy/describe.ts";
import type { PodPeer } from "../policy/policy.ts";
import { blockOf, labelChange, labelsToSelect, portChange } from "./explain-change.ts";
import { nearestPeerMisses } from "./explain-misses.ts";
import { tierRemedy } from "./explain-tier-remedy.ts";
import { endId, peerEnd, podAtEnd, trafficText } from "./explain-words.ts";

/**
 * What to change so that the packet passes a side that denies it: sentences, the smallest change first. Undefined
 * where the side allows it, or no policy can.
 */
export function remedy(
  explanation: Explanation,
  side: SideExplanation,
  cluster: Cluster | undefined,
): string | undefined {
  if (side.reason === "denied") return tierRemedy(explanation, side, cluster);
  if (side.reason !== "no-rule") return undefined;
  const end = peerEnd(explanation, side);
  const preposition = side.direction === "ingress" ? "from" : "to";
  const [nearest] = side.missed;
  if (nearest === undefined) {
    const readable = side.isolatedBy.find((policy) => !policy.broken);
    if (readable === undefined) {
      return "To allow it, correct the policy first: what is wrong with it is printed when it is read.";
    }
    const rule = `${preposition} ${peerToAdd(end, explanation.family, cluster)}, ${trafficText(explanation.traffic)}`;
    return `To allow it, add a rule to ${describePolicy(readable)}: ${rule}.`;
  }
  const [miss] = nearestPeerMisses(nearest.peerMisses);
  if (miss === undefined) return `To allow it, ${portChange(nearest, explanation, cluster)}.`;
  return peerRemedy(miss, nearest, end, explanation, cluster);
}

function peerRemedy(
  miss: PeerMiss,
  reading: RuleReading,
  end: End,
  explanation: Explanation,
  cluster: Cluster | undefined,
): string {
  const { family, traffic } = explanation;
  const pod = podAtEnd(end, cluster);
  const id = pod?.id ?? endId(end);
  // Without the cluster, the pod behind an address is not known.
  const namespace = pod?.namespace ?? "its own";
  const inNamespace = `kubernetes.io/metadata.name: ${namespace}`;
  // A new rule names its ports: without, it would open all of them, and the rule that missed need not be widened.
  const ports = traffic.protocol === "other" ? ", without ports" : `, ${trafficText(traffic)}`;
  const changeOrRule = (change: string, rule: string): string => {
    if (reading.portMatches) return `To allow it, ${change}, or ${rule}.`;
    // No list of ports can hold a protocol without ports, so there the change alone would not help.
    if (traffic.protocol === "other") return `To allow it, ${rule}.`;
    return `To allow it, ${rule}. Or ${change}; then also ${portChange(reading, explanation, cluster)}.`;
  };
  const blockRule = (): string => `add a rule with ipBlock ${blockOf(end, family)}`;
  switch (miss.why) {
    case "pod-labels": {
      const other = labelsToSelect(miss.unmet, pod?.labels ?? {});
      const rule = other === undefined ? `add a rule that selects ${id}` : `add a rule for ${other}`;
      return changeOrRule(labelChange([["the pod", miss.unmet]]), `${rule}${ports}`);
    }
    case "namespace-labels": {
      const change = labelChange([
        [`namespace ${namespace}`, miss.unmet],
        [`pod ${id}`, miss.podUnmet],
      ]);
      const labels =
        miss.podUnmet.length === 0 ? undefined : labelsToSelect(miss.podUnmet, pod?.labels ?? {});
      const rule = `${namespaceRule(inNamespace, labels)}${ports}`;
      // The API server keeps this label equal to the name, so it cannot be changed.
      const isFixed = miss.unmet.some(({ key }) => key === "kubernetes.io/metadata.name");
      return isFixed ? `To allow it, ${rule}.` : changeOrRule(change, rule);
    }
    case "other-namespace": {
      const why = `A podSelector alone reaches only the policy's own namespace, ${miss.wanted}; ${id} is in ${namespace}.`;
      const labels = labelsToSelect(askedByPods(miss), pod?.labels ?? {});
      return `${why} To allow it, ${namespaceRule(inNamespace, labels)}${ports}.`;
    }
    case "excepted":
      return changeOrRule(
        `take ${formatCidr(miss.block)} out of "except"`,
        `${blockRule()}${ports}: one rule that allows is enough`,
      );
    case "outside-block":
    case "other-family":
      return `To allow it, ${blockRule()}${ports}.`;
    case "host-network":
      return (
        `${end.kind === "pod" ? `${id} uses the network of its node` : `${id} is the address of a node`}, ` +
        `where no podSelector or namespaceSelector sees a pod. ` +
        `To allow it, ${blockRule()}, the node's address${ports}.`
      );
    case "not-a-pod":
      return (
        `${id} is the address of no pod, and selectors match only pods. ` +
        `To allow it, ${blockRule()}${ports}.`
      );
    case "not-a-node":
    case "node-labels":
    case "unresolved":
      throw new Error(`a NetworkPolicy has no peers of kind ${miss.peer.kind}`);
  }
}

/** What a peer asks of pods, met or not. */
function askedByPods({ peer }: { readonly peer: PodPeer }): LabelSelectorRequirement[] {
  return requirementsOf(peer.selection.pods);
}

function namespaceRule(inNamespace: string, labels: string | undefined): string {
  const rule = `add a rule with a namespaceSelector for ${inNamespace}`;
  return labels === undefined ? rule : `${rule} and, in the same list entry, a podSelector for ${labels}`;
}

function peerToAdd(end: End, family: Family, cluster: Cluster | undefined): string {
  const pod = podAtEnd(end, cluster);
  if (pod === undefined || pod.hostNetwork) return `ipBlock ${blockOf(end, family)}`;
  const labels = labelsToSelect([], pod.labels);
  return labels === undefined
    ? `the pods of namespace ${pod.namespace}`
    : `pods ${labels} of namespace ${pod.namespace}`;
}
