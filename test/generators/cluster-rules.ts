import {
  adminNetworkPolicyAsCluster,
  baselineAdminNetworkPolicyAsCluster,
} from "../reference/admin-network-policy.ts";
import { isKnownPeer } from "../reference/cluster-peer.ts";
import { isKnownProtocol } from "../reference/cluster-protocol.ts";
import type { RawCluster } from "../reference/raw.ts";
import type {
  RawClusterNetworkPolicy,
  RawClusterPeer,
  RawClusterProtocol,
} from "../reference/raw-cluster-policy.ts";
import type { RawObject } from "./objects-of.ts";

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

/** Whether a cluster-wide policy has a rule with something in it that only a newer API knows. */
export function holdsUnknown(object: RawObject): boolean {
  return clusterRules(clusterOf(object)).some(
    ({ isEgress, peers, protocols }) =>
      peers.some((peer) => !isKnownPeer(peer, isEgress ? "Egress" : "Ingress")) ||
      (protocols ?? []).some((protocol) => !isKnownProtocol(protocol)),
  );
}

function clusterOf(object: RawObject): RawCluster {
  const empty: RawCluster = { namespaces: [], nodes: [], pods: [], networkPolicies: [] };
  switch (object.kind) {
    case "ClusterNetworkPolicy":
      return { ...empty, clusterNetworkPolicies: [object] };
    case "AdminNetworkPolicy":
      return { ...empty, adminNetworkPolicies: [object] };
    case "BaselineAdminNetworkPolicy":
      return { ...empty, baselineAdminNetworkPolicies: [object] };
    default:
      return empty;
  }
}
