import { DEFAULT_POD_CIDRS } from "../../../cluster/build.ts";
import type { Cluster, ClusterPod } from "../../../cluster/cluster.ts";
import { FAMILIES } from "../../../net/address.ts";
import { type Cidr, cidrContains, cidrOf, formatCidr } from "../../../net/cidr.ts";
import { type AddressIndex, addressIndex, cidrWithin } from "./address-blocks.ts";

/** Where pods have their addresses. */
export interface PodAddresses {
  readonly pods: AddressIndex<ClusterPod>;
  /** The blocks that pods get addresses from. */
  readonly ranges: readonly Cidr[];
  /** False where the ranges, and the addresses in them, are only those that most clusters have. */
  readonly areTold: boolean;
}

export function podAddresses({ pods, nodes }: Cluster): PodAddresses {
  const seen = pods.filter((pod) => !pod.hostNetwork);
  const told = new Map(
    [...nodes.values()].flatMap(({ podRanges = [] }) => podRanges.map((range) => [formatCidr(range), range])),
  );
  // A pod with an address is on a node; one from a manifest has been given an address here.
  const areTold = told.size > 0 || seen.some(({ node }) => node !== undefined);
  return {
    pods: addressIndex(
      seen.flatMap((pod) => Object.values(pod.addresses).map((address) => [address, pod] as const)),
    ),
    ranges: areTold
      ? FAMILIES.flatMap((family) => joined([...told.values()].filter((range) => range.family === family)))
      : DEFAULT_POD_CIDRS.filter((range) =>
          // Whoever chose other blocks for the pods of manifests has none in these.
          seen.every(({ addresses }) =>
            Object.values(addresses).every(
              (address) => address.family !== range.family || cidrContains(range, address),
            ),
          ),
        ),
    areTold,
  };
}

/** Of each family the shortest prefix with which the ranges of all nodes are made. */
const SHORTEST_PREFIX = { 4: 12, 6: 44 } as const;

/** The ranges of the nodes of a family as one: that of the cluster, of which every node has a part. */
function joined(ranges: readonly Cidr[]): readonly Cidr[] {
  const [first] = ranges;
  if (first === undefined) return [];
  const usual = DEFAULT_POD_CIDRS.find((block) => ranges.every((range) => cidrWithin(range, block)));
  if (usual !== undefined) return [usual];
  for (let prefix = first.prefix; prefix >= SHORTEST_PREFIX[first.family]; prefix--) {
    const block = cidrOf({ family: first.family, value: first.first }, prefix);
    if (ranges.every((range) => cidrWithin(range, block))) return [block];
  }
  return ranges;
}
