import type { Cluster, ClusterNode } from "../../cluster/cluster.ts";
import type { End } from "../../engine/end.ts";
import type { Engine } from "../../engine/engine.ts";
import { explain, type SideExplanation } from "../../engine/explain.ts";
import type { Traffic } from "../../net/port-set.ts";
import { describePolicy } from "../../policy/describe.ts";
import type { DecidedReason, FlowReason } from "./event.ts";
import { transportOf } from "./ip-protocol.ts";
import type { LoggedVerdict } from "./logged-packet.ts";
import type { IpPacket } from "./packet.ts";

/** Why a packet met its verdict, as the policies are now. */
export function flowReason(
  engine: Engine,
  { verdict, direction }: LoggedVerdict,
  packet: IpPacket,
  from: End,
  to: End,
): FlowReason {
  if (verdict === "closed-at-birth") {
    const born = direction === "ingress" ? to : from;
    return born.kind === "pod" ? { why: "known-since", pod: born.pod.id } : { why: "not-known-yet" };
  }
  const traffic = trafficOf(packet);
  if (traffic === undefined) return { why: "no-ports" };
  const explanation = explain(engine, from, to, packet.family, traffic);
  const side = explanation[direction];
  const cluster = clusterForWords(engine, side, from, to);
  return {
    why: side.allowed === (verdict === "allowed") ? "decided" : "rules-changed",
    explanation,
    side,
    ...(cluster === undefined ? {} : { cluster }),
  };
}

/** The policies that decided: where no rule allows a packet, all that isolate the pod. */
export function decidingPolicies(reason: FlowReason): string[] {
  if (reason.why !== "decided") return [];
  const { allowedBy, deniedBy, isolatedBy } = reason.side;
  const decidedBy = allowedBy ?? deniedBy;
  if (decidedBy !== undefined) return [describePolicy(decidedBy.policy)];
  return reason.side.allowed ? [] : isolatedBy.map(describePolicy);
}

/** The packet as a policy sees it; undefined if it has ports that are not in what we have of it. */
function trafficOf({ protocol, destinationPort }: IpPacket): Traffic | undefined {
  if (protocol === undefined) return undefined;
  const transport = transportOf(protocol);
  if (transport === undefined) return { protocol: "other" };
  return destinationPort === undefined ? undefined : { protocol: transport, port: destinationPort };
}

/**
 * The namespaces and nodes whose labels a rule asks for in vain. Not the whole cluster: reasons are kept for a while, and
 * each would keep a snapshot alive.
 */
function clusterForWords(
  engine: Engine,
  { missed }: SideExplanation,
  from: End,
  to: End,
): DecidedReason["cluster"] {
  const misses = missed.flatMap(({ peerMisses }) => peerMisses);
  const names = new Set(misses.flatMap((miss) => (miss.why === "node-labels" ? [miss.node] : [])));
  if (names.size === 0 && !misses.some(({ why }) => why === "namespace-labels")) return undefined;
  const { namespaces, nodes } = engine;
  const cluster: Cluster = {
    namespaces: new Map(
      [from, to]
        .flatMap((end) => (end.kind === "pod" ? [namespaces.get(end.pod.namespace)] : []))
        .filter((namespace) => namespace !== undefined)
        .map((namespace) => [namespace.name, namespace]),
    ),
    nodes: new Map([...names].map((name): [string, ClusterNode] => [name, nodes.get(name)!])),
    pods: [],
    workloads: [],
    networkPolicies: [],
    clusterPolicies: [],
    finishedPods: [],
  };
  return cluster;
}
