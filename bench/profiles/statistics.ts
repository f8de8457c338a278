import type { LabelSelector, NetworkPolicy, NetworkPolicyPeer, Pod } from "../../src/k8s/objects.ts";
import { selectorKey, selectorMatches } from "../../src/k8s/selector.ts";
import { percentile } from "../stats.ts";
import type { GeneratedCluster } from "./inventory.ts";

/** What can be said about the policies of a cluster in numbers; counted from the objects, not from the generator. */
export interface ClusterStatistics {
  readonly medianCidrs: number;
  readonly medianPorts: number;
  readonly medianSelectors: number;
  readonly medianPeerPods: number;
  /** Mean number of pods that a policy is about. */
  readonly meanLocalPods: number;
  /** Mean number of pods that one peer selector matches. */
  readonly meanPeerPodsOfSelector: number;
  readonly distinctCidrs: number;
  readonly distinctPortItems: number;
  /** Pods with distinct namespace, labels and named ports. */
  readonly podGroups: number;
}

export const STATISTICS: Readonly<Record<keyof ClusterStatistics, string>> = {
  medianCidrs: "CIDRs of a policy, median",
  medianPorts: "ports of a policy, median",
  medianSelectors: "peer selectors of a policy, median",
  medianPeerPods: "peer pods of a policy, median",
  meanLocalPods: "local pods of a policy, mean",
  meanPeerPodsOfSelector: "peer pods of a selector, mean",
  distinctCidrs: "distinct CIDRs (exceptions included)",
  distinctPortItems: "distinct ports and port ranges",
  podGroups: "pods with distinct labels and named ports",
};

export function clusterStatistics(cluster: GeneratedCluster): ClusterStatistics {
  const counts = podCounter(cluster);
  const perPolicy = cluster.policies.map((policy) => policyCounts(policy, counts));
  const perSelector = perPolicy.flatMap(({ peerPods }) => peerPods);
  const median = (values: readonly number[]): number =>
    values.length === 0 ? 0 : percentile(Float64Array.from(values).sort(), 0.5);
  return {
    medianCidrs: median(perPolicy.map(({ cidrs }) => cidrs.length)),
    medianPorts: median(perPolicy.map(({ ports }) => ports.length)),
    medianSelectors: median(perPolicy.map(({ peerPods }) => peerPods.length)),
    medianPeerPods: median(perPolicy.map(({ peerPods }) => sum(peerPods))),
    meanLocalPods: mean(perPolicy.map(({ localPods }) => localPods)),
    meanPeerPodsOfSelector: mean(perSelector),
    distinctCidrs: new Set(perPolicy.flatMap(({ cidrs, exceptions }) => [...cidrs, ...exceptions])).size,
    distinctPortItems: new Set(perPolicy.flatMap(({ ports }) => ports)).size,
    podGroups: new Set(
      cluster.pods.map(({ namespace, labels, ports }) => JSON.stringify([namespace, labels, ports])),
    ).size,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}

interface PolicyCounts {
  readonly localPods: number;
  readonly cidrs: readonly string[];
  readonly exceptions: readonly string[];
  readonly ports: readonly string[];
  /** Pods of each peer selector. */
  readonly peerPods: readonly number[];
}

function policyCounts({ namespace, spec }: NetworkPolicy, counts: PodCounter): PolicyCounts {
  const rules = [
    ...(spec.ingress ?? []).map(({ from, ports }) => ({ peers: from ?? [], ports: ports ?? [] })),
    ...(spec.egress ?? []).map(({ to, ports }) => ({ peers: to ?? [], ports: ports ?? [] })),
  ];
  const peers = rules.flatMap((rule) => rule.peers);
  const blocks = peers.flatMap(({ ipBlock }) => ipBlock ?? []);
  return {
    localPods: counts.inNamespace(namespace, spec.podSelector),
    cidrs: blocks.map(({ cidr }) => cidr),
    exceptions: blocks.flatMap(({ except }) => except ?? []),
    ports: rules.flatMap((rule) =>
      rule.ports.map(({ protocol, port, endPort }) => `${protocol ?? "TCP"}/${port}-${endPort ?? port}`),
    ),
    peerPods: peers
      .filter(({ ipBlock }) => ipBlock === undefined)
      .map((peer) => counts.ofPeer(namespace, peer)),
  };
}

interface PodCounter {
  inNamespace(namespace: string, selector: LabelSelector): number;
  ofPeer(policyNamespace: string, peer: NetworkPolicyPeer): number;
}

/** Counts pods by looking at each one, once for each distinct selection. */
function podCounter({ namespaces, pods }: GeneratedCluster): PodCounter {
  const byNamespace = new Map<string, Pod[]>(namespaces.map(({ name }) => [name, []]));
  for (const pod of pods) byNamespace.get(pod.namespace)!.push(pod);
  const known = new Map<string, number>();
  const remembered = (key: string, count: () => number): number => {
    let result = known.get(key);
    if (result === undefined) {
      result = count();
      known.set(key, result);
    }
    return result;
  };
  const inNamespace = (namespace: string, selector: LabelSelector): number =>
    remembered(
      `${namespace} ${selectorKey(selector)}`,
      () => byNamespace.get(namespace)!.filter(({ labels }) => selectorMatches(selector, labels)).length,
    );
  return {
    inNamespace,
    ofPeer: (policyNamespace, { namespaceSelector, podSelector = {} }) => {
      if (namespaceSelector === undefined) return inNamespace(policyNamespace, podSelector);
      return remembered(`${selectorKey(namespaceSelector)} in ${selectorKey(podSelector)}`, () =>
        sum(
          namespaces
            .filter(({ name, labels }) =>
              selectorMatches(namespaceSelector, { ...labels, "kubernetes.io/metadata.name": name }),
            )
            .map(({ name }) => inNamespace(name, podSelector)),
        ),
      );
    },
  };
}
