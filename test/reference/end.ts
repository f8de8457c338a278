import { type Address, type Family, isSameAddress, parseAddress } from "./ip.ts";
import { isHostNetwork, nodeAddresses, podAddresses, podKey, takesPart } from "./pod.ts";
import type { RawCluster, RawPod } from "./raw.ts";

/** One end of a connection: a pod as "namespace/name", or an address. */
export type End = { pod: string } | { address: string };

/** What policies can know of an end. */
export interface ResolvedEnd {
  address: Address;
  /** The pod that policies may select; absent for nodes, host-network pods, finished pods and the outside. */
  pod?: RawPod;
  /** The name of the node, where the end is one: by address, or as a host-network pod. */
  node?: string;
}

/**
 * Finds who an end is in one family, or undefined where it has no address of that family. A finished pod has none
 * any more: whoever means its last address says so by `{address}`.
 * @throws Error when the cluster has no such pod, or the address is none.
 */
export function resolveEnd(cluster: RawCluster, end: End, family: Family): ResolvedEnd | undefined {
  if ("address" in end) {
    const address = parseAddress(end.address);
    return address.family === family ? resolveAddress(cluster, address) : undefined;
  }
  const pod = cluster.pods.find((candidate) => podKey(candidate) === end.pod);
  if (pod === undefined) {
    throw new Error(`the cluster has no pod ${end.pod}`);
  }
  const address = podAddresses(pod).find((candidate) => candidate.family === family);
  if (!takesPart(pod) || address === undefined) {
    return undefined;
  }
  if (!isHostNetwork(pod)) {
    return { address, pod };
  }
  return pod.spec.nodeName === undefined ? { address } : { address, node: pod.spec.nodeName };
}

function resolveAddress(cluster: RawCluster, address: Address): ResolvedEnd {
  const isHere = (candidate: Address) => isSameAddress(candidate, address);
  const pod = cluster.pods.find(
    (candidate) => takesPart(candidate) && !isHostNetwork(candidate) && podAddresses(candidate).some(isHere),
  );
  if (pod !== undefined) {
    return { address, pod };
  }
  const node = cluster.nodes.find((candidate) => nodeAddresses(cluster, candidate).some(isHere));
  return node === undefined ? { address } : { address, node: node.metadata.name };
}
