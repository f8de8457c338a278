// All that the benchmarks ask of the engine. When the engine's interface changes, only this file has to follow.
import { buildCluster } from "../src/cluster/build.ts";
import type { Cluster, ClusterPod } from "../src/cluster/cluster.ts";
import type { PodClass } from "../src/engine/classes.ts";
import type { End } from "../src/engine/end.ts";
import { createEngine, type Engine } from "../src/engine/engine.ts";
import { portsAt, type Row } from "../src/engine/row.ts";
import type { KubernetesObject, Namespace, NetworkPolicy, Pod } from "../src/k8s/objects.ts";
import { type Address, parseAddress } from "../src/net/address.ts";
import { intersectPorts, NO_PORTS, type PortSet, type Traffic } from "../src/net/port-set.ts";

/** The generated clusters are IPv4 only. */
const FAMILY = 4;

/** One event of a cluster, as a watch would tell it. */
export type Change =
  | { readonly kind: "pod-set"; readonly pod: Pod }
  | { readonly kind: "pod-removed"; readonly id: string }
  | { readonly kind: "namespace-set"; readonly namespace: Namespace }
  | { readonly kind: "policy-set"; readonly policy: NetworkPolicy }
  | { readonly kind: "policy-removed"; readonly id: string };

/** What a full pass over everything found. Printed, so that no engine can skip the work. */
export interface Totals {
  /** Pods that no policy can tell apart count as one class. */
  readonly classes: number;
  /** Classes and ranges of addresses: what a row has a cell for. */
  readonly atoms: number;
  /** Ordered pairs of different pods between which something may pass. */
  readonly connectedPodPairs: number;
  /** Distinct sets of ports among all pairs. */
  readonly portSets: number;
}

/** An engine with a cluster in it, and the few things that are measured of it. */
export interface BenchEngine {
  /** Decides every pair of classes, and of classes and outside ranges, for all ports. */
  decideEverything(): Totals;
  /** A change, until the engine can be asked again. */
  apply(change: Change): void;
  /** After a change: everything that can be asked is decided again. Returns something that depends on it. */
  settle(): number;
  /** An end for every pod, in no particular order. To be asked for anew after changes. */
  podEnds(): End[];
  addressEnd(text: string): End;
  allows(from: End, to: End, traffic: Traffic): boolean;
  ports(from: End, to: End): PortSet;
}

/** Objects to cluster. Throws on findings: the generators make valid objects only. */
export function clusterOf(objects: readonly KubernetesObject[]): Cluster {
  const { cluster, findings } = buildCluster(objects, { unaddressed: "left-out" });
  if (findings.length > 0)
    throw new Error(`the generated cluster has findings: ${JSON.stringify(findings[0])}`);
  return cluster;
}

/** Cluster to an engine that has read its policies; decisions may still be lazy. */
export function benchEngine(start: Cluster): BenchEngine {
  let engine = createEngine(start);
  engine.view(FAMILY);
  return {
    decideEverything: () => decideEverything(engine),
    apply: (change) => {
      // The engine works on snapshots: a change means a new one.
      engine = createEngine(changed(engine.cluster, change));
      engine.view(FAMILY);
    },
    settle: () => decideEverything(engine).connectedPodPairs,
    podEnds: () => engine.cluster.pods.map((pod) => ({ kind: "pod", pod })),
    addressEnd: (text) => ({ kind: "address", address: addressOf(text) }),
    allows: (from, to, traffic) => engine.allows(from, to, FAMILY, traffic),
    ports: (from, to) => engine.ports(from, to, FAMILY),
  };
}

function decideEverything(engine: Engine): Totals {
  const view = engine.view(FAMILY);
  const { classes, atomCount } = view;
  const ingress = classes.map((podClass) => view.row("ingress", podClass));
  const egress = classes.map((podClass) => view.row("egress", podClass));
  const portSets = new Set<PortSet>();
  let connectedPodPairs = 0;
  for (const [i, from] of classes.entries()) {
    const row = egress[i]!;
    connectedPodPairs += connectedFrom(from, row, classes, ingress, portSets);
    // Towards and from outside ranges only the pod's own side counts.
    for (let atom = classes.length; atom < atomCount; atom++) {
      portSets.add(portsAt(row, atom));
      portSets.add(portsAt(ingress[i]!, atom));
    }
  }
  return { classes: classes.length, atoms: atomCount, connectedPodPairs, portSets: portSets.size };
}

function connectedFrom(
  from: PodClass,
  row: Row,
  classes: readonly PodClass[],
  ingress: readonly Row[],
  portSets: Set<PortSet>,
): number {
  let connected = 0;
  for (let to = 0; to < classes.length; to++) {
    const ports = intersectPorts(portsAt(row, to), portsAt(ingress[to]!, from.index));
    if (ports === NO_PORTS) continue;
    portSets.add(ports);
    const receivers = classes[to]!.pods.length;
    connected += from.pods.length * (to === from.index ? receivers - 1 : receivers);
  }
  return connected;
}

function changed(cluster: Cluster, change: Change): Cluster {
  switch (change.kind) {
    case "pod-set": {
      const pod = clusterPod(change.pod);
      return { ...cluster, pods: [...cluster.pods.filter(({ id }) => id !== pod.id), pod] };
    }
    case "pod-removed":
      return { ...cluster, pods: cluster.pods.filter(({ id }) => id !== change.id) };
    case "namespace-set": {
      const { name } = change.namespace;
      const labels = { ...change.namespace.labels, "kubernetes.io/metadata.name": name };
      return { ...cluster, namespaces: new Map(cluster.namespaces).set(name, { name, labels }) };
    }
    case "policy-set":
      return {
        ...cluster,
        networkPolicies: [...withoutPolicy(cluster, policyId(change.policy)), change.policy],
      };
    case "policy-removed":
      return { ...cluster, networkPolicies: withoutPolicy(cluster, change.id) };
  }
}

function withoutPolicy(cluster: Cluster, id: string): NetworkPolicy[] {
  return cluster.networkPolicies.filter((policy) => policyId(policy) !== id);
}

/** `namespace/name`. */
export function policyId(policy: NetworkPolicy): string {
  return `${policy.namespace}/${policy.name}`;
}

function clusterPod(pod: Pod): ClusterPod {
  const address = addressOf(pod.addresses[0]!);
  const { kind, name } = pod.controller ?? { kind: "Pod", name: pod.name };
  return {
    id: `${pod.namespace}/${pod.name}`,
    namespace: pod.namespace,
    name: pod.name,
    labels: pod.labels,
    ports: pod.ports,
    hostNetwork: pod.hostNetwork,
    node: pod.nodeName,
    addresses: { [address.family]: address },
    workload: `${pod.namespace}/${name}[${kind}]`,
    origin: pod.origin,
  };
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}
