import type { Node, Pod } from "../k8s/objects.ts";
import { type Address, parseAddress } from "../net/address.ts";
import { parseCidr } from "../net/cidr.ts";
import type { ClusterNode } from "./cluster.ts";

/** The node of host-network pods whose node the input does not name. */
export const UNNAMED_NODE = "node";

/** What a Node object tells of itself; pods may tell further addresses of it. */
export function clusterNode({ name, labels, addresses, podCidrs }: Node): ClusterNode {
  const podRanges = podCidrs?.map((text) => parseCidr(text)!.cidr);
  return {
    labels,
    addresses: parseAddresses(addresses),
    ...(podRanges === undefined ? {} : { podRanges }),
    name,
  };
}

/** The node that a pod is on. A host-network pod has the addresses of a node, so it has to be on one. */
export function nodeNameOf(pod: Pick<Pod, "nodeName" | "hostNetwork" | "hostAddresses">): string | undefined {
  if (pod.nodeName !== undefined || !pod.hostNetwork || pod.hostAddresses.length > 0) return pod.nodeName;
  return UNNAMED_NODE;
}

/** The addresses of its node that a pod tells. */
export function mentionedAddresses(
  pod: Pick<Pod, "hostNetwork" | "hostAddresses" | "addresses">,
): readonly string[] {
  return pod.hostNetwork ? [...pod.hostAddresses, ...pod.addresses] : pod.hostAddresses;
}

/** Those of the texts that are addresses. */
export function parseAddresses(texts: readonly string[]): Address[] {
  return texts.map(parseAddress).filter((address): address is Address => address !== undefined);
}
