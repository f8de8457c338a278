import type { Origin } from "../../src/k8s/location.ts";
import type { ContainerPort, KubernetesObject, Labels, Namespace, Node, Pod } from "../../src/k8s/objects.ts";
import type { Random } from "../../test/generators/random.ts";
import type { Sizes } from "../result.ts";

/** The place of objects that were never in a file. */
export const GENERATED: Origin = {
  file: "generated",
  position: () => ({ file: "generated", line: 0, column: 0 }),
};

/** Pods that share an owner and a template. */
export interface PlannedWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  /** Without `pod-template-hash`. */
  readonly labels: Labels;
  readonly ports: readonly ContainerPort[];
  /** Two while a rollout is under way, so that its pods carry two values of `pod-template-hash`. */
  readonly revisions: number;
}

/** Nodes `node-0001`, ... with one address each in 172.16.0.0/12. At most 65,536. */
export function generateNodes(count: number): Node[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: "Node",
    name: nodeName(i),
    labels: { "kubernetes.io/hostname": nodeName(i), "topology.kubernetes.io/zone": `zone-${"abc"[i % 3]}` },
    addresses: [`172.20.${i >>> 8}.${i & 255}`],
    origin: GENERATED,
  }));
}

function nodeName(index: number): string {
  return `node-${String(index + 1).padStart(4, "0")}`;
}

export function generateNamespace(name: string, labels: Labels): Namespace {
  return { kind: "Namespace", name, labels, origin: GENERATED };
}

/**
 * Running pods of the workloads, scattered over the nodes, each with an IPv4 address of its node's own block in
 * 10.0.0.0/8, as most network plugins give them.
 */
export function generatePods(
  workloads: readonly PlannedWorkload[],
  nodes: readonly Node[],
  random: Random,
): Pod[] {
  const hosts = podHosts(nodes.length);
  const pods: Pod[] = [];
  for (const workload of workloads) {
    const hashes = Array.from({ length: workload.revisions }, () => randomHash(random, 9));
    for (let i = 0; i < workload.replicas; i++) {
      const hash = hashes[i % hashes.length]!;
      const { node, address } = hosts.next(random.int(0, nodes.length - 1));
      pods.push({
        kind: "Pod",
        namespace: workload.namespace,
        name: `${workload.name}-${hash}-${i.toString(36).padStart(5, "0")}`,
        labels: { ...workload.labels, "pod-template-hash": hash },
        ports: workload.ports,
        hostNetwork: false,
        nodeName: nodes[node]!.name,
        addresses: [address],
        hostAddresses: nodes[node]!.addresses,
        phase: "Running",
        controller: { kind: "ReplicaSet", name: `${workload.name}-${hash}` },
        origin: GENERATED,
      });
    }
  }
  return pods;
}

const PODS_PER_NODE = 254;

/** Hands out addresses `10.x.y.1` to `.254`, x.y being the node; a full node sends on to the next. */
function podHosts(nodeCount: number): { next(node: number): { node: number; address: string } } {
  const used = new Uint16Array(nodeCount);
  return {
    next(wanted) {
      let node = wanted;
      for (let tried = 0; used[node]! >= PODS_PER_NODE; tried++) {
        if (tried === nodeCount) throw new Error(`no room for another pod on ${nodeCount} nodes`);
        node = (node + 1) % nodeCount;
      }
      used[node]!++;
      return { node, address: `10.${node >>> 8}.${node & 255}.${used[node]}` };
    },
  };
}

/** A hash as Kubernetes writes them: no vowels, no digits that look like letters. */
export function randomHash(random: Random, length: number): string {
  const alphabet = "bcdfghjklmnpqrstvwxz2456789";
  return Array.from({ length }, () => alphabet[random.int(0, alphabet.length - 1)]).join("");
}

/** `total` cut into `count` parts of at least one, the i-th in proportion to `weight(i)`, exact in sum. */
export function apportion(total: number, count: number, weight: (index: number) => number): number[] {
  if (total < count) throw new RangeError(`${total} cannot be cut into ${count} parts of at least one`);
  const weights = Array.from({ length: count }, (_, i) => weight(i));
  const sum = weights.reduce((a, b) => a + b, 0);
  const parts: number[] = [];
  let cumulated = 0;
  let given = 0;
  for (let i = 0; i < count; i++) {
    cumulated += weights[i]!;
    const target = Math.round((cumulated / sum) * (total - count)) + (i + 1);
    parts.push(target - given);
    given = target;
  }
  return parts;
}

/** What a generator made, in the order in which an API server lists it: kind by kind. */
export interface GeneratedCluster {
  readonly namespaces: readonly Namespace[];
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly policies: readonly Extract<KubernetesObject, { kind: "NetworkPolicy" }>[];
}

export function objectsOf(cluster: GeneratedCluster): KubernetesObject[] {
  return [...cluster.namespaces, ...cluster.nodes, ...cluster.pods, ...cluster.policies];
}

export function workloadsByNamespace(
  workloads: readonly PlannedWorkload[],
): ReadonlyMap<string, readonly PlannedWorkload[]> {
  const result = new Map<string, PlannedWorkload[]>();
  for (const workload of workloads) {
    const known = result.get(workload.namespace);
    if (known === undefined) result.set(workload.namespace, [workload]);
    else known.push(workload);
  }
  return result;
}

export function sizesOf({ pods, namespaces, policies, nodes }: GeneratedCluster): Sizes {
  return {
    pods: pods.length,
    namespaces: namespaces.length,
    policies: policies.length,
    nodes: nodes.length,
  };
}
