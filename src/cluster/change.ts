import type { ClusterPolicy, NetworkPolicy } from "../k8s/objects.ts";
import type { ClusterNamespace, ClusterNode, ClusterPod } from "./cluster.ts";

/** One thing that became different in a cluster. `set` is for what is new and for what replaces its namesake. */
export type ClusterChange =
  | { readonly kind: "pod-set"; readonly pod: ClusterPod }
  /** `namespace/name`. A pod that is not there is no error. */
  | { readonly kind: "pod-removed"; readonly id: string }
  | { readonly kind: "namespace-set"; readonly namespace: ClusterNamespace }
  | { readonly kind: "namespace-removed"; readonly name: string }
  | { readonly kind: "node-set"; readonly node: ClusterNode }
  | { readonly kind: "node-removed"; readonly name: string }
  | { readonly kind: "policy-set"; readonly policy: ClusterPolicyObject }
  /** See {@link policyId}. A policy that is not there is no error. */
  | { readonly kind: "policy-removed"; readonly id: string };

/** Any object that is a policy. */
export type ClusterPolicyObject = NetworkPolicy | ClusterPolicy;

/** What tells a policy from all others: `NetworkPolicy shop/db`. */
export function policyId(policy: ClusterPolicyObject): string {
  const name = policy.kind === "NetworkPolicy" ? `${policy.namespace}/${policy.name}` : policy.name;
  return `${policy.kind} ${name}`;
}

/** What a change is about: of two changes with the same key the later one counts, and the others do not matter to it. */
export function changeKey(change: ClusterChange): string {
  switch (change.kind) {
    case "pod-set":
      return `pod ${change.pod.id}`;
    case "pod-removed":
      return `pod ${change.id}`;
    case "namespace-set":
      return `namespace ${change.namespace.name}`;
    case "namespace-removed":
      return `namespace ${change.name}`;
    case "node-set":
      return `node ${change.node.name}`;
    case "node-removed":
      return `node ${change.name}`;
    case "policy-set":
      return `policy ${policyId(change.policy)}`;
    case "policy-removed":
      return `policy ${change.id}`;
  }
}
