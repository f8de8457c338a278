import { describe, expect, it } from "vitest";
import type { PodsPeer, Reachability, ReachPeer } from "../../src/engine/reachability.ts";
import { reachability } from "../../src/engine/reachability.ts";
import { FAMILIES, type Family } from "../../src/net/address.ts";
import { NO_PORTS, type PortSet, unionPorts } from "../../src/net/port-set.ts";
import type { GraphNode, MapGraph, StatementSet } from "../../src/report/map-graph/graph.ts";
import { mapGraph } from "../../src/report/map-graph/map-graph.ts";
import { randomCluster } from "../generators/cluster.ts";
import { engineOf } from "./from-raw.ts";

const CLUSTERS = 120;

describe("the graph of a map", () => {
  it.each(["workload", "pod"] as const)("says the same as the connections of each %s", (per) => {
    let statements = 0;
    let wholeGroups = 0;
    for (let seed = 1; seed <= CLUSTERS; seed++) {
      const reach = reachability(engineOf(randomCluster(seed)), per);
      const graph = mapGraph(reach);
      expect(passing(told(graph, reach.peers)), `seed ${seed}`).toEqual(passing(fromConnections(reach)));
      statements += nodesOf(graph).flatMap((node) => node.statements).length;
      wholeGroups += graph.arrows.filter(({ from, to }) => `${from} ${to}`.includes("/*")).length;
    }
    expect(statements).toBeGreaterThan(CLUSTERS);
    expect(wholeGroups).toBeGreaterThan(20);
  });

  it("says nothing else where only a part is asked about", () => {
    for (let seed = 1; seed <= CLUSTERS; seed++) {
      const whole = reachability(engineOf(randomCluster(seed)), "workload");
      const { peers } = whole;
      const namespace = peers.find((peer) => peer.kind !== "external")?.workload.namespace;
      const isThere = (peer: ReachPeer): boolean =>
        peer.kind !== "external" && peer.workload.namespace === namespace;
      const isAsked = (from: ReachPeer, to: ReachPeer): boolean => isThere(from) || isThere(to);
      const connections = whole.connections.filter(({ from, to }) => isAsked(from, to));
      const kept = new Set(connections.flatMap(({ from, to }) => [from, to]));
      const reach = { peers: peers.filter((peer) => kept.has(peer) || isThere(peer)), connections };
      const graph = mapGraph(reach, { asked: { peers, isAsked } });
      const found = told(graph, peers);
      expect(passing(found), `seed ${seed}`).toEqual(passing(fromConnections(reach)));
    }
  });
});

/** By `from to family`. */
type Ports = Map<string, PortSet>;

function fromConnections({ connections }: Reachability): Ports {
  const ports: Ports = new Map();
  for (const { from, to, ports: open, family } of connections) {
    for (const each of family === undefined ? sharedFamilies(from, to) : [family]) {
      add(ports, from, to, each, open);
    }
  }
  return ports;
}

/** What a reader of the picture knows. */
function told(graph: MapGraph, peers: readonly ReachPeer[]): Ports {
  const ports: Ports = new Map();
  const members = (id: string): ReachPeer[] => {
    if (!id.endsWith("/*")) return peers.filter((peer) => peer.id === id);
    return peers.filter((peer) => groupOf(peer) === id.slice(0, -2));
  };
  for (const { from, to, ports: open, family } of graph.arrows) {
    for (const source of members(from)) {
      for (const destination of members(to)) {
        for (const each of family === undefined ? sharedFamilies(source, destination) : [family]) {
          add(ports, source, destination, each, open);
        }
      }
    }
  }
  for (const { peer, statements } of nodesOf(graph)) {
    for (const { direction, set, onlyUnlimited, ports: open } of statements) {
      for (const other of peers) {
        if (other === peer || !isIn(set, peer!, other)) continue;
        if (onlyUnlimited && isLimited(other, direction === "in" ? "egress" : "ingress")) continue;
        const [from, to] = direction === "in" ? [other, peer!] : [peer!, other];
        for (const family of sharedFamilies(from, to)) add(ports, from, to, family, open);
      }
    }
  }
  return ports;
}

function nodesOf({ groups, aside }: MapGraph): GraphNode[] {
  return [...groups.flatMap((group) => group.nodes), ...aside];
}

function add(ports: Ports, from: ReachPeer, to: ReachPeer, family: Family, open: PortSet): void {
  const key = `${from.id} > ${to.id} IPv${family}`;
  ports.set(key, unionPorts(ports.get(key) ?? NO_PORTS, open));
}

function passing(ports: Ports): string[] {
  return [...ports].flatMap(([key, open]) => (open === NO_PORTS ? [] : [`${key}: ${open.key}`])).sort();
}

function groupOf(peer: ReachPeer): string {
  return peer.kind === "external" ? "(outside)" : peer.workload.namespace;
}

function isIn(set: StatementSet, peer: ReachPeer, other: ReachPeer): boolean {
  if (set === "nobody") return false;
  if (set === "everyone") return true;
  return other.kind !== "external" && (set === "inside" || groupOf(other) === groupOf(peer));
}

function isLimited(peer: ReachPeer, side: "ingress" | "egress"): boolean {
  return peer.kind !== "external" && (peer.isolated[side] || peer.limited[side]);
}

function sharedFamilies(a: ReachPeer, b: ReachPeer): Family[] {
  if (a === b || (a.kind === "external" && b.kind === "external")) return [];
  const has = (peer: ReachPeer, family: Family): boolean =>
    peer.kind === "external"
      ? peer.family === family
      : (peer as PodsPeer).pods.some((pod) => pod.addresses[family] !== undefined);
  return FAMILIES.filter((family) => has(a, family) && has(b, family));
}
