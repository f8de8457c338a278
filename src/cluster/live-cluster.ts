import type { ClusterPolicy, Namespace, NetworkPolicy, Node, Pod } from "../k8s/objects.ts";
import { type ClusterChange, type ClusterPolicyObject, policyId } from "./change.ts";
import type { Cluster, ClusterNamespace, ClusterNode, ClusterPod } from "./cluster.ts";
import { podId } from "./cluster-pod.ts";
import { createLiveNamespaces } from "./live/live-namespaces.ts";
import { createLiveNodes } from "./live/live-nodes.ts";
import { createLivePods } from "./live/live-pods.ts";
import { createSeed } from "./live/seed.ts";
import { createTracked, type Tracked } from "./live/tracked.ts";
import { sortedCluster } from "./sorted-cluster.ts";

/** Any object that is followed. */
export type LiveObject = Pod | Namespace | Node | NetworkPolicy | ClusterPolicy;
export type LiveKind = LiveObject["kind"];

/**
 * A cluster that is kept up to date, object by object, as an API server tells of them. After whatever was told, it has
 * the content that `buildCluster` gives to the same objects, where pods without an address are left out.
 *
 * What becomes different is returned as changes, in an order in which namespaces and nodes come before the pods in them
 * and go after them. An object that says the same as before gives none.
 */
export interface LiveCluster {
  /** An object that is new, or replaces its namesake. */
  set(object: LiveObject): ClusterChange[];
  /** An object that is gone: `namespace/name`, or `name` where the kind has no namespaces. One that is unknown is no error. */
  remove(kind: LiveKind, id: string): ClusterChange[];
  /** All objects of a kind. */
  replace(kind: LiveKind, objects: Iterable<LiveObject>): ClusterChange[];
  /** All objects of a kind but these are gone: the end of a list whose objects were set one by one. */
  keepOnly(kind: LiveKind, ids: ReadonlySet<string>): ClusterChange[];
  /** Sorts everything: not to be asked for at every change. */
  cluster(): Cluster;
  /** Lets go of the seed, once what was in it has been told anew. */
  forgetSeed(): void;
}

export interface LiveClusterOptions {
  /**
   * What may be told again, as from an earlier run. It is not in the cluster before it is told; then its very objects
   * are used, so that they are in memory once.
   */
  readonly seed?: Cluster;
}

/** A cluster without anything in it yet. */
export function createLiveCluster({ seed }: LiveClusterOptions = {}): LiveCluster {
  const known = createSeed(seed);
  const trackedNamespaces = createTracked<ClusterNamespace>((name) => known.namespace(name));
  const trackedNodes = createTracked<ClusterNode>((name) => known.node(name));
  const trackedPods = createTracked<ClusterPod>((id) => known.pod(id));
  const policies = createTracked<ClusterPolicyObject>((id) => known.policy(id));
  const namespaces = createLiveNamespaces(trackedNamespaces);
  const nodes = createLiveNodes(trackedNodes);
  const pods = createLivePods({ tracked: trackedPods, namespaces, nodes, known: trackedNodes.values });

  const setPolicy = (policy: ClusterPolicyObject): void => {
    const id = policyId(policy);
    if (policy.kind === "NetworkPolicy" && !policies.values.has(id)) namespaces.enter(policy.namespace);
    policies.put(id, policy);
  };
  const removePolicy = (id: string): void => {
    const policy = policies.values.get(id);
    if (policy?.kind === "NetworkPolicy") namespaces.leave(policy.namespace);
    policies.put(id, undefined);
  };

  const set = (object: LiveObject): void => {
    switch (object.kind) {
      case "Pod":
        pods.set(object);
        break;
      case "Namespace":
        namespaces.set(object);
        break;
      case "Node":
        nodes.set(object);
        break;
      default:
        setPolicy(object);
    }
  };
  const remove = (kind: LiveKind, id: string): void => {
    switch (kind) {
      case "Pod":
        pods.remove(id);
        break;
      case "Namespace":
        namespaces.remove(id);
        break;
      case "Node":
        nodes.remove(id);
        break;
      default:
        removePolicy(`${kind} ${id}`);
    }
  };
  const idsOf = (kind: LiveKind): string[] => {
    switch (kind) {
      case "Pod":
        return [...pods.ids()];
      case "Namespace":
        return [...namespaces.names];
      case "Node":
        return [...nodes.names.keys()];
      default:
        return [...policies.values.keys()]
          .filter((id) => id.startsWith(`${kind} `))
          .map((id) => id.slice(kind.length + 1));
    }
  };
  const keepOnly = (kind: LiveKind, ids: ReadonlySet<string>): void => {
    for (const id of idsOf(kind)) if (!ids.has(id)) remove(kind, id);
  };

  const takeChanges = (): ClusterChange[] => {
    for (const name of nodes.update()) pods.nodeChanged(name);
    const come: ClusterChange[] = [];
    const go: ClusterChange[] = [];
    const take = <T>(
      tracked: Tracked<T>,
      changeOf: (value: T) => ClusterChange,
      removalOf: (key: string) => ClusterChange,
    ): void => {
      const removals: ClusterChange[] = [];
      for (const [key, value] of tracked.takeChanges()) {
        if (value === undefined) removals.push(removalOf(key));
        else come.push(changeOf(value));
      }
      // What came first goes last.
      go.unshift(...removals);
    };
    take(
      trackedNamespaces,
      (namespace) => ({ kind: "namespace-set", namespace }),
      (name) => ({ kind: "namespace-removed", name }),
    );
    take(
      trackedNodes,
      (node) => ({ kind: "node-set", node }),
      (name) => ({ kind: "node-removed", name }),
    );
    take(
      policies,
      (policy) => ({ kind: "policy-set", policy }),
      (id) => ({ kind: "policy-removed", id }),
    );
    take(
      trackedPods,
      (pod) => ({ kind: "pod-set", pod }),
      (id) => ({ kind: "pod-removed", id }),
    );
    return [...come, ...go];
  };

  return {
    set: (object) => {
      set(object);
      return takeChanges();
    },
    remove: (kind, id) => {
      remove(kind, id);
      return takeChanges();
    },
    replace: (kind, objects) => {
      const ids = new Set<string>();
      for (const object of objects) {
        set(object);
        ids.add("namespace" in object ? podId(object) : object.name);
      }
      keepOnly(kind, ids);
      return takeChanges();
    },
    keepOnly: (kind, ids) => {
      keepOnly(kind, ids);
      return takeChanges();
    },
    cluster: () =>
      sortedCluster({
        namespaces: trackedNamespaces.values,
        nodes: trackedNodes.values,
        pods: trackedPods.values.values(),
        policies: policies.values.values(),
        finishedPods: pods.finished,
      }),
    forgetSeed: () => known.forget(),
  };
}
