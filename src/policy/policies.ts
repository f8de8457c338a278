import type { ClusterPolicyObject } from "../cluster/change.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { fromAdminNetworkPolicy, fromBaselineAdminNetworkPolicy } from "./from-admin-network-policy.ts";
import { fromClusterNetworkPolicy } from "./from-cluster-network-policy.ts";
import { fromNetworkPolicy } from "./from-network-policy.ts";
import type { Policy, Tier } from "./policy.ts";

const TIER_ORDER: Readonly<Record<Tier, number>> = { Admin: 0, NetworkPolicy: 1, Baseline: 2 };

/**
 * Every policy of the cluster in the order of judgement: by tier, then priority, then name (and
 * kind). Equal priorities are legal and the API leaves their order open; the name decides, so that it is always the
 * same.
 */
export function policiesOf(cluster: Cluster): Policy[] {
  return [...cluster.networkPolicies, ...cluster.clusterPolicies].map(policyOf).sort(comparePolicies);
}

/** A policy object of any kind as a policy of its tier. */
export function policyOf(source: ClusterPolicyObject): Policy {
  switch (source.kind) {
    case "NetworkPolicy":
      return fromNetworkPolicy(source);
    case "ClusterNetworkPolicy":
      return fromClusterNetworkPolicy(source);
    case "AdminNetworkPolicy":
      return fromAdminNetworkPolicy(source);
    case "BaselineAdminNetworkPolicy":
      return fromBaselineAdminNetworkPolicy(source);
  }
}

export function comparePolicies(a: Policy, b: Policy): number {
  return (
    TIER_ORDER[a.tier] - TIER_ORDER[b.tier] ||
    a.priority - b.priority ||
    compareTexts(a.id, b.id) ||
    compareTexts(a.kind, b.kind)
  );
}

/** By code unit: `db-10` before `db-2`, as every other program sorts names. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
