import type {
  RawAdminNetworkPolicy,
  RawBaselineAdminNetworkPolicy,
  RawClusterNetworkPolicy,
} from "./raw-cluster-policy.ts";

/**
 * The Kubernetes objects as the API serves them, with only the fields that decide whether a packet passes.
 * Nothing is resolved or defaulted here: an absent field is absent, and `null` counts as absent.
 */
export interface RawCluster {
  namespaces: RawNamespace[];
  nodes: RawNode[];
  pods: RawPod[];
  networkPolicies: RawNetworkPolicy[];
  clusterNetworkPolicies?: RawClusterNetworkPolicy[];
  adminNetworkPolicies?: RawAdminNetworkPolicy[];
  baselineAdminNetworkPolicies?: RawBaselineAdminNetworkPolicy[];
}

export type Labels = Record<string, string>;

export interface RawMetadata {
  name: string;
  namespace?: string;
  labels?: Labels;
  /** RFC 3339; present while a pod is terminating. */
  deletionTimestamp?: string;
}

export interface RawNamespace {
  apiVersion: "v1";
  kind: "Namespace";
  metadata: RawMetadata;
}

export interface RawNode {
  apiVersion: "v1";
  kind: "Node";
  metadata: RawMetadata;
  spec?: { podCIDR?: string; podCIDRs?: string[] };
  status?: { addresses?: RawNodeAddress[] };
}

export interface RawNodeAddress {
  /** InternalIP, ExternalIP, Hostname, InternalDNS or ExternalDNS. */
  type: string;
  address: string;
}

export interface RawPod {
  apiVersion: "v1";
  kind: "Pod";
  metadata: RawMetadata;
  spec: {
    nodeName?: string;
    hostNetwork?: boolean;
    containers: RawContainer[];
    initContainers?: RawContainer[];
  };
  status?: {
    /** Pending, Running, Succeeded, Failed or Unknown. */
    phase?: string;
    podIP?: string;
    podIPs?: { ip: string }[];
    hostIP?: string;
    hostIPs?: { ip: string }[];
  };
}

export interface RawContainer {
  name: string;
  image?: string;
  /** On an init container, `Always` makes it a sidecar. */
  restartPolicy?: string;
  ports?: RawContainerPort[];
}

export interface RawContainerPort {
  name?: string;
  containerPort: number;
  hostPort?: number;
  /** TCP when absent. */
  protocol?: Protocol;
}

export type Protocol = "TCP" | "UDP" | "SCTP";

export interface RawNetworkPolicy {
  apiVersion: "networking.k8s.io/v1";
  kind: "NetworkPolicy";
  metadata: RawMetadata;
  spec: RawNetworkPolicySpec;
}

export interface RawNetworkPolicySpec {
  podSelector: RawSelector;
  policyTypes?: Direction[];
  ingress?: RawIngressRule[];
  egress?: RawEgressRule[];
}

export type Direction = "Ingress" | "Egress";

export interface RawIngressRule {
  from?: RawPeer[];
  ports?: RawPort[];
}

export interface RawEgressRule {
  to?: RawPeer[];
  ports?: RawPort[];
}

export interface RawPeer {
  podSelector?: RawSelector;
  namespaceSelector?: RawSelector;
  ipBlock?: RawIpBlock;
}

export interface RawIpBlock {
  cidr: string;
  except?: string[];
}

export interface RawPort {
  /** TCP when absent. */
  protocol?: Protocol;
  /** A number, or the name of a container port. */
  port?: number | string;
  endPort?: number;
}

export interface RawSelector {
  matchLabels?: Labels;
  matchExpressions?: RawRequirement[];
}

export interface RawRequirement {
  key: string;
  operator: string;
  values?: string[];
}
