import type { ClusterPod } from "../cluster/cluster.ts";
import { clusterNamespace } from "../cluster/cluster-namespace.ts";
import type { FieldPath } from "../k8s/location.ts";
import type { Direction, LabelSelectorRequirement, Labels } from "../k8s/objects.ts";
import { meetsRequirement, requirementsOf } from "../k8s/selector.ts";
import { type Address, compareAddresses, type Family } from "../net/address.ts";
import { type Cidr, cidrContains } from "../net/cidr.ts";
import { type PortSet, portSetHas, type Traffic } from "../net/port-set.ts";
import type { AddressPeer, DomainPeer, NodePeer, Peer, PodPeer, PortMatch } from "../policy/policy.ts";
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

/** Why a peer of a rule does not match the packet; undefined if it does. */
export function missOfPeer(packet: SidePacket, peer: Peer): PeerMiss | undefined {
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

function missOfPods({ engine, peer: end }: SidePacket, peer: PodPeer): PeerMiss | undefined {
  const { path } = peer;
  if (end.kind === "address") {
    const isHostNetworkPod = engine.addresses.hostNetworkPodAt(end.address) !== undefined;
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
  labels: Labels,
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
  for (const { name, labels, addresses } of engine.nodes.values()) {
    if (!addresses.some((own) => compareAddresses(own, address) === 0)) continue;
    const unmet = unmetBy(labels, requirementsOf(peer.selector));
    if (unmet.length === 0) return undefined;
    nearest ??= { why: "node-labels", peer, node: name, unmet, path };
  }
  return nearest ?? { why: "not-a-node", peer, path };
}

/** Why an entry of a rule's ports does not match the packet; undefined if it does. */
export function missOfPort({ destination, traffic }: SidePacket, match: PortMatch): PortMiss | undefined {
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

/** The labels of a namespace by its name. */
export function namespaceLabels(engine: Engine, namespace: string): Labels {
  // A namespace may be gone before its pods are: they are judged as if it had the label that every one has.
  return engine.namespaces.get(namespace)?.labels ?? clusterNamespace(namespace, {}).labels;
}
