import type { RawCluster } from "../reference/raw.ts";

const CLUSTER_WIDE = ["clusterNetworkPolicies", "adminNetworkPolicies", "baselineAdminNetworkPolicies"];

/**
 * The fields without which an object cannot even be judged, by their path in a cluster; `*` is any list index.
 * Those of lists that are absent are not missed.
 */
const REQUIRED = [
  ...["namespaces", "nodes", "pods", "networkPolicies", ...CLUSTER_WIDE].flatMap((list) => [
    `${list}.*.apiVersion`,
    `${list}.*.kind`,
    `${list}.*.metadata`,
    `${list}.*.metadata.name`,
  ]),
  "nodes.*.status.addresses.*.type",
  "nodes.*.status.addresses.*.address",
  "pods.*.metadata.namespace",
  "pods.*.spec",
  "pods.*.spec.containers",
  ...["containers", "initContainers"].flatMap((list) => [
    `pods.*.spec.${list}.*.name`,
    `pods.*.spec.${list}.*.image`,
    `pods.*.spec.${list}.*.ports.*.containerPort`,
  ]),
  "pods.*.status.podIPs.*.ip",
  "networkPolicies.*.metadata.namespace",
  "networkPolicies.*.spec",
  "networkPolicies.*.spec.podSelector",
  "clusterNetworkPolicies.*.spec.tier",
  "clusterNetworkPolicies.*.spec.priority",
  "adminNetworkPolicies.*.spec.priority",
  ...CLUSTER_WIDE.flatMap((list) => [
    `${list}.*.spec`,
    `${list}.*.spec.subject`,
    ...namespacedPodsFields(`${list}.*.spec.subject.pods`),
    ...["ingress.*.from", "egress.*.to"].flatMap((peers) => [
      `${list}.*.spec.${peers}`,
      ...namespacedPodsFields(`${list}.*.spec.${peers}.*.pods`),
    ]),
    ...["ingress", "egress"].flatMap((rules) => [
      `${list}.*.spec.${rules}.*.action`,
      `${list}.*.spec.${rules}.*.ports.*.portNumber.port`,
      `${list}.*.spec.${rules}.*.ports.*.portRange.start`,
      `${list}.*.spec.${rules}.*.ports.*.portRange.end`,
      ...["tcp", "udp", "sctp"].flatMap((protocol) => [
        `${list}.*.spec.${rules}.*.protocols.*.${protocol}.destinationPort.range.start`,
        `${list}.*.spec.${rules}.*.protocols.*.${protocol}.destinationPort.range.end`,
      ]),
    ]),
  ]),
].map((path) => path.split("."));

function namespacedPodsFields(path: string): string[] {
  return [`${path}.namespaceSelector`, `${path}.podSelector`];
}

/** The required fields that are absent, as paths with `*` for list indices; [] when each object is whole. */
export function missingFields(cluster: RawCluster): string[] {
  return REQUIRED.filter((path) => isMissing(cluster, path)).map((path) => path.join("."));
}

function isMissing(value: unknown, path: readonly string[]): boolean {
  const [first, ...rest] = path;
  if (first === undefined) {
    return value === undefined || value === null;
  }
  if (value === undefined || value === null) {
    return false;
  }
  return first === "*"
    ? (value as unknown[]).some((item) => isMissing(item, rest))
    : isMissing((value as Record<string, unknown>)[first], rest);
}
