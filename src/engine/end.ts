import type { AddressByFamily, ClusterNode, ClusterPod } from "../cluster/cluster.ts";
import { type Address, addressKey, compareAddresses, FAMILIES, type Family } from "../net/address.ts";

/** One end of a connection: a pod, or an address. */
export type End =
  | { readonly kind: "pod"; readonly pod: ClusterPod }
  | { readonly kind: "address"; readonly address: Address };

/** Finds pods and nodes by their addresses. */
export interface AddressBook {
  /** The pod that policies can see at this address; host-network pods are not seen. */
  podAt(address: Address): ClusterPod | undefined;
  /** A host-network pod at this address, if there is one. */
  hostNetworkPodAt(address: Address): ClusterPod | undefined;
  /** The node of a name; undefined if there is none. */
  node(name: string): ClusterNode | undefined;
  /** Every host-network pod at this address; none of them alone is who uses it. */
  hostNetworkPodsAt(address: Address): Iterable<ClusterPod>;
  /** The name of the node that has this address; the first in line if several claim it. */
  nodeAt(address: Address): string | undefined;
  /** True if the address is one of the node's own. */
  isNodeAddress(node: string, address: Address): boolean;
}

/** An address book that is kept up to date. */
export interface LiveAddressBook extends AddressBook {
  setPod(pod: ClusterPod): void;
  removePod(pod: ClusterPod): void;
  setNode(node: ClusterNode): void;
  removeNode(name: string): void;
}

export function createAddressBook(): LiveAddressBook {
  const ofPods = new Map<number | bigint, ClusterPod>();
  /** Pods whose address another pod has been given since: it is theirs again if that one goes first. */
  const outlived = new Map<number | bigint, ClusterPod[]>();
  const ofHostNetworkPods = new Map<number | bigint, Set<ClusterPod>>();
  const nodes = new Map<string, ClusterNode>();
  const ofNodes = new Map<number | bigint, Set<string>>();
  const removeNode = (name: string): void => {
    for (const address of nodes.get(name)?.addresses ?? []) {
      const key = addressKey(address);
      const sharing = ofNodes.get(key);
      sharing?.delete(name);
      if (sharing?.size === 0) ofNodes.delete(key);
    }
    nodes.delete(name);
  };
  return {
    podAt: (address) => ofPods.get(addressKey(address)),
    hostNetworkPodAt: (address) => ofHostNetworkPods.get(addressKey(address))?.values().next().value,
    node: (name) => nodes.get(name),
    hostNetworkPodsAt: (address) => ofHostNetworkPods.get(addressKey(address)) ?? [],
    nodeAt: (address) => ofNodes.get(addressKey(address))?.values().next().value,
    isNodeAddress: (node, address) =>
      nodes.get(node)?.addresses.some((own) => compareAddresses(own, address) === 0) ?? false,
    setPod: (pod) => {
      for (const family of FAMILIES) {
        const address = pod.addresses[family];
        if (address === undefined) continue;
        const key = addressKey(address);
        if (!pod.hostNetwork) {
          const other = ofPods.get(key);
          if (other !== undefined && other !== pod) outlived.set(key, [...(outlived.get(key) ?? []), other]);
          ofPods.set(key, pod);
          continue;
        }
        const sharing = ofHostNetworkPods.get(key);
        if (sharing === undefined) ofHostNetworkPods.set(key, new Set([pod]));
        else sharing.add(pod);
      }
    },
    removePod: (pod) => {
      for (const address of Object.values(pod.addresses)) {
        const key = addressKey(address);
        // An address may have been given to another pod before the news of the old one's end.
        const others = outlived.get(key);
        if (!pod.hostNetwork && ofPods.get(key) === pod) {
          const heir = others?.pop();
          if (heir === undefined) ofPods.delete(key);
          else ofPods.set(key, heir);
        } else if (others?.includes(pod) === true) {
          others.splice(others.indexOf(pod), 1);
        }
        if (others?.length === 0) outlived.delete(key);
        const sharing = ofHostNetworkPods.get(key);
        sharing?.delete(pod);
        if (sharing?.size === 0) ofHostNetworkPods.delete(key);
      }
    },
    setNode: (node) => {
      removeNode(node.name);
      nodes.set(node.name, node);
      for (const address of node.addresses) {
        const key = addressKey(address);
        const sharing = ofNodes.get(key);
        if (sharing === undefined) ofNodes.set(key, new Set([node.name]));
        else sharing.add(node.name);
      }
    },
    removeNode,
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
