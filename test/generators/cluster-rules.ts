import {
  adminNetworkPolicyAsCluster,
  baselineAdminNetworkPolicyAsCluster,
} from "../reference/admin-network-policy.ts";
import type { RawCluster } from "../reference/raw.ts";
import type {
  RawClusterNetworkPolicy,
  RawClusterPeer,
  RawClusterProtocol,
} from "../reference/raw-cluster-policy.ts";

/** A rule of a cluster-wide policy, in the words of ClusterNetworkPolicy whatever its kind. */
export interface ClusterRule {
  policy: RawClusterNetworkPolicy;
  isEgress: boolean;
  action: "Accept" | "Deny" | "Pass";
  peers: RawClusterPeer[];
  protocols: RawClusterProtocol[] | undefined;
}

/** All cluster-wide policies in the words of ClusterNetworkPolicy. */
export function clusterWidePolicies(cluster: RawCluster): RawClusterNetworkPolicy[] {
  return [
    ...(cluster.clusterNetworkPolicies ?? []),
    ...(cluster.adminNetworkPolicies ?? []).map(adminNetworkPolicyAsCluster),
    ...(cluster.baselineAdminNetworkPolicies ?? []).map(baselineAdminNetworkPolicyAsCluster),
  ];
}

/** The rules of all cluster-wide policies; those of one policy and direction are in their order. */
export function clusterRules(cluster: RawCluster): ClusterRule[] {
  return clusterWidePolicies(cluster).flatMap((policy) => [
    ...(policy.spec.ingress ?? []).map(({ action, from, protocols }) => ({
      ...{ policy, isEgress: false, action, peers: from, protocols },
    })),
    ...(policy.spec.egress ?? []).map(({ action, to, protocols }) => ({
      ...{ policy, isEgress: true, action, peers: to, protocols },
    })),
  ]);
}
