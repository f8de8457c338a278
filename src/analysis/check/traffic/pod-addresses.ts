import { DEFAULT_POD_CIDRS } from "../../../cluster/build.ts";
import type { Cluster, ClusterPod } from "../../../cluster/cluster.ts";
import { type Cidr, cidrContains, formatCidr } from "../../../net/cidr.ts";
import { type AddressIndex, addressIndex } from "./address-blocks.ts";

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
      ? [...told.values()]
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
