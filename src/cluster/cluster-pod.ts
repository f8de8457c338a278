import type { OwnerReference, Pod } from "../k8s/objects.ts";
import type { Address } from "../net/address.ts";
import type { AddressByFamily, ClusterPod } from "./cluster.ts";

/** What a pod of the cluster is made of, besides its addresses and its workload. */
export type PodBasis = Pick<Pod, "namespace" | "name" | "labels" | "ports" | "hostNetwork" | "origin">;

/** Field by field: there may be a hundred thousand of them. */
export function clusterPod(
  id: string,
  pod: PodBasis,
  node: string | undefined,
  addresses: AddressByFamily,
  workload: string,
): ClusterPod {
  const { namespace, name, labels, ports, hostNetwork, origin } = pod;
  return { id, namespace, name, labels, ports, hostNetwork, node, addresses, workload, origin };
}

/** `namespace/name`. */
export function podId({ namespace, name }: Pick<Pod, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}

/** `namespace/name[Kind]` of the workload of an owner. */
export function workloadId(namespace: string, owner: OwnerReference): string {
  return `${namespace}/${owner.name}[${owner.kind}]`;
}

/** A finished pod takes part in nothing: its address may be another's by now. */
export function isFinished({ phase }: Pick<Pod, "phase">): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

/** The first address of each family. */
export function byFamily(addresses: readonly Address[]): AddressByFamily {
  const ipv4 = addresses.find(({ family }) => family === 4);
  const ipv6 = addresses.find(({ family }) => family === 6);
  // Literals have just the room that they need; an object that gets its numbers later has ten times as much.
  if (ipv6 === undefined) return ipv4 === undefined ? {} : { 4: ipv4 };
  return ipv4 === undefined ? { 6: ipv6 } : { 4: ipv4, 6: ipv6 };
}
