// What a peer or port of a rule asks for, and what the packet has instead.
import type { Cluster } from "../cluster/cluster.ts";
import { addressesOf, type End } from "../engine/end.ts";
import type { PeerMiss, PortMiss } from "../engine/rule-misses.ts";
import { peerNearness } from "../engine/rule-reading.ts";
import { comparePositions, type FieldPath, type Position } from "../k8s/location.ts";
import type { LabelSelectorRequirement, Labels } from "../k8s/objects.ts";
import { formatRequirement } from "../k8s/selector.ts";
import { type Family, formatAddress } from "../net/address.ts";
import { formatCidr } from "../net/cidr.ts";
import { portSetTokens } from "../net/port-set.ts";
import { describePeer, describePods, describePortToken } from "../policy/describe.ts";
import type { Policy } from "../policy/policy.ts";
import { podAtEnd } from "./explain-words.ts";

/** The misses of a rule's peers, the nearest first, then as written. */
export function nearestPeerMisses(misses: readonly PeerMiss[]): PeerMiss[] {
  return [...misses].sort((a, b) => peerNearness(b) - peerNearness(a) || unmetCount(a) - unmetCount(b));
}

function unmetCount(miss: PeerMiss): number {
  const own = "unmet" in miss ? miss.unmet.length : 1;
  return own + ("podUnmet" in miss ? miss.podUnmet.length : 0);
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
