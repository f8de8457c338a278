import type { Namespace } from "../../k8s/objects.ts";
import type { ClusterNamespace } from "../cluster.ts";
import { clusterNamespace } from "../cluster-namespace.ts";
import type { Tracked } from "./tracked.ts";

/** The namespaces of a followed cluster: those that there are objects of, and those that pods or policies are in. */
export interface LiveNamespaces {
  readonly names: ReadonlySet<string>;
  set(namespace: Namespace): void;
  remove(name: string): void;
  /** One more pod or policy is in it. */
  enter(name: string): void;
  leave(name: string): void;
}

export function createLiveNamespaces(tracked: Tracked<ClusterNamespace>): LiveNamespaces {
  /** Those that there are objects of. */
  const names = new Set<string>();
  /** How many pods and policies are in each. */
  const inhabitants = new Map<string, number>();

  return {
    names,
    set: ({ name, labels }) => {
      names.add(name);
      tracked.put(name, clusterNamespace(name, labels));
    },
    remove: (name) => {
      if (!names.delete(name)) return;
      tracked.put(name, inhabitants.has(name) ? clusterNamespace(name, {}) : undefined);
    },
    enter: (name) => {
      const count = inhabitants.get(name) ?? 0;
      inhabitants.set(name, count + 1);
      if (count === 0 && !names.has(name)) tracked.put(name, clusterNamespace(name, {}));
    },
    leave: (name) => {
      const count = inhabitants.get(name) ?? 0;
      if (count > 1) {
        inhabitants.set(name, count - 1);
        return;
      }
      inhabitants.delete(name);
      if (!names.has(name)) tracked.put(name, undefined);
    },
  };
}
