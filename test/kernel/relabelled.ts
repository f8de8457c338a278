import { isDeepStrictEqual } from "node:util";
import type { ClusterChange } from "../../src/cluster/change.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import type { Random } from "../generators/random.ts";

/** Changes that give a node and a namespace the labels of others of their kind. */
export function relabelled(random: Random, { nodes, namespaces }: Cluster): ClusterChange[] {
  const node = random.pick([...nodes.values()]);
  const namespace = random.pick([...namespaces.values()]);
  const labelsOfNode = random.pick([...nodes.values()]).labels;
  const labelsOfNamespace = random.pick([...namespaces.values()]).labels;
  return [
    { kind: "node-set", node: { ...node, labels: labelsOfNode } },
    { kind: "namespace-set", namespace: { ...namespace, labels: labelsOfNamespace } },
  ];
}

/** True if a change gives a node or a namespace that is there other labels than it has. */
export function isRelabel({ nodes, namespaces }: Cluster, change: ClusterChange): boolean {
  const [before, after] =
    change.kind === "node-set"
      ? [nodes.get(change.node.name), change.node]
      : change.kind === "namespace-set"
        ? [namespaces.get(change.namespace.name), change.namespace]
        : [undefined, undefined];
  return before !== undefined && !isDeepStrictEqual(before.labels, after!.labels);
}

/** True if a change takes a pod from one node to another, in its name. */
export function isMove({ pods }: Cluster, change: ClusterChange): boolean {
  if (change.kind !== "pod-set") return false;
  const before = pods.find(({ id }) => id === change.pod.id);
  return before !== undefined && before.node !== change.pod.node;
}
