import { type ClusterPolicyObject, policyId } from "../change.ts";
import type { Cluster, ClusterNamespace, ClusterNode, ClusterPod } from "../cluster.ts";

/** The objects of an earlier cluster, by what tells them apart. */
export interface Seed {
  namespace(name: string): ClusterNamespace | undefined;
  node(name: string): ClusterNode | undefined;
  pod(id: string): ClusterPod | undefined;
  policy(id: string): ClusterPolicyObject | undefined;
  /** Lets go of all of them. */
  forget(): void;
}

export function createSeed(cluster: Cluster | undefined): Seed {
  let namespaces = cluster?.namespaces;
  let nodes = cluster?.nodes;
  const pods = new Map(cluster?.pods.map((pod) => [pod.id, pod]));
  const policies = new Map<string, ClusterPolicyObject>();
  for (const policy of cluster?.networkPolicies ?? []) policies.set(policyId(policy), policy);
  for (const policy of cluster?.clusterPolicies ?? []) policies.set(policyId(policy), policy);
  return {
    namespace: (name) => namespaces?.get(name),
    node: (name) => nodes?.get(name),
    pod: (id) => pods.get(id),
    policy: (id) => policies.get(id),
    forget: () => {
      namespaces = undefined;
      nodes = undefined;
      pods.clear();
      policies.clear();
    },
  };
}
