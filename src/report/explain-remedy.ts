import type { Cluster } from "../cluster/cluster.ts";
import { formatRequirement } from "../cluster/selector.ts";
import { addressesOf, type End } from "../engine/end.ts";
import type { Explanation, PeerMiss, RuleReading, SideExplanation } from "../engine/explain.ts";
import type { LabelSelectorRequirement, Labels } from "../k8s/objects.ts";
import { addressBits, type Family } from "../net/address.ts";
import { cidrOf, formatCidr } from "../net/cidr.ts";
import type { Traffic } from "../net/port-set.ts";
import { describePolicy } from "../policy/describe.ts";
import { endId, peerEnd, podAtEnd } from "./explain-words.ts";

/** `TCP 3306`, or the protocols without ports. */
export function trafficText(traffic: Traffic): string {
  return traffic.protocol === "other"
    ? "other protocols (such as ICMP)"
    : `${traffic.protocol} ${traffic.port}`;
}

/** How near each kind of miss is to a match, the nearest first. */
const NEAREST_FIRST: readonly PeerMiss["why"][] = [
  "pod-labels",
  "other-namespace",
  "namespace-labels",
  "excepted",
  "outside-block",
  "host-network",
  "not-a-pod",
  "other-family",
];

/** The misses of a rule's peers, the nearest first, then as written. */
export function nearestPeerMisses(misses: readonly PeerMiss[]): PeerMiss[] {
  const unmet = (miss: PeerMiss): number => ("unmet" in miss ? miss.unmet.length : 0);
  return [...misses].sort(
    (a, b) => NEAREST_FIRST.indexOf(a.why) - NEAREST_FIRST.indexOf(b.why) || unmet(a) - unmet(b),
  );
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
      return "To allow it, correct the policy first: podwall check tells what is wrong with it.";
    }
    const rule = `${preposition} ${peerToAdd(end, explanation.family, cluster)}, ${trafficText(explanation.traffic)}`;
    return `To allow it, add a rule to ${describePolicy(readable)}: ${rule}.`;
  }
  const port = portRemedy(nearest, explanation);
  const [miss] = nearestPeerMisses(nearest.peerMisses);
  if (miss === undefined) return `To allow it, ${port}.`;
  const change = peerRemedy(miss, end, explanation.family, cluster);
  return nearest.portMatches ? change : `${change} Also ${port}.`;
}

function portRemedy(reading: RuleReading, { traffic, to }: Explanation): string {
  const rule = `rule ${reading.rule.index + 1} of ${describePolicy(reading.policy)}`;
  if (traffic.protocol === "other") {
    return `add a rule without ports: ports are of TCP, UDP or SCTP, so ${rule} lets in no other protocol`;
  }
  const unknown = reading.portMisses.find((miss) => miss.why === "name-unknown");
  if (unknown?.match.kind === "name" && unknown.match.protocol === traffic.protocol) {
    return (
      `name port ${traffic.port} of ${endId(to)} "${unknown.match.name}", ` +
      `or add ${trafficText(traffic)} to the ports of ${rule}`
    );
  }
  return `add ${trafficText(traffic)} to the ports of ${rule}`;
}

function peerRemedy(miss: PeerMiss, end: End, family: Family, cluster: Cluster | undefined): string {
  const pod = podAtEnd(end, cluster);
  const id = pod?.id ?? endId(end);
  // Without the cluster, the pod behind an address is not known.
  const namespace = pod?.namespace ?? "its own";
  switch (miss.why) {
    case "pod-labels": {
      const other = labelsToSelect(miss.unmet, pod?.labels ?? {});
      const rule = other === undefined ? `add a rule that selects ${id}` : `add a rule for ${other}`;
      return `To allow it, ${labelChange("the pod", miss.unmet)}, or ${rule}.`;
    }
    case "namespace-labels":
      return (
        `To allow it, ${labelChange(`namespace ${namespace}`, miss.unmet)}, ` +
        `or add a rule with a namespaceSelector for kubernetes.io/metadata.name: ${namespace}.`
      );
    case "other-namespace":
      return (
        `A podSelector alone reaches only the policy's own namespace, ${miss.wanted}; ${id} is in ${namespace}. ` +
        `To allow it, add a namespaceSelector beside the podSelector, in the same list entry, with ` +
        `matchLabels kubernetes.io/metadata.name: ${namespace}.`
      );
    case "excepted":
      return (
        `To allow it, take ${formatCidr(miss.block)} out of "except", ` +
        `or add a rule with ipBlock ${blockOf(end, family)}: one rule that allows is enough.`
      );
    case "outside-block":
    case "other-family":
      return `To allow it, add a rule with ipBlock ${blockOf(end, family)}.`;
    case "host-network":
      return (
        `${end.kind === "pod" ? `${id} uses the network of its node` : `${id} is the address of a node`}, ` +
        `where no podSelector or namespaceSelector sees a pod. ` +
        `To allow it, add a rule with ipBlock ${blockOf(end, family)}, the node's address.`
      );
    case "not-a-pod":
      return (
        `${id} is the address of no pod, and selectors match only pods. ` +
        `To allow it, add a rule with ipBlock ${blockOf(end, family)}.`
      );
  }
}

/** `label the pod server=api`, `remove label old from the pod`. */
function labelChange(what: string, unmet: readonly LabelSelectorRequirement[]): string {
  const add: string[] = [];
  const remove: string[] = [];
  for (const { key, operator, values } of unmet) {
    if (operator === "In") add.push(`${key}=${values?.[0] ?? ""}`);
    else if (operator === "Exists") add.push(`${key} (any value)`);
    else remove.push(key);
  }
  const changes: string[] = [];
  if (add.length > 0) changes.push(`label ${what} ${add.join(", ")}`);
  if (remove.length > 0) changes.push(`remove label ${remove.join(", ")} from ${what}`);
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
