import type { Origin } from "../k8s/location.ts";
import type { ClusterPolicy, ContainerPort, Labels, NetworkPolicy, WorkloadKind } from "../k8s/objects.ts";
import type { Ingress, IngressClass, Service } from "../k8s/published-objects.ts";
import type { Address } from "../net/address.ts";
import type { ByFamily } from "../net/by-family.ts";
import type { Cidr } from "../net/cidr.ts";

/** An immutable snapshot of the objects that decide who may talk to whom: the only input of the engine. */
export interface Cluster {
  readonly namespaces: ReadonlyMap<string, ClusterNamespace>;
  readonly nodes: ReadonlyMap<string, ClusterNode>;
  /** The pods that take part, sorted by namespace and name. Finished pods are not among them. */
  readonly pods: readonly ClusterPod[];
  /** Sorted as the pods are. Every pod of `pods` is in exactly one. */
  readonly workloads: readonly ClusterWorkload[];
  readonly networkPolicies: readonly NetworkPolicy[];
  /** The policies of the whole cluster, of all three kinds, sorted by name and then kind. */
  readonly clusterPolicies: readonly ClusterPolicy[];
  /** Ids of pods left out because their phase is Succeeded or Failed. */
  readonly finishedPods: readonly string[];
  /** What publishes pods to the outside; policies do not depend on it. Absent if the input has none. */
  readonly published?: PublishedObjects;
}

/** Each sorted by namespace and name. */
export interface PublishedObjects {
  readonly services: readonly Service[];
  readonly ingresses: readonly Ingress[];
  readonly ingressClasses: readonly IngressClass[];
}

export interface ClusterNamespace {
  readonly name: string;
  /** With `kubernetes.io/metadata.name`, which every namespace carries. */
  readonly labels: Labels;
}

export interface ClusterNode {
  readonly name: string;
  readonly labels: Labels;
  /** Every address of the node, of either family; the first of a family is its primary one. */
  readonly addresses: readonly Address[];
  /** Where the pods of the node get their addresses, at most one block a family. Absent if the input has none. */
  readonly podRanges?: readonly Cidr[];
}

/** At most one address a family. */
export type AddressByFamily = ByFamily<Address>;

export interface ClusterPod {
  /** `namespace/name`. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly ports: readonly ContainerPort[];
  /** A host-network pod is no pod to any policy: it is an address of its node. */
  readonly hostNetwork: boolean;
  /** The node it runs on; undefined for a pod from a manifest that names none. */
  readonly node: string | undefined;
  /** The pod's own addresses, or its node's for a host-network pod. */
  readonly addresses: AddressByFamily;
  /** `namespace/name[Kind]` of its workload; the pod itself, with kind Pod, if no object owns it. */
  readonly workload: string;
  readonly origin: Origin;
}

/** What a person names: the pods that share an owner. */
export interface ClusterWorkload {
  /** `namespace/name[Kind]`. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly kind: WorkloadKind | "Pod" | (string & {});
  readonly hostNetwork: boolean;
  readonly pods: readonly ClusterPod[];
}
