import type { ClusterPod, ClusterWorkload } from "../cluster/cluster.ts";
import { FAMILIES, type Family } from "../net/address.ts";
import { ALL_PORTS, intersectPorts, NO_PORTS, type PortSet, unionPorts } from "../net/port-set.ts";
import type { PodClass } from "./classes.ts";
import type { Engine } from "./engine.ts";
import { type ExternalPeer, externalPeers } from "./external-peers.ts";
import { forEachCell, portsOfClass } from "./row.ts";

export type { ExternalPeer } from "./external-peers.ts";

/** Who can be at an end of a connection, as people name it. */
export type ReachPeer = PodsPeer | ExternalPeer;

/** The pods of a workload, or one pod. */
export interface PodsPeer {
  readonly kind: "workload" | "pod" | "node-pod";
  /** `shop/db[StatefulSet]`, or `shop/db-0` for a pod. */
  readonly id: string;
  readonly workload: ClusterWorkload;
  readonly pods: readonly ClusterPod[];
  /** For each direction: whether a policy isolates every one of the pods. */
  readonly isolated: { readonly ingress: boolean; readonly egress: boolean };
  /** For each direction: whether rules of Admin or Baseline keep something from a pod that is not isolated. */
  readonly limited: { readonly ingress: boolean; readonly egress: boolean };
}

/** What may pass from one peer to another. Peers between which nothing may pass have no connection. */
export interface Connection {
  readonly from: ReachPeer;
  readonly to: ReachPeer;
  readonly ports: PortSet;
  /** Set where the two families differ, or only one of them connects two dual-stack peers. */
  readonly family?: Family;
}

export interface Reachability {
  readonly peers: readonly ReachPeer[];
  readonly connections: readonly Connection[];
}

/**
 * Who can reach whom, for every pair of workloads (or pods) and outside ranges. A pair of workloads is connected
 * by what may pass between any two of their pods. Pairs that are not asked about are not looked at.
 */
export function reachability(
  engine: Engine,
  per: "workload" | "pod",
  isAsked?: (from: ReachPeer, to: ReachPeer) => boolean,
): Reachability {
  const peers: ReachPeer[] = [...podPeers(engine, per), ...externalPeers(engine)];
  const looks = peers.map((peer) => lookAt(engine, peer));
  const peersOfClass = new Map<number, number[]>();
  for (const [place, { classes }] of looks.entries()) {
    for (const podClass of classes) {
      const places = peersOfClass.get(podClass.index);
      if (places === undefined) peersOfClass.set(podClass.index, [place]);
      else places.push(place);
    }
  }
  const connections: Connection[] = [];
  for (const [i, from] of peers.entries()) {
    for (const j of possibleDestinations(engine, looks, looks[i]!, peersOfClass)) {
      const to = peers[j]!;
      if (i === j || (from.kind === "external" && to.kind === "external") || isAsked?.(from, to) === false)
        continue;
      for (const connection of connectionsBetween(engine, from, to, looks[i]!, looks[j]!))
        connections.push(connection);
    }
  }
  return { peers, connections };
}

function podPeers(engine: Engine, per: "workload" | "pod"): PodsPeer[] {
  const peers: PodsPeer[] = [];
  for (const workload of engine.cluster.workloads) {
    const groups = per === "workload" ? [workload.pods] : workload.pods.map((pod) => [pod]);
    for (const pods of groups) {
      peers.push({
        kind: workload.hostNetwork ? "node-pod" : per,
        id: per === "workload" ? workload.id : pods[0]!.id,
        workload,
        pods,
        isolated: {
          ingress: pods.every((pod) => isIsolated(engine, pod, "ingress")),
          egress: pods.every((pod) => isIsolated(engine, pod, "egress")),
        },
        limited: {
          ingress: pods.some((pod) => isLimited(engine, pod, "ingress")),
          egress: pods.some((pod) => isLimited(engine, pod, "egress")),
        },
      });
    }
  }
  return peers;
}

/** True if a NetworkPolicy isolates the pod for the direction; never true of a host-network pod. */
export function isIsolated(engine: Engine, pod: ClusterPod, direction: "ingress" | "egress"): boolean {
  for (const family of FAMILIES) {
    const view = engine.view(family);
    const podClass = view.classOf(pod);
    if (podClass !== undefined) return view.row(direction, podClass).isolated;
  }
  return false;
}

/** True if no NetworkPolicy isolates the pod for the direction, and yet not everything may pass. */
function isLimited(engine: Engine, pod: ClusterPod, direction: "ingress" | "egress"): boolean {
  return FAMILIES.some((family) => {
    const view = engine.view(family);
    const podClass = view.classOf(pod);
    if (podClass === undefined) return false;
    const row = view.row(direction, podClass);
    // Most clusters have none of these policies, and most rows then say the same of every peer.
    if (row.isolated || row.policies.length === 0) return false;
    const ofAreas = [row.restOfAreas, ...row.areas.values()];
    return (
      ofAreas.some((ports) => ports !== ALL_PORTS) ||
      view.classes().some((each) => portsOfClass(row, each) !== ALL_PORTS)
    );
  });
}

/** What is to be known of a peer to judge its pairs. */
interface PeerLook {
  readonly peer: ReachPeer;
  /** The classes of its pods, those of host-network pods aside. */
  readonly classes: readonly PodClass[];
  /** Pods that speak for all others where it matters on which node they are. */
  readonly podsByNode: readonly ClusterPod[];
}

function lookAt(engine: Engine, peer: ReachPeer): PeerLook {
  if (peer.kind === "external") return { peer, classes: [], podsByNode: [] };
  const classes = new Set<PodClass>();
  const byNode = new Map<string, ClusterPod>();
  for (const pod of peer.pods) {
    const podClass = engine.view(4).classOf(pod) ?? engine.view(6).classOf(pod);
    if (podClass !== undefined) classes.add(podClass);
    const kind = podClass?.index ?? FAMILIES.map((family) => pod.addresses[family]?.value).join(" ");
    const key = `${pod.node ?? ""} ${kind}`;
    if (!byNode.has(key)) byNode.set(key, pod);
  }
  return { peer, classes: [...classes], podsByNode: [...byNode.values()] };
}

/**
 * The places of the peers that something may leave for. Where no class of a source lets anything leave but to a few,
 * only these few are asked: most pairs of a well-protected cluster are never looked at.
 */
function possibleDestinations(
  engine: Engine,
  looks: readonly PeerLook[],
  from: PeerLook,
  peersOfClass: ReadonlyMap<number, readonly number[]>,
): Iterable<number> {
  if (from.classes.length === 0) return looks.keys();
  const places = new Set<number>();
  for (const podClass of from.classes) {
    for (const family of FAMILIES) {
      if (podClass.areas[family] === undefined) continue;
      const row = engine.view(family).row("egress", podClass);
      if (row.restOfClasses !== NO_PORTS) return looks.keys();
      forEachCell(row, (index) => {
        for (const place of peersOfClass.get(index) ?? []) places.add(place);
      });
    }
  }
  for (const [place, { classes }] of looks.entries()) if (classes.length === 0) places.add(place);
  return [...places].sort((a, b) => a - b);
}

function connectionsBetween(
  engine: Engine,
  from: ReachPeer,
  to: ReachPeer,
  source: PeerLook,
  destination: PeerLook,
): Connection[] {
  const possible: { family: Family; ports: PortSet }[] = [];
  for (const family of FAMILIES) {
    const ports = portsBetween(engine, source, destination, family);
    if (ports !== undefined) possible.push({ family, ports });
  }
  const [first] = possible;
  if (first === undefined) return [];
  if (possible.every((entry) => entry.ports === first.ports)) {
    return first.ports === NO_PORTS ? [] : [{ from, to, ports: first.ports }];
  }
  return possible
    .filter((entry) => entry.ports !== NO_PORTS)
    .map(({ family, ports }) => ({ from, to, ports, family }));
}

/** What may pass in a family; undefined if an end has no address of it. */
function portsBetween(
  engine: Engine,
  source: PeerLook,
  destination: PeerLook,
  family: Family,
): PortSet | undefined {
  const [from, to] = [source.peer, destination.peer];
  if (from.kind === "external") return portsWithOutside(engine, "ingress", destination, from, family);
  if (to.kind === "external") return portsWithOutside(engine, "egress", source, to, family);
  let ports: PortSet | undefined;
  if (from.kind === "node-pod" || to.kind === "node-pod") {
    // A node reaches its own pods whatever the policies say, so that it matters who runs where.
    for (const a of source.podsByNode) {
      if (a.addresses[family] === undefined) continue;
      for (const b of destination.podsByNode) {
        if (b.addresses[family] === undefined) continue;
        const passing = engine.ports({ kind: "pod", pod: a }, { kind: "pod", pod: b }, family);
        ports = unionPorts(ports ?? NO_PORTS, passing);
      }
    }
    return ports;
  }
  const view = engine.view(family);
  for (const a of source.classes) {
    if (a.areas[family] === undefined) continue;
    const egress = view.row("egress", a);
    for (const b of destination.classes) {
      if (b.areas[family] === undefined) continue;
      const passing = intersectPorts(portsOfClass(egress, b), portsOfClass(view.row("ingress", b), a));
      ports = unionPorts(ports ?? NO_PORTS, passing);
    }
  }
  return ports;
}

function portsWithOutside(
  engine: Engine,
  direction: "ingress" | "egress",
  { classes, podsByNode }: PeerLook,
  outside: ExternalPeer,
  family: Family,
): PortSet | undefined {
  if (outside.family !== family) return undefined;
  // Without a class it is on the host's network, where no policy is asked.
  if (classes.length === 0)
    return podsByNode.some((pod) => pod.addresses[family] !== undefined) ? ALL_PORTS : undefined;
  const view = engine.view(family);
  let ports: PortSet | undefined;
  for (const podClass of classes) {
    if (podClass.areas[family] === undefined) continue;
    const passing = view.portsOfArea(view.row(direction, podClass), outside.area);
    ports = unionPorts(ports ?? NO_PORTS, passing);
  }
  return ports;
}
