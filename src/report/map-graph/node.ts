import type { PodsPeer, ReachPeer } from "../../engine/reachability.ts";
import type { PeerNames } from "../map-names.ts";
import type { GraphNode, GraphStatement, NodeState } from "./graph.ts";

/** The node that stands for a peer, with what is written on its box. */
export function nodeOf(
  peer: ReachPeer,
  statements: readonly GraphStatement[],
  lines: readonly string[],
  names: PeerNames,
): GraphNode {
  const common = { id: peer.id, title: names.local(peer), statements, lines, peer };
  if (peer.kind === "external") return { ...common, detail: "addresses", state: "outside" };
  const { workload, pods, isolated, limited } = peer;
  const isPod = peer.id !== workload.id;
  const count = pods.length === 1 ? "1 pod" : `${pods.length} pods`;
  return {
    ...common,
    detail: isPod ? "Pod" : workload.kind === "Pod" ? "Pod" : `${workload.kind}, ${count}`,
    state: stateOf(peer),
    ...(isolated.egress
      ? { sends: "isolated" as const }
      : limited.egress
        ? { sends: "limited" as const }
        : {}),
  };
}

function stateOf(peer: PodsPeer): NodeState {
  if (peer.kind === "node-pod") return "node network";
  if (peer.isolated.ingress) return "isolated";
  return peer.limited.ingress ? "limited" : "open";
}
