import type { Node } from "../../k8s/objects.ts";
import type { ClusterNode } from "../cluster.ts";
import { clusterNode } from "../cluster-node.ts";
import { createNodePods, type NodePods } from "./node-pods.ts";
import type { Tracked } from "./tracked.ts";

/** The nodes of a followed cluster: those that there are objects of, and those that running pods name. */
export interface LiveNodes {
  readonly names: ReadonlyMap<string, unknown>;
  set(node: Node): void;
  remove(name: string): void;
  /** A running pod is on a node, and tells these addresses of it. */
  setPod(node: string, pod: string, told: readonly string[]): void;
  removePod(node: string, pod: string): void;
  /** Computes what changed since the last call: the nodes that may be others now. */
  update(): Iterable<string>;
}

export function createLiveNodes(tracked: Tracked<ClusterNode>): LiveNodes {
  /** What the objects tell. */
  const told = new Map<string, ClusterNode>();
  const podsOf = new Map<string, NodePods>();
  const touched = new Set<string>();

  const current = (name: string): ClusterNode | undefined => {
    const own = told.get(name);
    const pods = podsOf.get(name);
    if (pods === undefined) return own;
    const { addresses, ...rest } = own ?? { name, labels: {}, addresses: [] };
    return { ...rest, addresses: [...addresses, ...pods.further(addresses)] };
  };

  return {
    names: told,
    set: (node) => {
      told.set(node.name, clusterNode(node));
      touched.add(node.name);
    },
    remove: (name) => {
      if (told.delete(name)) touched.add(name);
    },
    setPod: (node, pod, addresses) => {
      let pods = podsOf.get(node);
      if (pods === undefined) {
        pods = createNodePods();
        podsOf.set(node, pods);
        touched.add(node);
      }
      if (pods.set(pod, addresses)) touched.add(node);
    },
    removePod: (node, pod) => {
      const pods = podsOf.get(node);
      if (pods === undefined) return;
      if (pods.remove(pod)) touched.add(node);
      if (pods.size > 0) return;
      podsOf.delete(node);
      touched.add(node);
    },
    update: () => {
      const names = [...touched];
      touched.clear();
      for (const name of names) tracked.put(name, current(name));
      return names;
    },
  };
}
