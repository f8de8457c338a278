import { type ClusterChange, type ClusterPolicyObject, policyId } from "./change.ts";
import type { Cluster } from "./cluster.ts";

/** The policies of a cluster that are in audit mode, those of the whole cluster first. */
export function auditedPolicies(cluster: Cluster): readonly ClusterPolicyObject[] {
  return [...cluster.clusterPolicies, ...cluster.networkPolicies].filter(isAudited);
}

/** The cluster as if the policies in audit mode were not there; the cluster itself, if there are none. */
export function withoutAudited(cluster: Cluster): Cluster {
  if (auditedPolicies(cluster).length === 0) return cluster;
  return {
    ...cluster,
    networkPolicies: cluster.networkPolicies.filter((policy) => !isAudited(policy)),
    clusterPolicies: cluster.clusterPolicies.filter((policy) => !isAudited(policy)),
  };
}

/**
 * What a change of a cluster is to the same cluster {@link withoutAudited} policies: one that is set and audited is
 * removed there, where it may have been before.
 */
export function withoutAuditedChange(change: ClusterChange): ClusterChange {
  if (change.kind !== "policy-set" || !isAudited(change.policy)) return change;
  return { kind: "policy-removed", id: policyId(change.policy) };
}

function isAudited({ audit }: ClusterPolicyObject): boolean {
  return audit === true;
}
