import type { Labels } from "../k8s/objects.ts";
import type { ClusterNamespace } from "./cluster.ts";

/** A namespace with the label that the API server gives to every one. */
export function clusterNamespace(name: string, labels: Labels): ClusterNamespace {
  return { name, labels: { ...labels, "kubernetes.io/metadata.name": name } };
}
