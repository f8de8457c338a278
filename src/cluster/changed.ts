import { type ClusterChange, type ClusterPolicyObject, policyId } from "./change.ts";
import type { Cluster } from "./cluster.ts";
import { sortedCluster } from "./sorted-cluster.ts";

/** The cluster after changes, in their order. */
export function changedCluster(before: Cluster, changes: readonly ClusterChange[]): Cluster {
  const namespaces = new Map(before.namespaces);
  const nodes = new Map(before.nodes);
  const pods = new Map(before.pods.map((pod) => [pod.id, pod]));
  const policies = new Map<string, ClusterPolicyObject>(
    [...before.networkPolicies, ...before.clusterPolicies].map((policy) => [policyId(policy), policy]),
  );
  for (const change of changes) {
    switch (change.kind) {
      case "pod-set":
        pods.set(change.pod.id, change.pod);
        break;
      case "pod-removed":
        pods.delete(change.id);
        break;
      case "namespace-set":
        namespaces.set(change.namespace.name, change.namespace);
        break;
      case "namespace-removed":
        namespaces.delete(change.name);
        break;
      case "node-set":
        nodes.set(change.node.name, change.node);
        break;
      case "node-removed":
        nodes.delete(change.name);
        break;
      case "policy-set":
        policies.set(policyId(change.policy), change.policy);
        break;
      case "policy-removed":
        policies.delete(change.id);
        break;
    }
  }
  return {
    ...sortedCluster({
      namespaces,
      nodes,
      pods: pods.values(),
      policies: policies.values(),
      finishedPods: before.finishedPods.filter((id) => !pods.has(id)),
    }),
    ...(before.published === undefined ? {} : { published: before.published }),
  };
}
