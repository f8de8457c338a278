import type { CheckContext } from "../check.ts";

/** Every cluster has these. */
const OF_EVERY_CLUSTER = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** The label that the API server gives every namespace. */
export const NAME_LABEL = "kubernetes.io/metadata.name";

/** The namespaces that surely exist: declared, or with something in them that is no policy. */
export function existingNamespaces({ cluster, known }: CheckContext): ReadonlySet<string> {
  const { services = [], ingresses = [] } = cluster.published ?? {};
  return new Set([
    ...OF_EVERY_CLUSTER,
    ...known.declaredNamespaces.keys(),
    ...known.namespacesWithPods,
    ...[...services, ...ingresses].map(({ namespace }) => namespace),
  ]);
}
