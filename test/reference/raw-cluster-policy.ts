import type { Protocol, RawMetadata, RawSelector } from "./raw.ts";

/** The cluster-wide policies as the API serves them; like all raw objects, nothing is resolved or defaulted. */
export interface RawClusterNetworkPolicy {
  apiVersion: "policy.networking.k8s.io/v1alpha2";
  kind: "ClusterNetworkPolicy";
  metadata: RawMetadata;
  spec: RawClusterNetworkPolicySpec;
}

export interface RawClusterNetworkPolicySpec {
  tier: "Admin" | "Baseline";
  /** 0-1000, the lowest first. */
  priority: number;
  subject: RawSubject;
  ingress?: RawClusterIngressRule[];
  egress?: RawClusterEgressRule[];
}

/** Exactly one of the two. */
export interface RawSubject {
  namespaces?: RawSelector;
  pods?: RawNamespacedPods;
}

export interface RawNamespacedPods {
  namespaceSelector: RawSelector;
  podSelector: RawSelector;
}

export interface RawClusterIngressRule {
  name?: string;
  action: "Accept" | "Deny" | "Pass";
  from: RawClusterPeer[];
  protocols?: RawClusterProtocol[];
}

export interface RawClusterEgressRule {
  name?: string;
  action: "Accept" | "Deny" | "Pass";
  to: RawClusterPeer[];
  protocols?: RawClusterProtocol[];
}

/**
 * Exactly one of the known fields; `from` knows the first two only. None of them: the peer was written for a newer
 * API, under a field that an API server may have pruned or not.
 */
export interface RawClusterPeer {
  namespaces?: RawSelector;
  pods?: RawNamespacedPods;
  /** By the labels of nodes. */
  nodes?: RawSelector;
  /** CIDRs. */
  networks?: string[];
  domainNames?: string[];
  [newer: string]: unknown;
}

/** Exactly one of the known fields, else it was written for a newer API. */
export interface RawClusterProtocol {
  tcp?: RawTransport;
  udp?: RawTransport;
  sctp?: RawTransport;
  destinationNamedPort?: string;
  [newer: string]: unknown;
}

export interface RawTransport {
  destinationPort?: RawDestinationPort;
  [newer: string]: unknown;
}

/** Exactly one of the two, else it was written for a newer API. */
export interface RawDestinationPort {
  number?: number;
  range?: { start: number; end: number };
  [newer: string]: unknown;
}

export interface RawAdminNetworkPolicy {
  apiVersion: "policy.networking.k8s.io/v1alpha1";
  kind: "AdminNetworkPolicy";
  metadata: RawMetadata;
  spec: {
    /** 0-1000, the lowest first. */
    priority: number;
    subject: RawSubject;
    ingress?: RawAdminIngressRule[];
    egress?: RawAdminEgressRule[];
  };
}

export interface RawBaselineAdminNetworkPolicy {
  apiVersion: "policy.networking.k8s.io/v1alpha1";
  kind: "BaselineAdminNetworkPolicy";
  /** The only name that the API takes is `default`. */
  metadata: RawMetadata;
  spec: {
    subject: RawSubject;
    /** Without the action Pass, here and below. */
    ingress?: RawAdminIngressRule[];
    egress?: RawAdminEgressRule[];
  };
}

export interface RawAdminIngressRule {
  name?: string;
  action: "Allow" | "Deny" | "Pass";
  from: RawClusterPeer[];
  ports?: RawAdminPort[];
}

export interface RawAdminEgressRule {
  name?: string;
  action: "Allow" | "Deny" | "Pass";
  to: RawClusterPeer[];
  ports?: RawAdminPort[];
}

/** Exactly one of the known fields, else it was written for a newer API. */
export interface RawAdminPort {
  /** TCP when the protocol is absent, here and below. */
  portNumber?: { protocol?: Protocol; port: number };
  portRange?: { protocol?: Protocol; start: number; end: number };
  namedPort?: string;
  [newer: string]: unknown;
}
