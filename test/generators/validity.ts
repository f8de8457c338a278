import { type Family, parseAddress } from "../reference/ip.ts";
import { isHostNetwork, nodeAddresses, podAddresses, podKey, takesPart } from "../reference/pod.ts";
import type { RawCluster, RawNode, RawPod } from "../reference/raw.ts";
import { adminPolicyProblems, clusterPolicyProblems } from "./cluster-policy-validity.ts";
import { internalAddresses } from "./pods.ts";
import { policyProblems } from "./policy-validity.ts";
import { missingFields } from "./required-fields.ts";
import {
  containerPortProblems,
  isCanonicalAddress,
  isDnsLabel,
  isDnsSubdomain,
  labelProblems,
} from "./syntax-validity.ts";

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
    ...clusterWideProblems(cluster),
    ...sharedAddresses(cluster),
  ];
}

function clusterWideProblems(cluster: RawCluster): string[] {
  const {
    clusterNetworkPolicies = [],
    adminNetworkPolicies = [],
    baselineAdminNetworkPolicies = [],
  } = cluster;
  const lists = [
    clusterNetworkPolicies.map((policy) => ({ policy, problems: clusterPolicyProblems(policy) })),
    adminNetworkPolicies.map((policy) => ({ policy, problems: adminPolicyProblems(policy) })),
    baselineAdminNetworkPolicies.map((policy) => ({ policy, problems: adminPolicyProblems(policy) })),
  ];
  return lists.flatMap((list) => [
    ...duplicates(
      "cluster-wide policy",
      list.map(({ policy }) => policy.metadata.name),
    ),
    ...list.flatMap(({ policy, problems }) =>
      problems.map((problem) => `${policy.kind} ${policy.metadata.name}: ${problem}`),
    ),
  ]);
}

/** How the objects of each list have to look. */
const KINDS: Record<keyof RawCluster, { kind: string; apiVersion: string; isNamespaced: boolean }> = {
  namespaces: { kind: "Namespace", apiVersion: "v1", isNamespaced: false },
  nodes: { kind: "Node", apiVersion: "v1", isNamespaced: false },
  pods: { kind: "Pod", apiVersion: "v1", isNamespaced: true },
  networkPolicies: { kind: "NetworkPolicy", apiVersion: "networking.k8s.io/v1", isNamespaced: true },
  clusterNetworkPolicies: clusterWide("ClusterNetworkPolicy", "v1alpha2"),
  adminNetworkPolicies: clusterWide("AdminNetworkPolicy", "v1alpha1"),
  baselineAdminNetworkPolicies: clusterWide("BaselineAdminNetworkPolicy", "v1alpha1"),
};

function clusterWide(kind: string, version: string): (typeof KINDS)[keyof RawCluster] {
  return { kind, apiVersion: `policy.networking.k8s.io/${version}`, isNamespaced: false };
}

function objectProblems(cluster: RawCluster): string[] {
  const known = cluster.namespaces.map((namespace) => namespace.metadata.name);
  return (Object.keys(KINDS) as (keyof RawCluster)[]).flatMap((list) => {
    const { kind, apiVersion, isNamespaced } = KINDS[list];
    return (cluster[list] ?? []).flatMap((object) => {
      const { name, namespace, labels = {} } = object.metadata;
      const wrong = [
        ...(object.kind === kind && object.apiVersion === apiVersion ? [] : ["kind or apiVersion"]),
        ...((kind === "Namespace" ? isDnsLabel : isDnsSubdomain)(name) ? [] : ["name"]),
        ...(isNamespaced && !known.includes(namespace ?? "") ? ["unknown namespace"] : []),
        ...(!isNamespaced && namespace !== undefined ? ["a namespace"] : []),
        ...labelProblems(labels),
      ];
      return wrong.map((what) => `${kind} ${name}: ${what}`);
    });
  });
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
    const hasFamiliesOfNode = node === undefined || internalFamilies(node).every((f) => families.includes(f));
    const ports = containers.flatMap((container) => container.ports ?? []);
    problems.push(
      ...(addresses.every((address) => own.includes(address)) ? [] : ["not its node's address"]),
      ...(addresses.length === 0 || hasFamiliesOfNode ? [] : ["lacks a family of its node"]),
      ...duplicates(
        "host port",
        ports.map((port) => `${port.protocol ?? "TCP"}/${port.containerPort}`),
      ),
    );
  }
  return problems.map((problem) => `pod ${pod.metadata.name}: ${problem}`);
}

function internalFamilies(node: RawNode): Family[] {
  return internalAddresses(node)
    .filter(isCanonicalAddress)
    .map((text) => parseAddress(text).family);
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
