import type { AddressByFamily, Cluster, ClusterPod } from "../cluster/cluster.ts";
import { type Address, compareAddresses, type Family, formatAddress } from "../net/address.ts";

/** One end of a connection: a pod, or an address. */
export type End =
  | { readonly kind: "pod"; readonly pod: ClusterPod }
  | { readonly kind: "address"; readonly address: Address };

/** Finds pods and nodes by their addresses. */
export interface AddressBook {
  /** The pod that policies can see at this address; host-network pods are not seen. */
  podAt(address: Address): ClusterPod | undefined;
  /** True if the address is one of the node's own. */
  isNodeAddress(node: string, address: Address): boolean;
}

export function addressBook(cluster: Cluster): AddressBook {
  const pods = new Map<string, ClusterPod>();
  for (const pod of cluster.pods) {
    if (pod.hostNetwork) continue;
    for (const address of Object.values(pod.addresses)) pods.set(formatAddress(address), pod);
  }
  return {
    podAt: (address) => pods.get(formatAddress(address)),
    isNodeAddress: (node, address) =>
      cluster.nodes.get(node)?.addresses.some((own) => compareAddresses(own, address) === 0) ?? false,
  };
}

/** The addresses of an end, at most one a family. */
export function addressesOf(end: End): AddressByFamily {
  return end.kind === "pod" ? end.pod.addresses : { [end.address.family]: end.address };
}

/**
 * The end as policies see it in one family: a pod of the pod network, or an address (a host-network pod is
 * its node's). Undefined if the end has no address of that family.
 */
export function seenEnd(end: End, family: Family, book: AddressBook): End | undefined {
  if (end.kind === "pod" && !end.pod.hostNetwork) {
    return end.pod.addresses[family] === undefined ? undefined : end;
  }
  const address = addressesOf(end)[family];
  if (address === undefined) return undefined;
  const pod = end.kind === "address" ? book.podAt(address) : undefined;
  return pod === undefined ? { kind: "address", address } : { kind: "pod", pod };
}
