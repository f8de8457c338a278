import type { Connection, Reachability, ReachPeer } from "../../engine/reachability.ts";
import { FAMILIES } from "../../net/address.ts";
import { intersectPorts, NO_PORTS, type PortSet } from "../../net/port-set.ts";
import { hasFamily } from "../map-groups.ts";
import { OUTSIDE } from "./graph.ts";

/** The peers of a map by number, and what may pass between any two. */
export interface Pairs {
  readonly peers: readonly ReachPeer[];
  /** The group of each peer: its namespace, or {@link OUTSIDE}. */
  readonly groups: readonly string[];
  /** The peers of each group. */
  readonly members: ReadonlyMap<string, readonly number[]>;
  readonly connections: readonly PairConnection[];
  /** True if two peers are different, not both outside, and share a family. */
  isPossible(from: number, to: number): boolean;
  isAsked(from: number, to: number): boolean;
  /** What may pass in every family that the two could use. */
  ports(from: number, to: number): PortSet;
  /** True if policies limit what the peer sends (`out`), or what it receives (`in`). */
  isLimited(peer: number, direction: "in" | "out"): boolean;
  hasConnection(peer: number, direction: "in" | "out"): boolean;
}

export interface PairConnection {
  readonly from: number;
  readonly to: number;
  readonly connection: Connection;
}

/** What a map was asked about, where that is not everything. */
export interface AskedPairs {
  /** Every peer of the cluster, also those that are not on the map. */
  readonly peers: readonly ReachPeer[];
  readonly isAsked: (from: ReachPeer, to: ReachPeer) => boolean;
}

export function pairsOf(reach: Reachability, asked?: AskedPairs): Pairs {
  const peers = asked?.peers ?? reach.peers;
  const places = new Map(peers.map((peer, place) => [peer, place]));
  const groups = peers.map((peer) => (peer.kind === "external" ? OUTSIDE : peer.workload.namespace));
  const members = new Map<string, number[]>();
  for (const [place, group] of groups.entries()) {
    const known = members.get(group);
    if (known === undefined) members.set(group, [place]);
    else known.push(place);
  }
  const families = peers.map((peer) =>
    FAMILIES.reduce((bits, family, place) => bits | (hasFamily(peer, family) ? 1 << place : 0), 0),
  );
  const incoming: Map<number, PortSet>[] = peers.map(() => new Map());
  const halves = new Map<string, PortSet>();
  const connections: PairConnection[] = [];
  const receivers = new Set<number>();
  const senders = new Set<number>();
  for (const connection of reach.connections) {
    const from = places.get(connection.from)!;
    const to = places.get(connection.to)!;
    connections.push({ from, to, connection });
    receivers.add(to);
    senders.add(from);
    if (connection.family === undefined) {
      incoming[to]!.set(from, connection.ports);
      continue;
    }
    // Where the families differ, only what both let pass is open for certain.
    const key = `${from} ${to}`;
    const other = halves.get(key);
    if (other === undefined) halves.set(key, connection.ports);
    else incoming[to]!.set(from, intersectPorts(other, connection.ports));
  }
  return {
    peers,
    groups,
    members,
    connections,
    isPossible: (from, to) =>
      from !== to &&
      (families[from]! & families[to]!) !== 0 &&
      (groups[from] !== OUTSIDE || groups[to] !== OUTSIDE),
    isAsked: (from, to) => asked === undefined || asked.isAsked(peers[from]!, peers[to]!),
    ports: (from, to) => incoming[to]!.get(from) ?? NO_PORTS,
    hasConnection: (peer, direction) => (direction === "in" ? receivers : senders).has(peer),
    isLimited: (place, direction) => {
      const peer = peers[place]!;
      if (peer.kind === "external") return false;
      const side = direction === "out" ? "egress" : "ingress";
      return peer.isolated[side] || peer.limited[side];
    },
  };
}
