import { buildCluster } from "../../cluster/build.ts";
import type { ClusterChange } from "../../cluster/change.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { clusterChanges } from "../../cluster/diff.ts";
import type { KubernetesObject } from "../../k8s/objects.ts";

/** What is known of a cluster, object by object. Stands in until src/cluster/live-cluster.ts is there. */
export interface LiveCluster {
  replace(kind: KubernetesObject["kind"], objects: readonly KubernetesObject[]): ClusterChange[];
  set(object: KubernetesObject): ClusterChange[];
  /** `namespace/name`, or the name of an object that is in no namespace. */
  remove(kind: KubernetesObject["kind"], id: string): ClusterChange[];
  cluster(): Cluster;
}

export function createLiveCluster(_options: { readonly seed?: Cluster }): LiveCluster {
  const kinds = new Map<KubernetesObject["kind"], Map<string, KubernetesObject>>();
  const built = (): Cluster =>
    buildCluster(
      [...kinds.values()].flatMap((objects) => [...objects.values()]),
      { unaddressed: "left-out" },
    ).cluster;
  let now = built();
  const changes = (): ClusterChange[] => {
    const before = now;
    now = built();
    return clusterChanges(before, now);
  };
  return {
    replace(kind, objects) {
      kinds.set(kind, new Map(objects.map((object) => [idOf(object), object])));
      return changes();
    },
    set(object) {
      const objects = kinds.get(object.kind) ?? new Map<string, KubernetesObject>();
      kinds.set(object.kind, objects.set(idOf(object), object));
      return changes();
    },
    remove(kind, id) {
      kinds.get(kind)?.delete(id);
      return changes();
    },
    cluster: () => now,
  };
}

function idOf(object: KubernetesObject): string {
  return "namespace" in object ? `${object.namespace}/${object.name}` : object.name;
}
