// What tests of this folder share: policies and nodes as text.

/** A NetworkPolicy; its spec begins in the fifth line. */
export function policyText(name: string, spec: string, namespace = "shop"): string {
  return `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: ${namespace}, name: ${name}}
${spec}
`;
}

/** A Node with one address, as clusters have them. */
export function nodeText(name: string, address: string, labels = ""): string {
  return `---
apiVersion: v1
kind: Node
metadata: {name: ${name}, labels: {kubernetes.io/hostname: ${name}${labels === "" ? "" : `, ${labels}`}}}
status: {addresses: [{type: InternalIP, address: ${address}}]}
`;
}

/** A ClusterNetworkPolicy about every pod, of tier Admin or Baseline. */
export function clusterPolicyText(tier: "Admin" | "Baseline", rules: string): string {
  return `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: all-${tier.toLowerCase()}}
spec:
  tier: ${tier}
  priority: 10
  subject: {namespaces: {}}
${rules}
`;
}
