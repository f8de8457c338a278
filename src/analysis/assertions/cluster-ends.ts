import type { Cluster, ClusterPod } from "../../cluster/cluster.ts";
import { FAMILIES, type Family } from "../../net/address.ts";
import type { AddressRange } from "../../net/address-partition.ts";
import {
  type AddressRanges,
  joinRanges,
  noAddresses,
  rangeOfCidr,
  subtractAddresses,
} from "../../net/address-ranges.ts";
import { type Cidr, cidrContains, wholeFamily } from "../../net/cidr.ts";
import { BOTH_FAMILIES, type EndSet } from "./end-set.ts";

/** The ends of a cluster as assertions name them, looked up once for all cases. */
export interface ClusterEnds {
  readonly cluster: Cluster;
  readonly pods: ReadonlyMap<string, ClusterPod>;
  /** By `namespace/name` and by `namespace/name[Kind]`. */
  readonly workloads: ReadonlyMap<string, readonly ClusterPod[]>;
  readonly podsByNamespace: ReadonlyMap<string, readonly ClusterPod[]>;
  /** The addresses of pods of the pod network. */
  readonly podAddresses: Readonly<Record<Family, AddressRanges>>;
  /** Every address that is outside of the cluster. */
  readonly outside: Readonly<Record<Family, AddressRanges>>;
  readonly everyPod: EndSet["pods"];
  /** Pods that have no address yet. */
  readonly waitingPods: readonly string[];
}

/** What is known of a cluster besides its objects. */
export interface ClusterEndsOptions {
  /** Blocks from which pods without an address were given one. */
  readonly podCidrs?: readonly Cidr[];
  readonly waitingPods?: readonly string[];
}

/**
 * Looks up the ends of a cluster. Outside of it are all addresses but those of pods and nodes, and those of the blocks
 * from which pods get theirs: an address that no pod has now may be the next one's.
 */
export function clusterEnds(cluster: Cluster, options: ClusterEndsOptions = {}): ClusterEnds {
  const workloads = new Map<string, readonly ClusterPod[]>();
  for (const { id, namespace, name, pods } of cluster.workloads) {
    const short = `${namespace}/${name}`;
    workloads.set(id, pods);
    workloads.set(short, [...(workloads.get(short) ?? []), ...pods]);
  }
  const podsByNamespace = new Map<string, ClusterPod[]>();
  const ofPods: Record<Family, AddressRange[]> = { 4: [], 6: [] };
  const ofCluster: Record<Family, AddressRange[]> = { 4: [], 6: [] };
  for (const pod of cluster.pods) {
    const known = podsByNamespace.get(pod.namespace);
    if (known === undefined) podsByNamespace.set(pod.namespace, [pod]);
    else known.push(pod);
    for (const family of FAMILIES) {
      const value = pod.addresses[family]?.value;
      if (value === undefined) continue;
      (pod.hostNetwork ? ofCluster : ofPods)[family].push({ family, first: value, last: value });
    }
  }
  for (const { addresses, podRanges = [] } of cluster.nodes.values()) {
    for (const { family, value } of addresses) ofCluster[family].push({ family, first: value, last: value });
    for (const block of podRanges) ofCluster[block.family].push(rangeOfCidr(block));
  }
  for (const block of options.podCidrs ?? []) {
    if (cluster.pods.some((pod) => holds(block, pod))) ofCluster[block.family].push(rangeOfCidr(block));
  }
  const [podAddresses, outside] = [noAddresses(), noAddresses()];
  for (const family of FAMILIES) {
    podAddresses[family] = joinRanges(ofPods[family]);
    const inside = joinRanges([...podAddresses[family], ...ofCluster[family]]);
    outside[family] = subtractAddresses([rangeOfCidr(wholeFamily(family))], inside);
  }
  return {
    cluster,
    pods: new Map(cluster.pods.map((pod) => [pod.id, pod])),
    workloads,
    podsByNamespace,
    podAddresses,
    outside,
    everyPod: new Map(cluster.pods.map((pod) => [pod, BOTH_FAMILIES])),
    waitingPods: options.waitingPods ?? [],
  };
}

/** True if the pod has an address of its own in the block. */
export function holds(block: Cidr, pod: ClusterPod): boolean {
  const address = pod.hostNetwork ? undefined : pod.addresses[block.family];
  return address !== undefined && cidrContains(block, address);
}
