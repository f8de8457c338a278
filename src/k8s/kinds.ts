import type { KubernetesObject, WorkloadKind } from "./objects.ts";

/** A kind that is read, and the API groups that serve it; the core group is `""`. */
export interface KnownKind {
  readonly groups: readonly string[];
  readonly namespaced: boolean;
}

/** Every kind that is read. Old groups (`extensions`) are fine where the shape is the same. */
export const KNOWN_KINDS: ReadonlyMap<string, KnownKind> = new Map<KubernetesObject["kind"], KnownKind>([
  ["Namespace", { groups: [""], namespaced: false }],
  ["Node", { groups: [""], namespaced: false }],
  ["Pod", { groups: [""], namespaced: true }],
  ["ReplicationController", { groups: [""], namespaced: true }],
  ["Deployment", { groups: ["apps", "extensions"], namespaced: true }],
  ["StatefulSet", { groups: ["apps"], namespaced: true }],
  ["DaemonSet", { groups: ["apps", "extensions"], namespaced: true }],
  ["ReplicaSet", { groups: ["apps", "extensions"], namespaced: true }],
  ["Job", { groups: ["batch"], namespaced: true }],
  ["CronJob", { groups: ["batch"], namespaced: true }],
  ["NetworkPolicy", { groups: ["networking.k8s.io"], namespaced: true }],
  ["ClusterNetworkPolicy", { groups: ["policy.networking.k8s.io"], namespaced: false }],
  ["AdminNetworkPolicy", { groups: ["policy.networking.k8s.io"], namespaced: false }],
  ["BaselineAdminNetworkPolicy", { groups: ["policy.networking.k8s.io"], namespaced: false }],
]);

/** The kinds that make pods. */
export const WORKLOAD_KINDS: ReadonlySet<string> = new Set<WorkloadKind>([
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "ReplicaSet",
  "ReplicationController",
  "Job",
  "CronJob",
]);

/**
 * True for the name of a kind of network policy, such as CiliumNetworkPolicy. Asked of what is none of the policies of
 * Kubernetes: of policies that are not evaluated.
 */
export function isOtherPolicyKind(kind: string): boolean {
  return /NetworkPolic(?:y|ies)$/.test(kind);
}

/** The other kinds of networking.k8s.io, so that a misspelt NetworkPolicy is told from them. */
export const OTHER_NETWORKING_KINDS: readonly string[] = [
  "Ingress",
  "IngressClass",
  "IPAddress",
  "ServiceCIDR",
];

/** The API group of an `apiVersion`: `apps` of `apps/v1`, the empty text of `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}
