// All that the benchmarks ask of the engine. When the engine's interface changes, only this file has to follow.
import { buildCluster } from "../src/cluster/build.ts";
import type { ClusterChange } from "../src/cluster/change.ts";
import type { Cluster, ClusterPod } from "../src/cluster/cluster.ts";
import type { End } from "../src/engine/end.ts";
import { createEngine } from "../src/engine/engine.ts";
import { type PodPairs, podPairs } from "../src/engine/pod-pairs.ts";
import type { KubernetesObject, Namespace, NetworkPolicy, Pod } from "../src/k8s/objects.ts";
import { type Address, parseAddress } from "../src/net/address.ts";
import type { PortSet, Traffic } from "../src/net/port-set.ts";

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
  /** Blocks of addresses that are told apart. */
  readonly areas: number;
  /** Ordered pairs of different pods between which something may pass. */
  readonly connectedPodPairs: number;
}

/** An engine with a cluster in it, and the few things that are measured of it. */
export interface BenchEngine {
  /** Decides every pair of classes, and of classes and outside ranges, for all ports. */
  decideEverything(): Totals;
  /** A change, until the engine can be asked again. */
  apply(change: Change): void;
  /** After a change: everything that can be asked is decided again. Returns something that depends on it. */
  settle(): number;
  /** As {@link settle}, and the number of connected pairs of pods is known again. */
  settlePairs(): number;
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
  const engine = createEngine(start);
  const view = engine.view(FAMILY);
  let pairs: PodPairs | undefined;
  return {
    decideEverything: () => {
      engine.settle();
      // All pairs of pods with all ports: the intersection of each sender's row and each receiver's.
      pairs = podPairs(view);
      return {
        classes: view.classes().length,
        areas: [...view.areas.all()].length,
        connectedPodPairs: pairs.connected,
      };
    },
    apply: (change) => engine.apply([clusterChange(change)]),
    settle: () => engine.settle(),
    settlePairs: () => {
      engine.settle();
      if (pairs === undefined)
        throw new Error("everything must be decided once before it is kept up to date");
      pairs.update();
      return pairs.connected;
    },
    podEnds: () => engine.cluster.pods.map((pod) => engine.endOf(pod)),
    addressEnd: (text) => ({ kind: "address", address: addressOf(text) }),
    allows: (from, to, traffic) => engine.allows(from, to, FAMILY, traffic),
    ports: (from, to) => engine.ports(from, to, FAMILY),
  };
}

function clusterChange(change: Change): ClusterChange {
  switch (change.kind) {
    case "pod-set":
      return { kind: "pod-set", pod: clusterPod(change.pod) };
    case "namespace-set": {
      const { name } = change.namespace;
      const labels = { ...change.namespace.labels, "kubernetes.io/metadata.name": name };
      return { kind: "namespace-set", namespace: { name, labels } };
    }
    case "policy-removed":
      return { kind: "policy-removed", id: `NetworkPolicy ${change.id}` };
    default:
      return change;
  }
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
