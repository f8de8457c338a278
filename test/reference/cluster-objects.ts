import type { RawCluster } from "./raw.ts";
import type {
  RawAdminEgressRule,
  RawAdminIngressRule,
  RawAdminNetworkPolicy,
  RawAdminPort,
  RawBaselineAdminNetworkPolicy,
  RawClusterEgressRule,
  RawClusterIngressRule,
  RawClusterNetworkPolicy,
  RawClusterNetworkPolicySpec,
  RawClusterPeer,
  RawClusterProtocol,
} from "./raw-cluster-policy.ts";

/** Everything that is a pod, and everything that has an address. */
export const ALL_PODS: RawClusterPeer = { namespaces: {} };
export const ALL_ADDRESSES: RawClusterPeer = { networks: ["0.0.0.0/0", "::/0"] };

type ClusterAction = RawClusterIngressRule["action"];
type AdminAction = RawAdminIngressRule["action"];

/** Tier Admin, priority 10, about all pods, unless the fields say something else. */
export function clusterPolicy(
  name: string,
  fields: Partial<RawClusterNetworkPolicySpec>,
): RawClusterNetworkPolicy {
  return {
    apiVersion: "policy.networking.k8s.io/v1alpha2",
    kind: "ClusterNetworkPolicy",
    metadata: { name },
    spec: { tier: "Admin", priority: 10, subject: { namespaces: {} }, ...fields },
  };
}

export function from(
  action: ClusterAction,
  peer: RawClusterPeer = ALL_PODS,
  protocols?: RawClusterProtocol[],
): RawClusterIngressRule {
  return { action, from: [peer], ...(protocols === undefined ? {} : { protocols }) };
}

export function to(
  action: ClusterAction,
  peer: RawClusterPeer = ALL_PODS,
  protocols?: RawClusterProtocol[],
): RawClusterEgressRule {
  return { action, to: [peer], ...(protocols === undefined ? {} : { protocols }) };
}

export function tcp(number: number): RawClusterProtocol {
  return { tcp: { destinationPort: { number } } };
}

/** Priority 10, about all pods, unless the fields say something else. */
export function adminPolicy(
  name: string,
  fields: Partial<RawAdminNetworkPolicy["spec"]>,
): RawAdminNetworkPolicy {
  return {
    apiVersion: "policy.networking.k8s.io/v1alpha1",
    kind: "AdminNetworkPolicy",
    metadata: { name },
    spec: { priority: 10, subject: { namespaces: {} }, ...fields },
  };
}

export function baselineAdminPolicy(
  fields: Partial<RawBaselineAdminNetworkPolicy["spec"]>,
): RawBaselineAdminNetworkPolicy {
  return {
    apiVersion: "policy.networking.k8s.io/v1alpha1",
    kind: "BaselineAdminNetworkPolicy",
    metadata: { name: "default" },
    spec: { subject: { namespaces: {} }, ...fields },
  };
}

export function adminFrom(
  action: AdminAction,
  peer: RawClusterPeer = ALL_PODS,
  ports?: RawAdminPort[],
): RawAdminIngressRule {
  return { action, from: [peer], ...(ports === undefined ? {} : { ports }) };
}

export function adminTo(
  action: AdminAction,
  peer: RawClusterPeer = ALL_PODS,
  ports?: RawAdminPort[],
): RawAdminEgressRule {
  return { action, to: [peer], ...(ports === undefined ? {} : { ports }) };
}

type ClusterWide = RawClusterNetworkPolicy | RawAdminNetworkPolicy | RawBaselineAdminNetworkPolicy;

/** The cluster with these cluster-wide policies, whatever their kind, and no others. */
export function withClusterPolicies(cluster: RawCluster, ...policies: readonly ClusterWide[]): RawCluster {
  return {
    ...cluster,
    clusterNetworkPolicies: policies.filter((each) => each.kind === "ClusterNetworkPolicy"),
    adminNetworkPolicies: policies.filter((each) => each.kind === "AdminNetworkPolicy"),
    baselineAdminNetworkPolicies: policies.filter((each) => each.kind === "BaselineAdminNetworkPolicy"),
  };
}
