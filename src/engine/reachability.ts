import type { ClusterPod, ClusterWorkload } from "../cluster/cluster.ts";
import { FAMILIES, type Family } from "../net/address.ts";
import { type AddressRange, formatRangeShort, rangeAt } from "../net/address-partition.ts";
import { hasBit } from "../net/bitset.ts";
import { NO_PORTS, type PortSet, unionPorts } from "../net/port-set.ts";
import type { End } from "./end.ts";
import type { Engine } from "./engine.ts";
import { rangesInside } from "./family-view.ts";

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
}

/** Addresses outside the cluster that all policies treat alike. */
export interface ExternalPeer {
  readonly kind: "external";
  readonly id: string;
  readonly family: Family;
  readonly ranges: readonly AddressRange[];
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
 * by what may pass between any two of their pods.
 */
export function reachability(engine: Engine, per: "workload" | "pod"): Reachability {
  const peers: ReachPeer[] = [...podPeers(engine, per), ...externalPeers(engine)];
  const ends = new Map(peers.map((peer) => [peer, representativeEnds(engine, peer)]));
  const connections: Connection[] = [];
  for (const from of peers) {
    for (const to of peers) {
      if (from === to || (from.kind === "external" && to.kind === "external")) continue;
      connections.push(...connectionsBetween(engine, from, to, ends.get(from)!, ends.get(to)!));
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
      });
    }
  }
  return peers;
}

/** True if a NetworkPolicy isolates the pod for the direction; never true of a host-network pod. */
export function isIsolated(engine: Engine, pod: ClusterPod, direction: "ingress" | "egress"): boolean {
  for (const family of FAMILIES) {
    const view = engine.view(family);
    const podClass = view.classOf.get(pod);
    if (podClass !== undefined) return view.row(direction, podClass).isolated;
  }
  return false;
}

/**
 * The addresses of each family, cut into groups that lie in the same blocks of the same rules. IPv6 is covered
 * where a policy speaks of it, and where pods have no IPv4 address to be reached by.
 */
export function externalPeers(engine: Engine): ExternalPeer[] {
  const peers: ExternalPeer[] = [];
  for (const family of FAMILIES) {
    const view = engine.view(family);
    const onlyIpv6 = engine.cluster.pods.some((pod) => pod.addresses[4] === undefined);
    if (family === 6 && view.addressPeers.length === 0 && !onlyIpv6) continue;
    const memberships = view.addressPeers.map((peer) => rangesInside(view.partition, peer));
    const groups = new Map<string, AddressRange[]>();
    for (let i = 0; i < view.partition.starts.length; i++) {
      const key = memberships.map((inside) => (hasBit(inside, i) ? "1" : "0")).join("");
      const group = groups.get(key) ?? [];
      const range = rangeAt(view.partition, i);
      const before = group.at(-1);
      if (before !== undefined && before.last + 1n === range.first)
        group[group.length - 1] = { ...before, last: range.last };
      else group.push(range);
      groups.set(key, group);
    }
    for (const ranges of groups.values())
      peers.push({ kind: "external", id: externalId(ranges), family, ranges });
  }
  return peers;
}

/** The ranges in short; of many, the first ones, which are enough to tell disjoint groups apart. */
function externalId(ranges: readonly AddressRange[]): string {
  const shown = ranges.slice(0, 4).map(formatRangeShort).join(",");
  return ranges.length > 4 ? `${shown},+${ranges.length - 4}` : shown;
}

/** One end for each way in which policies could treat the peer. */
function representativeEnds(engine: Engine, peer: ReachPeer): End[] {
  if (peer.kind === "external") return [];
  const seen = new Set<string>();
  const ends: End[] = [];
  for (const pod of peer.pods) {
    const classes = FAMILIES.map(
      (family) => engine.view(family).classOf.get(pod)?.index ?? pod.addresses[family]?.value,
    );
    const key = `${classes.join(" ")} ${pod.node ?? ""}`;
    if (seen.has(key)) continue;
    seen.add(key);
    ends.push({ kind: "pod", pod });
  }
  return ends;
}

function connectionsBetween(
  engine: Engine,
  from: ReachPeer,
  to: ReachPeer,
  fromEnds: readonly End[],
  toEnds: readonly End[],
): Connection[] {
  const byFamily = FAMILIES.map((family): { family: Family; possible: boolean; ports: PortSet } => {
    const sources = endsIn(engine, from, fromEnds, family);
    const destinations = endsIn(engine, to, toEnds, family);
    let ports = NO_PORTS;
    for (const source of sources) {
      for (const destination of destinations)
        ports = unionPorts(ports, portsBetween(engine, source, destination, family));
    }
    return { family, possible: sources.length > 0 && destinations.length > 0, ports };
  });
  const possible = byFamily.filter((entry) => entry.possible);
  const [first] = possible;
  if (first === undefined) return [];
  if (possible.every((entry) => entry.ports === first.ports)) {
    return first.ports === NO_PORTS ? [] : [{ from, to, ports: first.ports }];
  }
  return possible
    .filter((entry) => entry.ports !== NO_PORTS)
    .map(({ family, ports }) => ({ from, to, ports, family }));
}

/** An end, or a range of outside addresses (whose first address might be a pod's, so the range itself is asked). */
type EndOrRange = End | { readonly kind: "range"; readonly index: number };

function endsIn(engine: Engine, peer: ReachPeer, ends: readonly End[], family: Family): EndOrRange[] {
  if (peer.kind === "external") {
    if (peer.family !== family) return [];
    const { starts } = engine.view(family).partition;
    // All ranges of the group are treated alike: the first speaks for them.
    return [{ kind: "range", index: starts.indexOf(peer.ranges[0]!.first) }];
  }
  return ends.filter((end) => end.kind === "pod" && end.pod.addresses[family] !== undefined);
}

function portsBetween(engine: Engine, from: EndOrRange, to: EndOrRange, family: Family): PortSet {
  if (from.kind !== "range" && to.kind !== "range") return engine.ports(from, to, family);
  const range = from.kind === "range" ? from : to;
  const other = from.kind === "range" ? to : from;
  if (range.kind !== "range" || other.kind !== "pod")
    throw new Error("one end must be a range, the other a pod");
  return engine.portsWithRange(from.kind === "range" ? "ingress" : "egress", other.pod, range.index, family);
}
