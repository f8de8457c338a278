// Cluster-wide policies as texts, for tests of this folder.

/** A ClusterNetworkPolicy about every pod; the lines of `spec` begin on the ninth line of its text. */
export function clusterPolicy(name: string, spec: string, tier = "Admin", priority = 10): string {
  return `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: ${name}
spec:
  tier: ${tier}
  priority: ${priority}
  subject: {namespaces: {}}
${spec}
`;
}

/** An AdminNetworkPolicy about every pod, its spec beginning on the eighth line. */
export function adminPolicy(name: string, spec: string): string {
  return `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata:
  name: ${name}
spec:
  priority: 20
  subject: {namespaces: {}}
${spec}
`;
}

/** The BaselineAdminNetworkPolicy, about every pod. */
export function baselinePolicy(spec: string): string {
  return `apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata:
  name: default
spec:
  subject: {namespaces: {}}
${spec}
`;
}

const podsOf = (app: string): string =>
  `{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: ${app}}}}}`;
const SQL = "protocols: [{tcp: {destinationPort: {number: 3306}}}]";

/** Accepts pods app=api on TCP 3306, and denies every other pod. */
export const ONLY_API: string = `  ingress:
  - {name: api, action: Accept, from: [${podsOf("api")}], ${SQL}}
  - name: rest
    action: Deny
    from: [{namespaces: {}}]`;

/** Specs that ask for every kind of peer and port, some of which are not understood. */
export const CLUSTER_SPECS: readonly string[] = [
  ONLY_API,
  `  ingress: [{action: Pass, from: [${podsOf("web")}]}, {action: Deny, from: [{namespaces: {}}]}]`,
  "  ingress: [{action: Deny, from: [{serviceAccounts: {}}]}]",
  "  ingress: [{action: Accept, from: [{namespaces: {}}], protocols: [{destinationNamedPort: sql}]}, {action: Deny, from: [{namespaces: {}}]}]",
  "  ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 99999}}}]}]",
  `  egress:
  - {action: Accept, to: [{domainNames: [example.org]}, {nodes: {matchLabels: {role: worker}}}, {networks: [198.51.100.0/24, 'fd00::/8']}]}
  - {action: Accept, to: [{sidecars: {}}]}
  - {action: Deny, to: [{networks: [0.0.0.0/0]}, {namespaces: {}}]}`,
];
