// Objects as the parser makes them, for tests.
import type { Origin } from "../k8s/location.ts";
import type {
  AdminNetworkPolicy,
  BaselineAdminNetworkPolicy,
  ClusterNetworkPolicy,
  Namespace,
  NetworkPolicy,
  NetworkPolicySpec,
  Node,
  Pod,
  Workload,
  WorkloadKind,
} from "../k8s/objects.ts";

/** The place of an object that was never in a file. */
export const ORIGIN: Origin = { file: "input", position: () => ({ file: "input", line: 1, column: 1 }) };

/** A pod of namespace shop unless `more` says otherwise. */
export function podObject(name: string, more: Partial<Pod> = {}): Pod {
  return {
    kind: "Pod",
    namespace: "shop",
    name,
    labels: {},
    ports: [],
    hostNetwork: false,
    addresses: [],
    hostAddresses: [],
    origin: ORIGIN,
    ...more,
  };
}

/** A workload of namespace shop with one replica unless `more` says otherwise. */
export function workloadObject(kind: WorkloadKind, name: string, more: Partial<Workload> = {}): Workload {
  const template = { labels: {}, ports: [], hostNetwork: false };
  return { kind, namespace: "shop", name, replicas: 1, template, origin: ORIGIN, ...more };
}

export function namespaceObject(name: string, labels: Namespace["labels"] = {}): Namespace {
  return { kind: "Namespace", name, labels, origin: ORIGIN };
}

export function nodeObject(name: string, ...addresses: string[]): Node {
  return { kind: "Node", name, labels: {}, addresses, origin: ORIGIN };
}

/** A policy of namespace shop about every pod of it unless `spec` says otherwise. */
export function policyObject(name: string, spec: Partial<NetworkPolicySpec> = {}): NetworkPolicy {
  return {
    kind: "NetworkPolicy",
    namespace: "shop",
    name,
    spec: { podSelector: {}, ...spec },
    broken: false,
    origin: ORIGIN,
  };
}

/** A policy of the tier Admin about every pod of the cluster unless `spec` says otherwise. */
export function clusterPolicyObject(
  name: string,
  spec: Partial<ClusterNetworkPolicy["spec"]> = {},
): ClusterNetworkPolicy {
  return {
    kind: "ClusterNetworkPolicy",
    name,
    spec: { tier: "Admin", priority: 10, subject: { namespaces: {} }, ...spec },
    broken: false,
    closes: [],
    origin: ORIGIN,
  };
}

/** A policy about every pod of the cluster unless `spec` says otherwise. */
export function adminPolicyObject(
  name: string,
  spec: Partial<AdminNetworkPolicy["spec"]> = {},
): AdminNetworkPolicy {
  return {
    kind: "AdminNetworkPolicy",
    name,
    spec: { priority: 10, subject: { namespaces: {} }, ...spec },
    broken: false,
    closes: [],
    origin: ORIGIN,
  };
}

/** The policy called default, about every pod of the cluster unless `spec` says otherwise. */
export function baselinePolicyObject(
  spec: Partial<BaselineAdminNetworkPolicy["spec"]> = {},
): BaselineAdminNetworkPolicy {
  return {
    kind: "BaselineAdminNetworkPolicy",
    name: "default",
    spec: { subject: { namespaces: {} }, ...spec },
    broken: false,
    closes: [],
    origin: ORIGIN,
  };
}
