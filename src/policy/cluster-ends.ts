import type { Cluster, ClusterPod } from "../cluster/cluster.ts";
import { compareNames } from "../cluster/names.ts";
import type { LabelSelector } from "../k8s/objects.ts";
import { selectorKey } from "../k8s/selector.ts";
import type { Family } from "../net/address.ts";
import { addBit, emptyBitset, forEachBit, intersectInto } from "../net/bitset.ts";
import { type Cidr, formatCidr } from "../net/cidr.ts";
import { NO_PORTS, type PortSet, portRange, unionPorts } from "../net/port-set.ts";
import { labelIndex } from "./label-index.ts";
import type { PodSelection } from "./policy.ts";
import { type SpannedBits, spanned } from "./spanned-bits.ts";

/**
 * The ends of connections that a cluster has, as small integers: first groups of pods with the same namespace and
 * labels, then nodes. Host-network pods are in no group. Answers are sets of them.
 */
export interface ClusterEnds {
  podsOf(selection: PodSelection): SpannedBits;
  nodesOf(selector: LabelSelector): SpannedBits;
  /** Those with an address in the block. Of a group, one pod is enough. */
  inside(block: Cidr): SpannedBits;
  /** Every port that some pod declares under the name. */
  portsNamed(name: string): PortSet;
}

type Labels = Readonly<Record<string, string>>;

interface EndAddress {
  readonly family: Family;
  readonly value: bigint;
  readonly end: number;
}

/** Numbers the ends of a cluster. */
export function clusterEnds(cluster: Cluster): ClusterEnds {
  const groups: { readonly namespace: string; readonly labels: Labels }[] = [];
  const groupIndex = new Map<string, number>();
  const addresses: EndAddress[] = [];
  // By namespace, so that the groups of one lie side by side. See `SpannedBits`.
  const pods = cluster.pods
    .filter((pod) => !pod.hostNetwork)
    .sort((a, b) => compareNames(a.namespace, b.namespace));
  for (const pod of pods) {
    const key = groupKey(pod.namespace, pod.labels);
    const end = groupIndex.get(key) ?? groups.push(pod) - 1;
    groupIndex.set(key, end);
    for (const address of Object.values(pod.addresses)) addresses.push({ ...address, end });
  }
  const nodes = [...cluster.nodes.values()];
  for (const [index, node] of nodes.entries()) {
    for (const address of node.addresses) addresses.push({ ...address, end: groups.length + index });
  }
  addresses.sort((a, b) => a.family - b.family || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  const size = groups.length + nodes.length;
  const groupsWith = labelIndex(groups.map(({ labels }) => labels));
  const nodesWith = labelIndex(nodes.map(({ labels }) => labels));
  const namesMatching = namespaceNames(cluster);
  const groupsOfNamespace = new Map<string, number[]>();
  for (const [index, { namespace }] of groups.entries()) {
    const list = groupsOfNamespace.get(namespace);
    if (list === undefined) groupsOfNamespace.set(namespace, [index]);
    else list.push(index);
  }

  return {
    podsOf: memoized(selectionKey, ({ namespaces, pods: selector }) => {
      const bits = emptyBitset(size);
      const names = namespaces.kind === "name" ? [namespaces.name] : namesMatching(namespaces.selector);
      for (const name of names) for (const index of groupsOfNamespace.get(name) ?? []) addBit(bits, index);
      const matching = emptyBitset(size);
      matching.set(groupsWith(selector));
      intersectInto(bits, matching);
      return spanned(bits);
    }),
    nodesOf: memoized(selectorKey, (selector) => {
      const bits = emptyBitset(size);
      forEachBit(nodesWith(selector), (index) => addBit(bits, groups.length + index));
      return spanned(bits);
    }),
    inside: memoized(formatCidr, (block) => {
      const bits = emptyBitset(size);
      for (let at = firstAtLeast(addresses, block); at < addresses.length; at++) {
        const { family, value, end } = addresses[at]!;
        if (family !== block.family || value > block.last) break;
        addBit(bits, end);
      }
      return spanned(bits);
    }),
    portsNamed: memoized(
      (name: string) => name,
      (name) => declaredPorts(pods, name),
    ),
  };
}

function groupKey(namespace: string, labels: Labels): string {
  return JSON.stringify([
    namespace,
    ...Object.entries(labels)
      .sort(([a], [b]) => compareNames(a, b))
      .flat(),
  ]);
}

function selectionKey({ namespaces, pods }: PodSelection): string {
  const key = namespaces.kind === "name" ? [namespaces.name] : selectorKey(namespaces.selector);
  return JSON.stringify([key, selectorKey(pods)]);
}

function namespaceNames(cluster: Cluster): (selector: LabelSelector) => readonly string[] {
  const namespaces = [...cluster.namespaces.values()];
  const index = labelIndex(namespaces.map(({ labels }) => labels));
  return memoized(selectorKey, (selector) => {
    const names: string[] = [];
    forEachBit(index(selector), (place) => names.push(namespaces[place]!.name));
    return names;
  });
}

function declaredPorts(pods: readonly ClusterPod[], name: string): PortSet {
  let ports = NO_PORTS;
  for (const port of pods.flatMap((pod) => pod.ports)) {
    if (port.name === name) ports = unionPorts(ports, portRange(port.protocol, port.port));
  }
  return ports;
}

function firstAtLeast(addresses: readonly EndAddress[], block: Cidr): number {
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { family, value } = addresses[middle]!;
    if (family < block.family || (family === block.family && value < block.first)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function memoized<Question, Answer>(
  keyOf: (question: Question) => string,
  answer: (question: Question) => Answer,
): (question: Question) => Answer {
  const known = new Map<string, Answer>();
  return (question) => {
    const key = keyOf(question);
    let found = known.get(key);
    if (found === undefined) {
      found = answer(question);
      known.set(key, found);
    }
    return found;
  };
}
