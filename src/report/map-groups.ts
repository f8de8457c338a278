import { addressesOf } from "../engine/end.ts";
import type { Connection, Reachability, ReachPeer } from "../engine/reachability.ts";
import { FAMILIES, type Family } from "../net/address.ts";
import { ALL_PORTS, type PortSet } from "../net/port-set.ts";
import { compareCodePoints } from "./order.ts";

/** Peers between which and another one the same ports are open. */
export interface PeerGroup {
  readonly peers: readonly ReachPeer[];
  readonly ports: PortSet;
  readonly family?: Family;
}

/** The connections of one peer in one direction: `from` those who may come in, `to` those it may reach. */
export interface PeerGroups {
  /** Every other peer, with every protocol and port. */
  readonly everyone: boolean;
  readonly groups: readonly PeerGroup[];
}

/** For each peer, those at the other end of its connections, put together by equal ports. */
export function groupPeers(reach: Reachability, other: "from" | "to"): Map<ReachPeer, PeerGroups> {
  const connectionsOf = new Map<ReachPeer, Connection[]>(reach.peers.map((peer) => [peer, []]));
  for (const connection of reach.connections) {
    connectionsOf.get(other === "from" ? connection.to : connection.from)?.push(connection);
  }
  const result = new Map<ReachPeer, PeerGroups>();
  const possibleFor = possibleCounts(reach.peers);
  for (const [peer, connections] of connectionsOf) {
    const full = connections.filter(({ ports, family }) => ports === ALL_PORTS && family === undefined);
    const possible = possibleFor(peer);
    result.set(peer, {
      everyone: possible > 0 && full.length === possible,
      groups: groupsOf(connections, other),
    });
  }
  return result;
}

function groupsOf(connections: readonly Connection[], other: "from" | "to"): PeerGroup[] {
  // By port set and family: 0 for a connection of both.
  const groups = new Map<PortSet, ({ peers: ReachPeer[]; ports: PortSet; family?: Family } | undefined)[]>();
  for (const connection of connections) {
    const { ports, family } = connection;
    let byFamily = groups.get(ports);
    if (byFamily === undefined) {
      byFamily = [];
      groups.set(ports, byFamily);
    }
    let group = byFamily[family ?? 0];
    if (group === undefined) {
      group = { peers: [], ports, ...(family === undefined ? {} : { family }) };
      byFamily[family ?? 0] = group;
    }
    group.peers.push(connection[other]);
  }
  return [...groups.values()]
    .flatMap((byFamily) => byFamily.filter((group) => group !== undefined))
    .sort((a, b) => compareCodePoints(a.ports.key, b.ports.key) || (a.family ?? 0) - (b.family ?? 0));
}

/** With how many others each peer could connect, counted by kind and families instead of pair by pair. */
function possibleCounts(peers: readonly ReachPeer[]): (peer: ReachPeer) => number {
  const look = (peer: ReachPeer): string =>
    `${peer.kind === "external"} ${FAMILIES.filter((family) => hasFamily(peer, family)).join(" ")}`;
  const byLook = new Map<string, { readonly first: ReachPeer; count: number }>();
  const lookOf = new Map<ReachPeer, string>();
  for (const peer of peers) {
    const key = look(peer);
    lookOf.set(peer, key);
    const known = byLook.get(key);
    if (known === undefined) byLook.set(key, { first: peer, count: 1 });
    else known.count++;
  }
  const counts = new Map<string, number>();
  for (const [key, { first }] of byLook) {
    let count = 0;
    for (const [otherKey, other] of byLook) {
      if (otherKey !== key) count += canConnect(first, other.first) ? other.count : 0;
      // A peer is not its own, and two outside peers never connect.
      else if (first.kind !== "external" && FAMILIES.some((family) => hasFamily(first, family)))
        count += other.count - 1;
    }
    counts.set(key, count);
  }
  return (peer) => counts.get(lookOf.get(peer)!)!;
}

/** True if two peers are not the same, not both outside, and share an address family. */
export function canConnect(a: ReachPeer, b: ReachPeer): boolean {
  if (a === b || (a.kind === "external" && b.kind === "external")) return false;
  return FAMILIES.some((family) => hasFamily(a, family) && hasFamily(b, family));
}

/** True if the peer has an address of the family. */
export function hasFamily(peer: ReachPeer, family: Family): boolean {
  if (peer.kind === "external") return peer.family === family;
  return peer.pods.some((pod) => addressesOf({ kind: "pod", pod })[family] !== undefined);
}
