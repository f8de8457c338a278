import type { ClusterPod } from "../cluster/cluster.ts";
import type { ContainerPort, Labels } from "../k8s/objects.ts";
import type { Family } from "../net/address.ts";
import { type AddressPartition, rangeIndexOf } from "../net/address-partition.ts";

/** Pods that no policy can tell apart in one family. Decisions are made once for all of them. */
export interface PodClass {
  /** Place among the classes of its family. */
  readonly index: number;
  /** Canonical text of all that policies could see of the pods. */
  readonly key: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly namedPorts: readonly ContainerPort[];
  /** The range of the address partition in which the pods' addresses lie. */
  readonly range: number;
  readonly pods: readonly ClusterPod[];
}

export interface PodClasses {
  readonly classes: readonly PodClass[];
  readonly classOf: ReadonlyMap<ClusterPod, PodClass>;
}

/**
 * Groups the pods that have an address of the family, without the host-network ones, by namespace, labels, named
 * ports and the address range they lie in.
 */
export function groupIntoClasses(
  pods: readonly ClusterPod[],
  family: Family,
  partition: AddressPartition,
): PodClasses {
  const byKey = new Map<string, PodClass & { pods: ClusterPod[] }>();
  const classOf = new Map<ClusterPod, PodClass>();
  for (const pod of pods) {
    const address = pod.addresses[family];
    if (pod.hostNetwork || address === undefined) continue;
    const range = rangeIndexOf(partition, address.value);
    const namedPorts = pod.ports.filter((port) => port.name !== undefined);
    const key = classKey(pod, namedPorts, partition.starts[range]!);
    let podClass = byKey.get(key);
    if (podClass === undefined) {
      podClass = {
        index: byKey.size,
        key,
        namespace: pod.namespace,
        labels: pod.labels,
        namedPorts,
        range,
        pods: [],
      };
      byKey.set(key, podClass);
    }
    podClass.pods.push(pod);
    classOf.set(pod, podClass);
  }
  return { classes: [...byKey.values()], classOf };
}

function classKey(pod: ClusterPod, namedPorts: readonly ContainerPort[], rangeStart: bigint): string {
  const labels = Object.entries(pod.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const ports = namedPorts.map((port) => `${port.name}/${port.protocol}/${port.port}`).sort();
  return JSON.stringify([pod.namespace, labels, ports, rangeStart.toString(16)]);
}
