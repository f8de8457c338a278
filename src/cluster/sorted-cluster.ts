import type { ClusterPolicyObject } from "./change.ts";
import type { Cluster, ClusterNamespace, ClusterNode, ClusterPod } from "./cluster.ts";
import { compareNames } from "./names.ts";
import { groupByWorkload } from "./workload-groups.ts";

/** The objects of a cluster in any order. */
export interface ClusterParts {
  readonly namespaces: ReadonlyMap<string, ClusterNamespace>;
  readonly nodes: ReadonlyMap<string, ClusterNode>;
  readonly pods: Iterable<ClusterPod>;
  readonly policies: Iterable<ClusterPolicyObject>;
  readonly finishedPods: Iterable<string>;
}

/** A cluster with its parts in the order that every cluster has. */
export function sortedCluster({ namespaces, nodes, pods, policies, finishedPods }: ClusterParts): Cluster {
  const sortedPods = [...pods].sort(comparePods);
  const allPolicies = [...policies];
  return {
    namespaces: new Map([...namespaces].sort(([a], [b]) => compareNames(a, b))),
    nodes: new Map([...nodes].sort(([a], [b]) => compareNames(a, b))),
    pods: sortedPods,
    workloads: groupByWorkload(sortedPods),
    networkPolicies: allPolicies
      .filter((policy) => policy.kind === "NetworkPolicy")
      .sort((a, b) => compareNames(a.namespace, b.namespace) || compareNames(a.name, b.name)),
    clusterPolicies: allPolicies
      .filter((policy) => policy.kind !== "NetworkPolicy")
      .sort((a, b) => compareNames(a.name, b.name) || compareNames(a.kind, b.kind)),
    finishedPods: [...finishedPods].sort(comparePodIds),
  };
}

/** By namespace, then name. */
export function comparePods(
  a: { readonly namespace: string; readonly name: string },
  b: { readonly namespace: string; readonly name: string },
): number {
  return compareNames(a.namespace, b.namespace) || compareNames(a.name, b.name);
}

/** As the pods of these ids compare. */
export function comparePodIds(a: string, b: string): number {
  const slashA = a.indexOf("/");
  const slashB = b.indexOf("/");
  return (
    compareNames(a.slice(0, slashA), b.slice(0, slashB)) ||
    compareNames(a.slice(slashA + 1), b.slice(slashB + 1))
  );
}
