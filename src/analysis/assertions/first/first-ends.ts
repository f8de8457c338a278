import type { Cluster, ClusterWorkload } from "../../../cluster/cluster.ts";
import type { ExternalPeer } from "../../../engine/external-peers.ts";
import { FAMILIES, type Family } from "../../../net/address.ts";
import {
  type AddressRanges,
  cidrsOfRanges,
  intersectAddresses,
  joinRanges,
  rangeOfCidr,
  subtractAddresses,
} from "../../../net/address-ranges.ts";
import { type Cidr, cidrOf, formatCidr } from "../../../net/cidr.ts";
import type { ClusterEnds } from "../cluster-ends.ts";
import type { FirstEnd } from "./first-case.ts";
import type { FirstPeer, WorkloadPeer } from "./first-peers.ts";

/** Names groups of peers as shortly as it can be done. */
export interface FirstEnds {
  /**
   * Ends that stand for all of `group`, and for nobody else but some of `indifferent`, of whom nothing can be said that
   * would be wrong.
   */
  of(group: readonly FirstPeer[], indifferent: readonly FirstPeer[]): FirstEnd[];
}

export function firstEnds(ends: ClusterEnds, all: readonly FirstPeer[]): FirstEnds {
  const nameOf = workloadNames(ends.cluster);
  const workloads = all.filter((peer) => peer.kind === "workload");
  const outside = all.filter((peer) => peer.kind === "outside");
  const byNamespace = new Map<string, WorkloadPeer[]>();
  for (const peer of workloads) {
    const { namespace } = peer.workload;
    const before = byNamespace.get(namespace);
    if (before === undefined) byNamespace.set(namespace, [peer]);
    else before.push(peer);
  }
  return {
    of: (group, indifferent) => {
      const members = new Set(group);
      const allowed = new Set([...group, ...indifferent]);
      const isAll = (peers: readonly FirstPeer[]): boolean =>
        peers.some((peer) => members.has(peer)) && peers.every((peer) => allowed.has(peer));
      // One member is named itself: the others are none, and more may come.
      const isWhole = (peers: readonly FirstPeer[]): boolean =>
        isAll(peers) && peers.filter((peer) => members.has(peer)).length > 1;
      if (isAll(workloads) && isAll(outside)) return ["anyone"];
      const found: FirstEnd[] = [];
      if (isWhole(workloads)) {
        found.push({ namespaces: {} });
      } else {
        for (const [namespace, peers] of byNamespace) {
          if (isWhole(peers)) found.push({ namespace });
          else for (const peer of peers) if (members.has(peer)) found.push(nameOf(peer.workload));
        }
      }
      if (isAll(outside)) return [...found, "outside"];
      const named = outside.filter((peer) => members.has(peer)).map(({ external }) => external);
      return [...found, ...FAMILIES.flatMap((family) => addressEnds(family, named, ends.outside[family]))];
    },
  };
}

/** `shop/db`, or with its kind where that would name another pod or workload, too. */
function workloadNames(cluster: Cluster): (workload: ClusterWorkload) => string {
  const uses = new Map<string, number>();
  for (const { namespace, name } of cluster.workloads) {
    const short = `${namespace}/${name}`;
    uses.set(short, (uses.get(short) ?? 0) + 1);
  }
  const pods = new Map(cluster.pods.map((pod) => [pod.id, pod]));
  return (workload) => {
    const short = `${workload.namespace}/${workload.name}`;
    const pod = pods.get(short);
    const isOther = pod !== undefined && !(workload.pods.length === 1 && workload.pods[0] === pod);
    return isOther || (uses.get(short) ?? 0) > 1 ? workload.id : short;
  };
}

/** The ranges as blocks, or as one block around them without what is not meant: whichever is shorter. */
function addressEnds(family: Family, named: readonly ExternalPeer[], outside: AddressRanges): FirstEnd[] {
  const ranges = joinRanges(named.flatMap((peer) => (peer.family === family ? peer.ranges : [])));
  if (ranges.length === 0) return [];
  // Blocks of addresses that belong to the cluster stand for nobody outside.
  const isOutside = (cidr: Cidr): boolean => intersectAddresses([rangeOfCidr(cidr)], outside).length > 0;
  const blocks = cidrsOfRanges(ranges).filter(isOutside);
  const hull = hullOf(family, ranges);
  const except = cidrsOfRanges(subtractAddresses([rangeOfCidr(hull)], ranges)).filter(isOutside);
  if (blocks.length <= except.length) {
    return blocks.map((cidr) => ({ outside: true, cidr: formatCidr(cidr) }));
  }
  const end = { outside: true, cidr: formatCidr(hull) } as const;
  return [except.length === 0 ? end : { ...end, except: except.map(formatCidr) }];
}

/** The smallest block that holds all ranges. */
function hullOf(family: Family, ranges: AddressRanges): Cidr {
  const first = { family, value: ranges[0]!.first };
  const last = ranges.at(-1)!.last;
  for (let prefix = family === 4 ? 32 : 128; ; prefix--) {
    const block = cidrOf(first, prefix);
    if (block.last >= last) return block;
  }
}
