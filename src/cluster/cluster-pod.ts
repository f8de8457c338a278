import type { OwnerReference, Pod } from "../k8s/objects.ts";
import type { Address } from "../net/address.ts";
import { byFamily } from "../net/by-family.ts";
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
export function firstByFamily(addresses: readonly Address[]): AddressByFamily {
  return byFamily(
    addresses.find(({ family }) => family === 4),
    addresses.find(({ family }) => family === 6),
  );
}
