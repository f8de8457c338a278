import type { Origin } from "../k8s/location.ts";
import type { KubernetesObject } from "../k8s/objects.ts";

/** Where the Namespace objects of an input are, by name. A cluster has more namespaces: those that others only mention. */
export type DeclaredNamespaces = ReadonlyMap<string, Origin>;

export function declaredNamespacesOf(objects: readonly KubernetesObject[]): DeclaredNamespaces {
  return new Map(
    objects.flatMap(({ kind, name, origin }) => (kind === "Namespace" ? [[name, origin] as const] : [])),
  );
}
