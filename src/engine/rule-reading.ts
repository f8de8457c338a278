import type { ClusterPod } from "../cluster/cluster.ts";
import type { FieldPath } from "../k8s/location.ts";
import type { Direction, LabelSelectorRequirement } from "../k8s/objects.ts";
import { meetsRequirement, requirementsOf, selectorMatches } from "../k8s/selector.ts";
import { type Address, compareAddresses, type Family } from "../net/address.ts";
import { type Cidr, cidrContains } from "../net/cidr.ts";
import { type PortSet, portSetHas, type Traffic } from "../net/port-set.ts";
import type {
  AddressPeer,
  DomainPeer,
  NodePeer,
  Peer,
  PodPeer,
  Policy,
  PortMatch,
  Rule,
} from "../policy/policy.ts";
import { addressesOf, type End } from "./end.ts";
import type { Engine } from "./engine.ts";
import { resolveNamedPort } from "./ports.ts";

/** A packet as one side judges it: its pod is the subject of policies, the other end is their peer. */
export interface SidePacket {
  readonly engine: Engine;
  readonly direction: Direction;
  readonly pod: ClusterPod;
  readonly peer: End;
  readonly destination: End;
  readonly family: Family;
  readonly traffic: Traffic;
}

/** How a rule reads against one packet. */
export interface RuleReading {
  readonly policy: Policy;
  readonly rule: Rule;
  readonly peerMatches: boolean;
  readonly portMatches: boolean;
  /** For each peer of the rule why it does not match; empty if one does. A rule that fails closed may have none. */
  readonly peerMisses: readonly PeerMiss[];
  /** For each port of the rule why it does not match; empty if one does. */
  readonly portMisses: readonly PortMiss[];
}

export type PeerMiss =
  /** The other end is no pod that a selector could see. */
  | { readonly why: "not-a-pod" | "host-network"; readonly peer: PodPeer; readonly path: FieldPath }
  /** It is in another namespace than the policy, and the peer has no namespaceSelector. */
  | {
      readonly why: "other-namespace";
      readonly peer: PodPeer;
      readonly wanted: string;
      /** The requirements of the pod selector that are not met either. */
      readonly podUnmet: readonly LabelSelectorRequirement[];
      readonly path: FieldPath;
    }
  | {
      readonly why: "namespace-labels";
      readonly peer: PodPeer;
      /** The requirements of the namespace selector that are not met. */
      readonly unmet: readonly LabelSelectorRequirement[];
      /** The requirements of the pod selector that are not met either. */
      readonly podUnmet: readonly LabelSelectorRequirement[];
      readonly path: FieldPath;
    }
  | {
      readonly why: "pod-labels";
      readonly peer: PodPeer;
      /** The requirements that are not met. */
      readonly unmet: readonly LabelSelectorRequirement[];
      readonly path: FieldPath;
    }
  | {
      readonly why: "outside-block" | "excepted" | "other-family";
      readonly peer: AddressPeer;
      readonly block: Cidr;
      readonly path: FieldPath;
    }
  /** The address of the other end is that of no node which is known. */
  | { readonly why: "not-a-node"; readonly peer: NodePeer; readonly path: FieldPath }
  | {
      readonly why: "node-labels";
      readonly peer: NodePeer;
      /** The name of the node that has the address. */
      readonly node: string;
      /** The requirements that its labels do not meet. */
      readonly unmet: readonly LabelSelectorRequirement[];
      readonly path: FieldPath;
    }
  /** Domain names need a resolver; without, they match nothing. */
  | { readonly why: "unresolved"; readonly peer: DomainPeer; readonly path: FieldPath };

export interface PortMiss {
  readonly why: "protocol" | "number" | "name-unknown" | "name-not-a-pod";
  readonly match: PortMatch;
  /** The ports that the destination pod gives the name; set if the match is by name and `why` is `number`. */
  readonly named?: PortSet;
}

/** True if the rule holds for the packet. */
export function ruleMatches(reading: RuleReading): boolean {
  return reading.peerMatches && reading.portMatches;
}

/** True if the policy is about the pod. */
export function isSubject(engine: Engine, policy: Policy, pod: ClusterPod): boolean {
  const { namespaces, pods } = policy.subject;
  const namespaceMatches =
    namespaces.kind === "name"
      ? namespaces.name === pod.namespace
      : selectorMatches(namespaces.selector, namespaceLabels(engine, pod.namespace));
  return namespaceMatches && selectorMatches(pods, pod.labels);
}

function namespaceLabels(engine: Engine, namespace: string): Readonly<Record<string, string>> {
  return engine.cluster.namespaces.get(namespace)?.labels ?? {};
}

/** The nearest first; stable, so that of equally near rules the first one written comes first. */
export function byNearness(readings: readonly RuleReading[]): RuleReading[] {
  return [...readings].sort((a, b) => nearness(b) - nearness(a));
}

/** How much of a rule matches. A matching peer says more than a matching port; a near miss more than a far one. */
function nearness(reading: RuleReading): number {
  const nearestPeer = Math.max(0, ...reading.peerMisses.map(peerNearness));
  return (reading.peerMatches ? 12 : nearestPeer) + (reading.portMatches ? 6 : 0);
}

/** How near a peer is to a match, from 0 to 5; one that misses namespace and pod both is further off. */
export function peerNearness(miss: PeerMiss): number {
  const missesBoth = "podUnmet" in miss && miss.podUnmet.length > 0;
  return PEER_NEARNESS[miss.why] - (missesBoth ? 1 : 0);
}

const PEER_NEARNESS: Readonly<Record<PeerMiss["why"], number>> = {
  "pod-labels": 5,
  "node-labels": 5,
  "other-namespace": 4,
  "namespace-labels": 4,
  excepted: 4,
  "outside-block": 2,
  unresolved: 1,
  "host-network": 1,
  "not-a-pod": 1,
  "not-a-node": 1,
  "other-family": 0,
};

/** Reads a rule against a packet, peer by peer and port by port. */
export function readRule(packet: SidePacket, policy: Policy, rule: Rule): RuleReading {
  const peerMisses: PeerMiss[] = [];
  let peerMatches = rule.peers === "everyone";
  for (const candidate of rule.peers === "everyone" ? [] : rule.peers) {
    const miss = missOfPeer(packet, candidate);
    if (miss === undefined) peerMatches = true;
    else peerMisses.push(miss);
  }
  const portMisses: PortMiss[] = [];
  let portMatches = rule.ports === "all";
  for (const match of rule.ports === "all" ? [] : rule.ports) {
    const miss = missOfPort(match, packet.destination, packet.traffic);
    if (miss === undefined) portMatches = true;
    else portMisses.push(miss);
  }
  return {
    policy,
    rule,
    peerMatches,
    portMatches,
    peerMisses: peerMatches ? [] : peerMisses,
    portMisses: portMatches ? [] : portMisses,
  };
}

function missOfPeer(packet: SidePacket, peer: Peer): PeerMiss | undefined {
  switch (peer.kind) {
    case "pods":
      return missOfPods(packet, peer);
    case "addresses":
      return missOfBlock(peer, addressOfPeer(packet));
    case "nodes":
      return missOfNodes(packet.engine, peer, addressOfPeer(packet));
    case "domains":
      return { why: "unresolved", peer, path: peer.path };
  }
}

function addressOfPeer({ peer, family }: SidePacket): Address {
  const address = addressesOf(peer)[family];
  if (address === undefined) throw new Error(`the peer has no IPv${family} address`);
  return address;
}

function missOfPods({ engine, peer: end, family }: SidePacket, peer: PodPeer): PeerMiss | undefined {
  const { path } = peer;
  if (end.kind === "address") {
    const isHostNetworkPod = engine.cluster.pods.some(
      (pod) => pod.hostNetwork && pod.addresses[family]?.value === end.address.value,
    );
    return { why: isHostNetworkPod ? "host-network" : "not-a-pod", peer, path };
  }
  const { pod } = end;
  const { namespaces, pods } = peer.selection;
  const podUnmet = unmetBy(pod.labels, requirementsOf(pods));
  if (namespaces.kind === "name" && namespaces.name !== pod.namespace) {
    return { why: "other-namespace", peer, wanted: namespaces.name, podUnmet, path };
  }
  if (namespaces.kind === "selector") {
    const unmet = unmetBy(namespaceLabels(engine, pod.namespace), requirementsOf(namespaces.selector));
    if (unmet.length > 0) return { why: "namespace-labels", peer, unmet, podUnmet, path };
  }
  return podUnmet.length > 0 ? { why: "pod-labels", peer, unmet: podUnmet, path } : undefined;
}

function unmetBy(
  labels: Readonly<Record<string, string>>,
  requirements: readonly LabelSelectorRequirement[],
): LabelSelectorRequirement[] {
  return requirements.filter((each) => !meetsRequirement(each, labels));
}

function missOfBlock(peer: AddressPeer, address: Address): PeerMiss | undefined {
  const { path, cidr } = peer;
  if (cidr.family !== address.family) return { why: "other-family", peer, block: cidr, path };
  if (!cidrContains(cidr, address)) return { why: "outside-block", peer, block: cidr, path };
  const except = peer.except.find((block) => cidrContains(block, address));
  return except === undefined ? undefined : { why: "excepted", peer, block: except, path };
}

/** Nodes are known by their addresses, whoever else may use them. */
function missOfNodes(engine: Engine, peer: NodePeer, address: Address): PeerMiss | undefined {
  const { path } = peer;
  let nearest: PeerMiss | undefined;
  for (const { name, labels, addresses } of engine.cluster.nodes.values()) {
    if (!addresses.some((own) => compareAddresses(own, address) === 0)) continue;
    const unmet = unmetBy(labels, requirementsOf(peer.selector));
    if (unmet.length === 0) return undefined;
    nearest ??= { why: "node-labels", peer, node: name, unmet, path };
  }
  return nearest ?? { why: "not-a-node", peer, path };
}

function missOfPort(match: PortMatch, destination: End, traffic: Traffic): PortMiss | undefined {
  if (match.kind === "numbers") {
    if (portSetHas(match.ports, traffic)) return undefined;
    const hasProtocol = traffic.protocol !== "other" && match.ports[traffic.protocol].length > 0;
    return { why: hasProtocol ? "number" : "protocol", match };
  }
  const isAnyTransport = match.protocol === "any" && traffic.protocol !== "other";
  if (match.protocol !== traffic.protocol && !isAnyTransport) return { why: "protocol", match };
  if (destination.kind === "address") return { why: "name-not-a-pod", match };
  const resolved = resolveNamedPort(match, destination.pod.ports);
  if (portSetHas(resolved, traffic)) return undefined;
  return resolved.key === "" ? { why: "name-unknown", match } : { why: "number", match, named: resolved };
}
