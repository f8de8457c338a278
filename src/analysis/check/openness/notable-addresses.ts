import type { ClusterNode } from "../../../cluster/cluster.ts";
import type { Area } from "../../../engine/areas.ts";
import { selectorMatches } from "../../../k8s/selector.ts";
import { type Address, FAMILIES, parseAddress } from "../../../net/address.ts";
import { cidrContains } from "../../../net/cidr.ts";
import type { Transport } from "../../../net/port-set.ts";
import type { Peer, Rule } from "../../../policy/policy.ts";
import type { CheckContext } from "../check.ts";

/** Where instances of the large clouds ask for their credentials, over HTTP; the second on AWS alone. */
export const METADATA_ADDRESSES: readonly Address[] = ["169.254.169.254", "fd00:ec2::254"].map(
  (text) => parseAddress(text)!,
);

/** A port that something listens on. */
export interface TransportPort {
  readonly protocol: Transport;
  readonly port: number;
}

export const METADATA_PORT: TransportPort = { protocol: "TCP", port: 80 };

/** The kubelet's own port, and the older one that asks nobody who he is. */
export const KUBELET_PORTS: readonly TransportPort[] = [
  { protocol: "TCP", port: 10250 },
  { protocol: "TCP", port: 10255 },
];

export const API_SERVER_PORT: TransportPort = { protocol: "TCP", port: 6443 };

/** An address of a node. */
export interface NodeAddress {
  readonly address: Address;
  readonly node: ClusterNode;
}

/** Addresses of nodes that lie in the same blocks of all policies, so that one is as good as the others. */
export interface NodeArea {
  readonly first: NodeAddress;
  readonly nodes: readonly ClusterNode[];
}

/** The nodes of a cluster by the areas that their addresses lie in. */
export function nodeAreas(context: CheckContext, isAsked = (_: ClusterNode) => true): NodeArea[] {
  const { engine } = context;
  const areas = new Map<Area, { first: NodeAddress; nodes: ClusterNode[] }>();
  for (const node of knownNodes(context)) {
    if (!isAsked(node)) continue;
    for (const address of node.addresses) {
      const area = engine.view(address.family).areas.areaAt(address.value);
      const found = areas.get(area);
      if (found === undefined) areas.set(area, { first: { address, node }, nodes: [node] });
      else found.nodes.push(node);
    }
  }
  return [...areas.values()];
}

/** Those of which there is an object, with labels as every real one has. Others were given an address that is nobody's. */
function knownNodes({ cluster, known }: CheckContext): ClusterNode[] {
  return [...cluster.nodes.values()].filter(
    ({ labels, addresses }) => addresses.length > 0 && (known.everything || Object.keys(labels).length > 0),
  );
}

/** Addresses of pods that lie in the same blocks of all policies. */
export interface PodArea {
  readonly address: Address;
  readonly pods: number;
}

/** The pods of a cluster by the areas that their addresses lie in. */
export function podAreas({ engine }: CheckContext): PodArea[] {
  const found: PodArea[] = [];
  for (const family of FAMILIES) {
    const areas = new Map<Area, { address: Address; pods: number }>();
    for (const { areas: own, pods } of engine.view(family).classes()) {
      const area = own[family]!;
      const counted = areas.get(area);
      if (counted !== undefined) {
        counted.pods += pods.size;
        continue;
      }
      for (const { addresses } of pods) {
        const address = addresses[family];
        if (address !== undefined) areas.set(area, { address, pods: pods.size });
        break;
      }
    }
    found.push(...areas.values());
  }
  return found;
}

/** True for a node that runs an API server, as its labels tell. */
export function isControlPlane({ labels }: ClusterNode): boolean {
  return "node-role.kubernetes.io/control-plane" in labels || "node-role.kubernetes.io/master" in labels;
}

/** The first peer of a rule that an address matches (`node` is whose it is); `everyone` where all do. */
export function peerCovering(
  { peers }: Rule,
  address: Address,
  node?: ClusterNode,
): Peer | "everyone" | undefined {
  if (peers === "everyone") return "everyone";
  return peers.find((peer) => {
    if (peer.kind === "nodes") return node !== undefined && selectorMatches(peer.selector, node.labels);
    return (
      peer.kind === "addresses" &&
      cidrContains(peer.cidr, address) &&
      !peer.except.some((each) => cidrContains(each, address))
    );
  });
}
