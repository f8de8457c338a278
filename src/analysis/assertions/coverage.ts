import type { ClusterPod } from "../../cluster/cluster.ts";
import type { Engine } from "../../engine/engine.ts";
import { type Connection, type ReachPeer, reachability } from "../../engine/reachability.ts";
import { FAMILIES, type Family } from "../../net/address.ts";
import { intersectAddresses, joinRanges } from "../../net/address-ranges.ts";
import { NO_PORTS, type PortSet, subtractPorts, unionPorts } from "../../net/port-set.ts";
import type { AskedEnds } from "./asked-ends.ts";
import type { ClusterEnds } from "./cluster-ends.ts";
import { type EndSet, familyBit } from "./end-set.ts";
import type { CaseResult } from "./judge-case.ts";

/** How much of what is allowed the cases speak of, whatever they expect of it. */
export interface Coverage {
  /** Pairs of workloads, or of a workload and a range of addresses outside, between which something may pass. */
  readonly connections: number;
  /** Those of which cases speak of all that may pass. */
  readonly covered: number;
  /** Those of which cases speak of a part. */
  readonly partly: number;
  /** All others, and what no case speaks of. */
  readonly uncovered: readonly UncoveredConnection[];
}

/** A connection, and the ports of it that no case speaks of. */
export interface UncoveredConnection {
  readonly connection: Connection;
  readonly ports: PortSet;
}

/** What a case asks about at a peer. */
interface Question {
  readonly from: ReadonlySet<ReachPeer>;
  readonly wanted: PortSet;
  readonly families: readonly Family[];
}

/** Looks at every allowed connection for cases that speak of it. */
export function coverageOf(engine: Engine, ends: ClusterEnds, cases: readonly CaseResult[]): Coverage {
  const reach = reachability(engine, "workload");
  const peers = reach.peers.filter((peer) => isSomebody(peer, ends));
  const known = new Set(peers);
  const connections = reach.connections.filter(({ from, to }) => known.has(from) && known.has(to));
  const questions = questionsByPeer(
    peers,
    cases.flatMap((each) => (each.outcome === "error" ? [] : [each.asked])),
  );
  let covered = 0;
  let partly = 0;
  const uncovered: UncoveredConnection[] = [];
  for (const connection of connections) {
    const left = (questions.get(connection.to) ?? []).reduce(
      (ports, question) => (speaksOf(question, connection) ? subtractPorts(ports, question.wanted) : ports),
      connection.ports,
    );
    if (left === NO_PORTS) {
      covered++;
      continue;
    }
    if (left !== connection.ports) partly++;
    uncovered.push({ connection, ports: left });
  }
  return { connections: connections.length, covered, partly, uncovered };
}

/** False for a range that belongs to the cluster, though no pod has an address of it. */
function isSomebody(peer: ReachPeer, ends: ClusterEnds): boolean {
  return (
    peer.kind !== "external" ||
    intersectAddresses(joinRanges(peer.ranges), ends.outside[peer.family]).length > 0
  );
}

function speaksOf({ from, families }: Question, connection: Connection): boolean {
  if (!from.has(connection.from)) return false;
  return connection.family === undefined || families.includes(connection.family);
}

function questionsByPeer(
  peers: readonly ReachPeer[],
  asked: readonly AskedEnds[],
): Map<ReachPeer, Question[]> {
  const peerOf = new Map<ClusterPod, ReachPeer>();
  for (const peer of peers) {
    if (peer.kind !== "external") for (const pod of peer.pods) peerOf.set(pod, peer);
  }
  const questions = new Map<ReachPeer, Question[]>();
  for (const { from, to, wanted, families } of asked) {
    const sources = peersIn(peers, peerOf, from);
    const portsAt = new Map<ReachPeer, PortSet>();
    for (const pod of to.pods.keys()) {
      const peer = peerOf.get(pod);
      if (peer !== undefined) {
        portsAt.set(peer, unionPorts(portsAt.get(peer) ?? NO_PORTS, wanted.ofPod(pod)));
      }
    }
    for (const peer of peersIn(peers, peerOf, to)) {
      const ports = peer.kind === "external" ? wanted.ofAddresses : (portsAt.get(peer) ?? NO_PORTS);
      const question = { from: sources, wanted: ports, families };
      const before = questions.get(peer);
      if (before === undefined) questions.set(peer, [question]);
      else before.push(question);
    }
  }
  return questions;
}

/** The peers of which at least a part is in a set. */
function peersIn(
  peers: readonly ReachPeer[],
  peerOf: ReadonlyMap<ClusterPod, ReachPeer>,
  set: EndSet,
): Set<ReachPeer> {
  const found = new Set<ReachPeer>();
  for (const [pod, bits] of set.pods) {
    const peer = peerOf.get(pod);
    const isMeant = FAMILIES.some(
      (family) => pod.addresses[family] !== undefined && (bits & familyBit(family)) !== 0,
    );
    if (peer !== undefined && isMeant) found.add(peer);
  }
  for (const peer of peers) {
    if (peer.kind !== "external") continue;
    if (intersectAddresses(joinRanges(peer.ranges), set.ranges[peer.family]).length > 0) found.add(peer);
  }
  return found;
}
