import type { FieldPath } from "../../../../k8s/location.ts";
import type { PodPeer } from "../../../../policy/policy.ts";
import type { CheckedPolicy } from "../../check.ts";
import type { EmptyPlace } from "./selects-nothing.ts";

/** Where a policy says which pods it is about. */
export function subjectSelectors({ source }: CheckedPolicy): EmptyPlace["selectors"] {
  if (source.kind === "NetworkPolicy") {
    return { pods: ["spec", "podSelector"], namespaces: ["metadata", "namespace"] };
  }
  return clusterSelectors(["spec", "subject"], source.spec.subject.pods !== undefined);
}

/** Where a policy says which pods a peer is. */
export function peerSelectors({ source }: CheckedPolicy, { path }: PodPeer): EmptyPlace["selectors"] {
  if (source.kind === "NetworkPolicy") {
    return { pods: [...path, "podSelector"], namespaces: [...path, "namespaceSelector"] };
  }
  const [, direction, index, , place] = path as [string, "ingress" | "egress", number, string, number];
  const peers =
    direction === "ingress" ? source.spec.ingress?.[index]?.from : source.spec.egress?.[index]?.to;
  return clusterSelectors(path, peers?.[place]?.pods !== undefined);
}

/** Either `pods` with two selectors, or `namespaces`, which is one. */
function clusterSelectors(path: FieldPath, hasPods: boolean): EmptyPlace["selectors"] {
  return hasPods
    ? { pods: [...path, "pods", "podSelector"], namespaces: [...path, "pods", "namespaceSelector"] }
    : { pods: [...path, "namespaces"], namespaces: [...path, "namespaces"] };
}
