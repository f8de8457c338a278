import { type ClusterChange, changeKey } from "../cluster/change.ts";
import { changedCluster } from "../cluster/changed.ts";
import type { Cluster, ClusterNamespace, ClusterNode, ClusterPod } from "../cluster/cluster.ts";
import type { Direction } from "../k8s/objects.ts";
import { compareAddresses, type Family } from "../net/address.ts";
import {
  ALL_PORTS,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portSetHas,
  type Traffic,
} from "../net/port-set.ts";
import { comparePolicies } from "../policy/policies.ts";
import type { Policy } from "../policy/policy.ts";
import type { Area } from "./areas.ts";
import { hasFamily } from "./classes.ts";
import { type AddressBook, type End, seenEnd } from "./end.ts";
import { type FamilyView, familyView } from "./family-view.ts";
import { createModel, type PodListener } from "./model.ts";
import { type PoliciesByNamespace, policiesByNamespace } from "./policies-by-namespace.ts";
import { portsOfArea, portsOfClass, type Row } from "./row.ts";

/** Making a cluster anew costs as much as thousands of changes, so that it is done after thousands of them. */
const FEWEST_TAKEN_IN = 10_000;

/** May this packet pass? The one function that everything else is made of. */
export interface Engine {
  /** The cluster as it is after all changes. The first look after a change costs as much as thousands of changes. */
  readonly cluster: Cluster;
  /** Every policy in the order of judgement. */
  readonly policies: readonly Policy[];
  /** Those that can be about pods of a namespace, as far as the namespace tells; in the same order. */
  policiesIn(namespace: string): readonly Policy[];
  readonly addresses: AddressBook;
  /** Those of the cluster by name, as they are after all changes, without the cost of {@link Engine.cluster}. */
  readonly namespaces: ReadonlyMap<string, ClusterNamespace>;
  readonly nodes: ReadonlyMap<string, ClusterNode>;
  /** How many pods policies see: those of the pod network. */
  readonly podCount: number;
  /** Grows with every change that was applied. */
  readonly generation: number;
  view(family: Family): FamilyView;
  /**
   * Takes in what became different. A change updates what it touches, and every answer is then the one that an
   * engine over the changed cluster would give.
   */
  apply(changes: readonly ClusterChange[]): void;
  /**
   * Decides now all that is not decided yet, or not any more, so that no later question waits for it. Returns how many
   * rows that took.
   */
  settle(): number;
  /** What may pass from one end to another in a family: nothing, where an end has no address of it. */
  ports(from: End, to: End, family: Family): PortSet;
  /** The share of one side: what leaves `from` towards `to`, or what enters `to` from `from`. */
  sidePorts(direction: Direction, from: End, to: End, family: Family): PortSet;
  /**
   * What may pass between a pod and the addresses of an area: into the pod (ingress) or out of it. They are
   * nobody in particular: no pod, and no node that would be exempt.
   */
  portsWithArea(direction: Direction, pod: ClusterPod, area: Area): PortSet;
  /** A pod as an end. Questions about this very object are answered faster than about one that the caller made. */
  endOf(pod: ClusterPod): End;
  /**
   * Calls back for every pod that comes to be, goes, or is in another class than before, while changes are applied.
   * Returns what ends it.
   */
  onPodMoved(listener: PodListener): () => void;
  /** True if a packet that opens a connection may pass. Replies always follow. */
  allows(from: End, to: End, family: Family, traffic: Traffic): boolean;
}

/** An engine over a snapshot. Decisions are made when first asked for, and kept. */
export function createEngine(first: Cluster): Engine {
  const model = createModel(first);
  const { addresses, population, rows } = model;
  const views: Record<Family, FamilyView> = { 4: familyView(model, 4), 6: familyView(model, 6) };
  let cluster = first;
  /** Changes that `cluster` does not show yet, the last of each object. */
  const pending = new Map<string, ClusterChange>();
  const takeIn = (): void => {
    cluster = changedCluster(cluster, [...pending.values()]);
    pending.clear();
  };
  let policies: readonly Policy[] | undefined;
  let byNamespace: PoliciesByNamespace | undefined;
  const sortedPolicies = (): readonly Policy[] => {
    policies ??= [...model.policies.values()].map(({ policy }) => policy).sort(comparePolicies);
    return policies;
  };
  let generation = 0;

  const portsInRow = (row: Row, peer: End, family: Family): PortSet => {
    if (peer.kind === "pod") {
      const podClass = population.classOf(peer.pod);
      if (podClass === undefined) throw new Error(`pod ${peer.pod.id} is not in the cluster`);
      return portsOfClass(row, podClass);
    }
    const { areas } = views[family];
    return row.areas.size === 0
      ? row.restOfAreas
      : portsOfArea(row, areas.enclosing(areas.areaAt(peer.address.value)));
  };

  const sidePorts = (direction: Direction, from: End, to: End, family: Family): PortSet => {
    const source = seenEnd(from, family, addresses);
    const destination = seenEnd(to, family, addresses);
    if (source === undefined || destination === undefined) return NO_PORTS;
    return sidePortsOfSeen(direction, source, destination, family);
  };
  const sidePortsOfSeen = (direction: Direction, source: End, destination: End, family: Family): PortSet => {
    const subject = direction === "egress" ? source : destination;
    const peer = direction === "egress" ? destination : source;
    if (exemption(direction, source, destination, addresses) !== undefined) return ALL_PORTS;
    if (subject.kind !== "pod") return ALL_PORTS;
    const podClass = population.classOf(subject.pod);
    if (podClass === undefined) throw new Error(`pod ${subject.pod.id} is not in the cluster`);
    return portsInRow(rows.row(direction, podClass, family), peer, family);
  };

  return {
    get cluster() {
      if (pending.size > 0) takeIn();
      return cluster;
    },
    get policies() {
      return sortedPolicies();
    },
    policiesIn: (namespace) => {
      byNamespace ??= policiesByNamespace(sortedPolicies());
      return byNamespace.of(namespace);
    },
    addresses,
    namespaces: model.namespaces,
    nodes: model.nodes,
    get podCount() {
      return population.podCount;
    },
    get generation() {
      return generation;
    },
    view: (family) => views[family],
    apply: (changes) => {
      for (const change of changes) {
        model.apply(change);
        pending.set(changeKey(change), change);
        // Pods come and go under ever new names: whoever never asks for the cluster must not gather them all.
        if (pending.size > Math.max(FEWEST_TAKEN_IN, cluster.pods.length)) takeIn();
        if (change.kind === "policy-set" || change.kind === "policy-removed") {
          policies = undefined;
          byNamespace = undefined;
        }
        generation++;
      }
    },
    settle: () => rows.settle(),
    ports: (from, to, family) =>
      intersectPorts(sidePorts("egress", from, to, family), sidePorts("ingress", from, to, family)),
    sidePorts,
    portsWithArea: (direction, pod, area) => {
      const { family } = area.cidr;
      if (pod.addresses[family] === undefined) return NO_PORTS;
      const podClass = population.classOf(pod);
      if (podClass === undefined) return ALL_PORTS;
      return views[family].portsOfArea(rows.row(direction, podClass, family), area);
    },
    onPodMoved: (listener) => {
      model.podListeners.add(listener);
      return () => model.podListeners.delete(listener);
    },
    endOf: (pod) => population.seenPod(pod) ?? { kind: "pod", pod },
    allows: (from, to, family, traffic) => {
      if (from.kind === "pod" && to.kind === "pod" && from.pod !== to.pod) {
        const sender = population.classOfEnd(from);
        const receiver = population.classOfEnd(to);
        // Most questions are about two pods of the pod network: no address is anything but theirs, nobody is exempt.
        if (sender !== undefined && receiver !== undefined) {
          if (!hasFamily(sender, family) || !hasFamily(receiver, family)) return false;
          if (!rows.passes("ingress", receiver, family, sender)) return false;
          if (!rows.passes("egress", sender, family, receiver)) return false;
          const leaving = rows.row("egress", sender, family);
          const entering = rows.row("ingress", receiver, family);
          return (
            portSetHas(portsOfClass(entering, sender), traffic) &&
            portSetHas(portsOfClass(leaving, receiver), traffic)
          );
        }
      }
      const source = seenEnd(from, family, addresses);
      const destination = seenEnd(to, family, addresses);
      if (source === undefined || destination === undefined) return false;
      return (
        portSetHas(sidePortsOfSeen("egress", source, destination, family), traffic) &&
        portSetHas(sidePortsOfSeen("ingress", source, destination, family), traffic)
      );
    },
  };
}

/** Why no policy is asked: a pod talks to itself, or a node to a pod that runs on it (kubelet probes). */
export type Exemption = "self" | "own-node";

/** The exemption of a connection between two ends that have been through `seenEnd`, if there is one. */
export function exemption(
  direction: Direction,
  source: End,
  destination: End,
  book: AddressBook,
): Exemption | undefined {
  if (source.kind === "pod" && destination.kind === "pod") {
    return source.pod === destination.pod ? "self" : undefined;
  }
  if (source.kind === "address" && destination.kind === "address") {
    return compareAddresses(source.address, destination.address) === 0 ? "self" : undefined;
  }
  if (direction === "egress" || source.kind !== "address" || destination.kind !== "pod") return undefined;
  const { node } = destination.pod;
  return node !== undefined && book.isNodeAddress(node, source.address) ? "own-node" : undefined;
}
