import type { Labels, RawCluster, RawMetadata } from "./raw.ts";

/** The namespace of a namespaced object; the API server puts one without any into `default`. */
export function namespaceOf(object: { metadata: RawMetadata }): string {
  return object.metadata.namespace ?? "default";
}

/**
 * The labels of a namespace. The API server keeps `kubernetes.io/metadata.name` equal to the name, so it is there
 * whatever the object says, and also where manifests use a namespace without defining it.
 */
export function namespaceLabels(cluster: RawCluster, name: string): Labels {
  const namespace = cluster.namespaces.find((candidate) => candidate.metadata.name === name);
  return { ...namespace?.metadata.labels, "kubernetes.io/metadata.name": name };
}
