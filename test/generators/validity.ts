import { parseAddress } from "../reference/ip.ts";
import { isHostNetwork, nodeAddresses, podAddresses, podKey, takesPart } from "../reference/pod.ts";
import type { RawCluster, RawNode, RawPod } from "../reference/raw.ts";
import { policyProblems } from "./policy-validity.ts";
import { missingFields } from "./required-fields.ts";
import { containerPortProblems, isCanonicalAddress, isDnsLabel, labelProblems } from "./syntax-validity.ts";

/**
 * Why this cluster could not exist, one line a reason; [] for a valid one. Covers what the API server validates in
 * the fields that the generator sets, and what a network needs: known nodes and namespaces, unique addresses.
 */
export function clusterProblems(cluster: RawCluster): string[] {
  const missing = missingFields(cluster);
  if (missing.length > 0) {
    return missing.map((path) => `missing ${path}`);
  }
  return [
    ...duplicates(
      "namespace",
      cluster.namespaces.map((namespace) => namespace.metadata.name),
    ),
    ...duplicates(
      "node",
      cluster.nodes.map((node) => node.metadata.name),
    ),
    ...duplicates("pod", cluster.pods.map(podKey)),
    ...duplicates(
      "policy",
      cluster.networkPolicies.map((policy) => `${policy.metadata.namespace}/${policy.metadata.name}`),
    ),
    ...objectProblems(cluster),
    ...cluster.nodes.flatMap(nodeProblems),
    ...cluster.pods.flatMap((pod) => podProblems(cluster, pod)),
    ...cluster.networkPolicies.flatMap((policy) =>
      policyProblems(policy).map((problem) => `policy ${policy.metadata.name}: ${problem}`),
    ),
    ...sharedAddresses(cluster),
  ];
}

function objectProblems(cluster: RawCluster): string[] {
  const known = cluster.namespaces.map((namespace) => namespace.metadata.name);
  const kinds = { namespaces: "Namespace", nodes: "Node", pods: "Pod", networkPolicies: "NetworkPolicy" };
  return Object.entries(kinds).flatMap(([list, kind]) =>
    (cluster[list as keyof RawCluster] ?? []).flatMap((object) => {
      const { name, namespace, labels = {} } = object.metadata;
      const isNamespaced = kind === "Pod" || kind === "NetworkPolicy";
      const apiVersion = kind === "NetworkPolicy" ? "networking.k8s.io/v1" : "v1";
      const wrong = [
        ...(object.kind === kind && object.apiVersion === apiVersion ? [] : ["kind or apiVersion"]),
        ...(isDnsLabel(name) ? [] : ["name"]),
        ...(isNamespaced && !known.includes(namespace ?? "") ? ["unknown namespace"] : []),
        ...labelProblems(labels),
      ];
      return wrong.map((what) => `${kind} ${name}: ${what}`);
    }),
  );
}

function nodeProblems(node: RawNode): string[] {
  return (node.status?.addresses ?? [])
    .filter(({ type, address }) =>
      type === "Hostname" ? address !== node.metadata.name : !isCanonicalAddress(address),
    )
    .map(({ address }) => `node ${node.metadata.name}: address ${address}`);
}

function podProblems(cluster: RawCluster, pod: RawPod): string[] {
  const { spec, status } = pod;
  const node = cluster.nodes.find((candidate) => candidate.metadata.name === spec.nodeName);
  const addresses = (status?.podIPs ?? []).map((entry) => entry.ip);
  const families = addresses.filter(isCanonicalAddress).map((text) => parseAddress(text).family);
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const problems = [
    ...((spec.containers ?? []).length === 0 ? ["no containers"] : []),
    ...(containers.every((container) => isDnsLabel(container.name)) ? [] : ["container name"]),
    ...duplicates(
      "container",
      containers.map((container) => container.name),
    ),
    ...containers.flatMap(containerPortProblems),
    ...(addresses.every(isCanonicalAddress) ? [] : ["podIPs"]),
    ...(new Set(families).size === families.length ? [] : ["two addresses of one family"]),
    ...(status?.podIP === addresses[0] ? [] : ["podIP is not the first of podIPs"]),
    ...(node === undefined && (spec.nodeName !== undefined || addresses.length > 0) ? ["no such node"] : []),
    ...(status?.phase === undefined ? ["no phase"] : []),
  ];
  if (spec.hostNetwork === true) {
    const own = (node?.status?.addresses ?? []).map((entry) => entry.address);
    const ports = containers.flatMap((container) => container.ports ?? []);
    problems.push(
      ...(addresses.every((address) => own.includes(address)) ? [] : ["not its node's address"]),
      ...duplicates(
        "host port",
        ports.map((port) => `${port.protocol ?? "TCP"}/${port.containerPort}`),
      ),
    );
  }
  return problems.map((problem) => `pod ${pod.metadata.name}: ${problem}`);
}

/** Live pods and nodes have addresses of their own; only a finished pod's may be in use again. */
function sharedAddresses(cluster: RawCluster): string[] {
  const ofPods = cluster.pods.filter((pod) => takesPart(pod) && !isHostNetwork(pod)).flatMap(podAddresses);
  const ofNodes = cluster.nodes.flatMap((node) => [
    ...new Set(nodeAddresses({ ...cluster, pods: [] }, node).map((address) => address.bits)),
  ]);
  return duplicates("address", [...ofPods.map((address) => address.bits), ...ofNodes]);
}

function duplicates(what: string, names: readonly (string | undefined)[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `two of ${what} ${name}`);
}
