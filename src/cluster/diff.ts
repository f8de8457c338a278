import { type ClusterChange, type ClusterPolicyObject, policyId } from "./change.ts";
import type { Cluster } from "./cluster.ts";
import { sameContent } from "./same-content.ts";

/**
 * What became different between two clusters. Where an object came from does not count: a file that was saved again
 * changes nothing.
 */
export function clusterChanges(before: Cluster, after: Cluster): ClusterChange[] {
  return [
    ...changesOf(before.nodes, after.nodes, (node) => ({ kind: "node-set", node }), removedNode),
    ...changesOf(
      before.namespaces,
      after.namespaces,
      (namespace) => ({ kind: "namespace-set", namespace }),
      removedNamespace,
    ),
    ...changesOf(
      policiesById(before),
      policiesById(after),
      (policy) => ({ kind: "policy-set", policy }),
      removedPolicy,
    ),
    ...changesOf(podsById(before), podsById(after), (pod) => ({ kind: "pod-set", pod }), removedPod),
  ];
}

const removedNode = (name: string): ClusterChange => ({ kind: "node-removed", name });
const removedNamespace = (name: string): ClusterChange => ({ kind: "namespace-removed", name });
const removedPolicy = (id: string): ClusterChange => ({ kind: "policy-removed", id });
const removedPod = (id: string): ClusterChange => ({ kind: "pod-removed", id });

function policiesById(cluster: Cluster): Map<string, ClusterPolicyObject> {
  return new Map(
    [...cluster.networkPolicies, ...cluster.clusterPolicies].map((policy) => [policyId(policy), policy]),
  );
}

function podsById(cluster: Cluster): Map<string, Cluster["pods"][number]> {
  return new Map(cluster.pods.map((pod) => [pod.id, pod]));
}

function changesOf<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  set: (value: T) => ClusterChange,
  removed: (key: string) => ClusterChange,
): ClusterChange[] {
  const changes: ClusterChange[] = [];
  for (const key of before.keys()) if (!after.has(key)) changes.push(removed(key));
  for (const [key, value] of after) {
    if (!before.has(key) || !sameContent(before.get(key), value)) changes.push(set(value));
  }
  return changes;
}
