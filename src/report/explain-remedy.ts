import type { Cluster } from "../cluster/cluster.ts";
import { addressesOf, type End } from "../engine/end.ts";
import {
  type Explanation,
  type PeerMiss,
  peerNearness,
  type RuleReading,
  type SideExplanation,
} from "../engine/explain.ts";
import type { LabelSelectorRequirement, Labels } from "../k8s/objects.ts";
import { formatRequirement, requirementsOf } from "../k8s/selector.ts";
import { addressBits, type Family } from "../net/address.ts";
import { cidrOf, formatCidr } from "../net/cidr.ts";
import type { Traffic } from "../net/port-set.ts";
import { describePolicy } from "../policy/describe.ts";
import type { PodPeer } from "../policy/policy.ts";
import { endId, namedPortsText, peerEnd, podAtEnd } from "./explain-words.ts";

/** `TCP 3306`, or the protocols without ports. */
export function trafficText(traffic: Traffic): string {
  return traffic.protocol === "other"
    ? "other protocols (such as ICMP)"
    : `${traffic.protocol} ${traffic.port}`;
}

/** The misses of a rule's peers, the nearest first, then as written. */
export function nearestPeerMisses(misses: readonly PeerMiss[]): PeerMiss[] {
  return [...misses].sort((a, b) => peerNearness(b) - peerNearness(a) || unmetCount(a) - unmetCount(b));
}

function unmetCount(miss: PeerMiss): number {
  const own = "unmet" in miss ? miss.unmet.length : 1;
  return own + ("podUnmet" in miss ? miss.podUnmet.length : 0);
}

/**
 * What to change so that the packet passes a side that denies it: sentences, the smallest change first. Undefined
 * where the side allows it, or no policy can.
 */
export function remedy(
  explanation: Explanation,
  side: SideExplanation,
  cluster: Cluster | undefined,
): string | undefined {
  if (side.allowed || side.reason !== "no-rule") return undefined;
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
  if (miss === undefined) return `To allow it, ${portRemedy(nearest, explanation, cluster)}.`;
  return peerRemedy(miss, nearest, end, explanation, cluster);
}

function portRemedy(
  reading: RuleReading,
  { traffic, to }: Explanation,
  cluster: Cluster | undefined,
): string {
  const rule = `rule ${reading.rule.index + 1} of ${describePolicy(reading.policy)}`;
  if (traffic.protocol === "other") {
    return `add a rule without ports: ports are of TCP, UDP or SCTP, so ${rule} lets in no other protocol`;
  }
  const id = podAtEnd(to, cluster)?.id ?? endId(to);
  const wanted = trafficText(traffic);
  const named = reading.portMisses.find((miss) => miss.named !== undefined);
  if (named?.match.kind === "name") {
    return (
      `connect to ${namedPortsText(named)}, which is what the name ${named.match.name} means on ${id}, ` +
      `or, if ${wanted} is to be open too, add it to the ports of ${rule}`
    );
  }
  const unknown = reading.portMisses.find((miss) => miss.why === "name-unknown");
  if (unknown?.match.kind === "name") {
    return `name port ${traffic.port} of ${id} "${unknown.match.name}", or add ${wanted} to the ports of ${rule}`;
  }
  return `add ${wanted} to the ports of ${rule}`;
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
    return `To allow it, ${rule}. Or ${change}; then also ${portRemedy(reading, explanation, cluster)}.`;
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

/** `label the pod server=api`, `label namespace o team=q and pod o/b app=q`, `remove label old from the pod`. */
function labelChange(objects: readonly (readonly [string, readonly LabelSelectorRequirement[]])[]): string {
  const adds: string[] = [];
  const removes: string[] = [];
  for (const [what, unmet] of objects) {
    const add: string[] = [];
    const remove: string[] = [];
    for (const { key, operator, values } of unmet) {
      if (operator === "In") add.push(`${key}=${values?.[0] ?? ""}`);
      else if (operator === "Exists") add.push(`${key} (any value)`);
      else remove.push(key);
    }
    if (add.length > 0) adds.push(`${what} ${add.join(", ")}`);
    if (remove.length > 0) removes.push(`label ${remove.join(", ")} from ${what}`);
  }
  const changes: string[] = [];
  if (adds.length > 0) changes.push(`label ${adds.join(" and ")}`);
  if (removes.length > 0) changes.push(`remove ${removes.join(" and ")}`);
  return changes.join(" and ");
}

/** Labels that a new rule could select the pod by: those that the old rule asks about, else its first. */
function labelsToSelect(unmet: readonly LabelSelectorRequirement[], labels: Labels): string | undefined {
  const asked = [...new Set(unmet.map(({ key }) => key))].filter((key) => Object.hasOwn(labels, key));
  const keys = asked.length > 0 ? asked : Object.keys(labels).slice(0, 1);
  return keys.length === 0
    ? undefined
    : keys.map((key) => formatRequirement({ key, operator: "In", values: [labels[key]!] })).join(", ");
}

function peerToAdd(end: End, family: Family, cluster: Cluster | undefined): string {
  const pod = podAtEnd(end, cluster);
  if (pod === undefined || pod.hostNetwork) return `ipBlock ${blockOf(end, family)}`;
  const labels = labelsToSelect([], pod.labels);
  return labels === undefined
    ? `the pods of namespace ${pod.namespace}`
    : `pods ${labels} of namespace ${pod.namespace}`;
}

/** The block of the end's one address; the caller knows that it has one. */
function blockOf(end: End, family: Family): string {
  const address = addressesOf(end)[family];
  if (address === undefined) throw new Error(`${endId(end)} has no IPv${family} address`);
  return formatCidr(cidrOf(address, addressBits(family)));
}
