import type { RawCluster } from "../reference/raw.ts";

/** Any object of a cluster. */
export type RawObject = NonNullable<RawCluster[keyof RawCluster]>[number];

/** All objects of the cluster, those first on which others depend. */
export function objectsOf(cluster: RawCluster): RawObject[] {
  return [
    ...cluster.namespaces,
    ...cluster.nodes,
    ...cluster.pods,
    ...cluster.networkPolicies,
    ...(cluster.clusterNetworkPolicies ?? []),
    ...(cluster.adminNetworkPolicies ?? []),
    ...(cluster.baselineAdminNetworkPolicies ?? []),
  ];
}
