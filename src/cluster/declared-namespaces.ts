import type { KubernetesObject } from "../k8s/objects.ts";

/** The names of the Namespace objects of an input. A cluster has more: those that others only mention. */
export function declaredNamespacesOf(objects: readonly KubernetesObject[]): ReadonlySet<string> {
  return new Set(objects.flatMap(({ kind, name }) => (kind === "Namespace" ? [name] : [])));
}
