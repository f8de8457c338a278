// What explain-json and explain-text both say of an explanation.
import type { Cluster, ClusterPod } from "../cluster/cluster.ts";
import { addressesOf, type End } from "../engine/end.ts";
import type { Explanation, SideExplanation } from "../engine/explain.ts";
import { type PeerMiss, type PortMiss, peerNearness, type RuleReading } from "../engine/rule-reading.ts";
import { pathInWords } from "../k8s/check.ts";
import { comparePositions, type FieldPath, type Position } from "../k8s/location.ts";
import type { LabelSelectorRequirement, Labels } from "../k8s/objects.ts";
import { formatRequirement } from "../k8s/selector.ts";
import { type Address, compareAddresses, type Family, formatAddress } from "../net/address.ts";
import { formatCidr } from "../net/cidr.ts";
import { portSetTokens, type Traffic } from "../net/port-set.ts";
import { describePeer, describePods, describePolicy, describePortToken } from "../policy/describe.ts";
import type { Policy } from "../policy/policy.ts";

/** `shop/frontend`, or the address. */
export function endId(end: End): string {
  return end.kind === "pod" ? end.pod.id : formatAddress(end.address);
}

/** `TCP 3306`, or the protocols without ports. */
export function trafficText(traffic: Traffic): string {
  return traffic.protocol === "other"
    ? "other protocols (such as ICMP)"
    : `${traffic.protocol} ${traffic.port}`;
}

/** `db.yaml:3`, or the file alone where no line is known. */
export function fileAndLine({ file, line }: Position): string {
  return line === 0 ? file : `${file}:${line}`;
}

/** `rule 2`, and the name that its author gave it: `rule 2 "no-db"`. */
export function ruleTitle({ rule }: RuleReading): string {
  const title = `rule ${rule.index + 1}`;
  return rule.name === undefined ? title : `${title} "${rule.name}"`;
}

/** `rule 2 "no-db" of ClusterNetworkPolicy deny-db`. */
export function ruleOfPolicy(reading: RuleReading): string {
  return `${ruleTitle(reading)} of ${describePolicy(reading.policy)}`;
}

/** The action of a rule as its kind of policy calls it: what ClusterNetworkPolicy accepts, the older kinds allow. */
export function actionWord({ policy, rule }: RuleReading): "Accept" | "Allow" | "Deny" | "Pass" {
  const isOlder = policy.kind === "AdminNetworkPolicy" || policy.kind === "BaselineAdminNetworkPolicy";
  return isOlder && rule.action === "Accept" ? "Allow" : rule.action;
}

/** Where a rule that fails closed could not be understood: `spec.egress[0].to[1]`, and its place. */
export function unknownField(reading: RuleReading): { field: string; place: Position } | undefined {
  const { policy, rule } = reading;
  if (rule.failsClosed === undefined || policy.broken) return undefined;
  return { field: pathInWords(rule.failsClosed), place: policy.origin.position(rule.failsClosed) };
}

/** The misses of a rule's peers, the nearest first, then as written. */
export function nearestPeerMisses(misses: readonly PeerMiss[]): PeerMiss[] {
  return [...misses].sort((a, b) => peerNearness(b) - peerNearness(a) || unmetCount(a) - unmetCount(b));
}

function unmetCount(miss: PeerMiss): number {
  const own = "unmet" in miss ? miss.unmet.length : 1;
  return own + ("podUnmet" in miss ? miss.podUnmet.length : 0);
}

/** The end that the rules of a side are about: who comes in, or where the packet goes. */
export function peerEnd(explanation: Explanation, side: SideExplanation): End {
  return side.direction === "ingress" ? explanation.from : explanation.to;
}

/** The pod at an end, also where the end was given by the address of a pod in the cluster. */
export function podAtEnd(end: End, cluster: Cluster | undefined): ClusterPod | undefined {
  if (end.kind === "pod") return end.pod;
  return cluster?.pods.find((pod) => !pod.hostNetwork && hasAddress(pod, end.address));
}

function hasAddress(pod: ClusterPod, address: Address): boolean {
  const own = pod.addresses[address.family];
  return own !== undefined && compareAddresses(own, address) === 0;
}

/** Where a policy is: its name. */
export function policyPosition(policy: Policy): Position {
  return policy.origin.position(["metadata", "name"]);
}

/** Where a rule is. */
export function rulePosition(reading: RuleReading): Position {
  return reading.policy.origin.position(reading.rule.path);
}

/** The field that a peer of a rule fails at, as deep as it is known. */
export function missPosition(policy: Policy, miss: PeerMiss): Position {
  // A field that the peer does not have has the place of the peer, which is never behind that of one it has.
  const places = fieldsOfMiss(policy, miss).map((field) => policy.origin.position([...miss.path, ...field]));
  return places.reduce((deepest, place) => (comparePositions(place, deepest) > 0 ? place : deepest));
}

/** The fields of the peer in which the miss may be, at least one. */
function fieldsOfMiss(policy: Policy, miss: PeerMiss): readonly FieldPath[] {
  const isNamespaced = policy.kind === "NetworkPolicy";
  switch (miss.why) {
    case "pod-labels": {
      const field = ["podSelector", ...fieldOfRequirement(miss.unmet)];
      return [isNamespaced ? field : ["pods", ...field]];
    }
    case "namespace-labels": {
      const field = fieldOfRequirement(miss.unmet);
      if (isNamespaced) return [["namespaceSelector", ...field]];
      return [
        ["namespaces", ...field],
        ["pods", "namespaceSelector", ...field],
      ];
    }
    case "outside-block":
    case "other-family":
      // The path of an entry of `networks` leads to the entry.
      return [isNamespaced ? ["ipBlock", "cidr"] : []];
    case "excepted":
      return [["ipBlock", "except"]];
    case "node-labels":
      return [["nodes", ...fieldOfRequirement(miss.unmet)]];
    case "not-a-node":
      return [["nodes"]];
    case "unresolved":
      return [["domainNames"]];
    case "other-namespace":
    case "host-network":
    case "not-a-pod":
      return [[]];
  }
}

function fieldOfRequirement(unmet: readonly LabelSelectorRequirement[]): FieldPath {
  const [first] = unmet;
  return first === undefined ? [] : ["matchLabels", first.key];
}

/** What a peer of a rule asks for, in few words: `server=api`, `namespace shop`, `10.0.0.0/8`. */
export function wantedByPeer(miss: PeerMiss): string {
  switch (miss.why) {
    case "pod-labels":
      return requirementsText(miss.unmet);
    case "namespace-labels": {
      const namespace = requirementsText(miss.unmet);
      if (miss.podUnmet.length === 0) return namespace;
      return `${namespace} on the namespace and ${requirementsText(miss.podUnmet)} on the pod`;
    }
    case "other-namespace": {
      const namespace = `namespace ${miss.wanted}`;
      if (miss.podUnmet.length === 0) return namespace;
      return `${namespace} and ${requirementsText(miss.podUnmet)} on the pod`;
    }
    case "outside-block":
    case "other-family":
      return formatCidr(miss.block);
    case "excepted":
      return `not ${formatCidr(miss.block)}`;
    case "not-a-pod":
    case "host-network":
      return describePods(miss.peer.selection);
    case "node-labels":
      return `node with ${requirementsText(miss.unmet)}`;
    case "not-a-node":
    case "unresolved":
      return describePeer(miss.peer);
  }
}

function requirementsText(requirements: readonly LabelSelectorRequirement[]): string {
  return requirements.map(formatRequirement).join(", ");
}

/** The ports that the destination pod gives the name which a rule asks for: `TCP 8080`. */
export function namedPortsText({ named }: PortMiss): string | undefined {
  return named === undefined ? undefined : portSetTokens(named).map(describePortToken).join(", ");
}

/** What the end has instead: `server=web`, `no label server`, `namespace batch`, an address. */
export function hasInstead(miss: PeerMiss, end: End, family: Family, cluster: Cluster | undefined): string {
  const pod = podAtEnd(end, cluster);
  switch (miss.why) {
    case "pod-labels":
      return labelsFor(miss.unmet, pod?.labels);
    case "namespace-labels": {
      const namespace = pod === undefined ? undefined : cluster?.namespaces.get(pod.namespace);
      const has = labelsFor(miss.unmet, namespace?.labels);
      if (miss.podUnmet.length === 0) return has;
      return `${has} on the namespace and ${labelsFor(miss.podUnmet, pod?.labels)} on the pod`;
    }
    case "other-namespace": {
      const namespace = pod === undefined ? "another namespace" : `namespace ${pod.namespace}`;
      if (miss.podUnmet.length === 0) return namespace;
      return `${namespace}, with ${labelsFor(miss.podUnmet, pod?.labels)} on the pod`;
    }
    case "host-network":
      return "the node's network";
    case "node-labels":
      return labelsFor(miss.unmet, cluster?.nodes.get(miss.node)?.labels);
    default: {
      const address = addressesOf(end)[family];
      return address === undefined ? `no IPv${family} address` : formatAddress(address);
    }
  }
}

/** The labels that the requirements ask about, as the object has them, if it is known. */
function labelsFor(unmet: readonly LabelSelectorRequirement[], labels: Labels | undefined): string {
  if (labels === undefined) return "other labels";
  const keys = [...new Set(unmet.map((requirement) => requirement.key))];
  return keys
    .map((key) => (Object.hasOwn(labels, key) ? `${key}=${labels[key]}` : `no label ${key}`))
    .join(", ");
}

/** True if the families differ in their verdict or in what decides it. */
export function familiesDiffer(explanations: readonly Explanation[]): boolean {
  return new Set(explanations.map(verdictKey)).size > 1;
}

function verdictKey({ allowed, noAddress, egress, ingress }: Explanation): string {
  const sides = [egress, ingress].map(({ reason, allowedBy, deniedBy }) => {
    const decidedBy = allowedBy ?? deniedBy;
    return [reason, decidedBy?.policy.kind, decidedBy?.policy.id, decidedBy?.rule.index];
  });
  return JSON.stringify([allowed, noAddress, sides]);
}

/** The explanation that stands for all: the first that is denied, or else the first. Throws if there is none. */
export function leadingExplanation(explanations: readonly Explanation[]): Explanation {
  const leading = explanations.find((explanation) => !explanation.allowed) ?? explanations[0];
  if (leading === undefined) throw new RangeError("there is no explanation to show");
  return leading;
}
