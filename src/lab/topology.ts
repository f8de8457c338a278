import { formatAddress, parseAddress } from "../net/address.ts";

/** Protocols with ports. */
export type PortProtocol = "TCP" | "UDP" | "SCTP";

/** A port on which a pod listens, on all its addresses. */
export interface LabPort {
  readonly protocol: PortProtocol;
  readonly port: number;
}

/** A node: a namespace that forwards for its pods, and in which the rules are loaded. */
export interface LabNode {
  readonly name: string;
  /** At most one address per family. */
  readonly addresses: readonly string[];
}

export interface LabPod {
  /** `namespace/name`, as in `shop/db-0`. */
  readonly id: string;
  readonly node: string;
  /** At most one address per family. Not looked at for host-network pods, which have their node's. */
  readonly addresses: readonly string[];
  readonly hostNetwork: boolean;
  readonly ports: readonly LabPort[];
}

/** A host outside the cluster. It listens nowhere: connections to it are refused, echo requests answered. */
export interface LabExternal {
  readonly address: string;
}

export interface LabTopology {
  readonly nodes: readonly LabNode[];
  readonly pods: readonly LabPod[];
  readonly externals: readonly LabExternal[];
}

/** Next hop of every pod on the way out, and the node's next hop towards the fabric. */
export const GATEWAY_IPV4 = "169.254.1.1";
/** The guest's side of a link, where something is routed behind it. */
export const GUEST_IPV4 = "169.254.1.2";
export const GATEWAY_IPV6 = "fe80::1";
export const GUEST_IPV6 = "fe80::2";

/**
 * Why no host of the lab can have this address, or undefined if one can: Linux routes neither loopback,
 * multicast, link-local IPv6 nor the unspecified address between hosts.
 */
export function unusableAddress(text: string): string | undefined {
  const address = parseAddress(text);
  if (address === undefined) return "is not an IP address";
  const { family, value } = address;
  if (value === 0n) return "is the unspecified address";
  if (family === 4) {
    if (value >> 24n === 127n) return "is a loopback address";
    if (value >> 28n === 14n) return "is a multicast address";
    if (value === 0xffff_ffffn) return "is the broadcast address";
    if (text === GATEWAY_IPV4 || text === GUEST_IPV4) return "is used by the lab's own links";
    return undefined;
  }
  if (value === 1n) return "is the loopback address";
  if (value >> 120n === 0xffn) return "is a multicast address";
  if (value >> 118n === 0x3fan) return "is a link-local address";
  if (value >> 32n === 0xffffn) return "is an IPv4-mapped address";
  return undefined;
}

/** The pods, nodes and hosts of a lab cannot be what they were said to be; the message names the first reason. */
export class TopologyError extends Error {
  override readonly name = "TopologyError";
}

/** Throws a {@link TopologyError} that names the first thing wrong with a topology: a double name, a used address. */
export function validateTopology(topology: LabTopology): void {
  const owners = new Map<string, string>();
  const claim = (owner: string, texts: readonly string[]): void => {
    const families = new Set<number>();
    for (const text of texts) {
      const problem = unusableAddress(text);
      if (problem !== undefined) throw new TopologyError(`${owner}: address ${text} ${problem}`);
      const address = parseAddress(text)!;
      const key = formatAddress(address);
      const other = owners.get(key);
      if (other !== undefined)
        throw new TopologyError(`${owner}: address ${text} belongs to ${other} already`);
      owners.set(key, owner);
      if (families.has(address.family))
        throw new TopologyError(`${owner}: has two IPv${address.family} addresses`);
      families.add(address.family);
    }
  };
  const nodes = new Set<string>();
  for (const node of topology.nodes) {
    if (nodes.has(node.name)) throw new TopologyError(`node ${node.name} is listed twice`);
    nodes.add(node.name);
    claim(`node ${node.name}`, node.addresses);
  }
  const pods = new Set<string>();
  for (const pod of topology.pods) {
    if (pods.has(pod.id)) throw new TopologyError(`pod ${pod.id} is listed twice`);
    pods.add(pod.id);
    if (!nodes.has(pod.node)) throw new TopologyError(`pod ${pod.id}: there is no node ${pod.node}`);
    if (!pod.hostNetwork) claim(`pod ${pod.id}`, pod.addresses);
  }
  for (const external of topology.externals) claim(`external host ${external.address}`, [external.address]);
}
