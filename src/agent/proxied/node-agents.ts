import { compareNames } from "../../cluster/names.ts";
import type { AgentPod } from "./agent-pods.ts";

/** A node, and the pod of the agent that is to be asked about it. */
export interface NodeAgent {
  readonly node: string;
  /** Undefined: no agent runs here, so nothing is enforced here. */
  readonly pod: AgentPod | undefined;
  /** Further pods of agents on the node, which should not be, or not for long. */
  readonly others: readonly AgentPod[];
}

/**
 * The agent of each node, by name: of all nodes, or of those that have one where nobody may list nodes. A pod that
 * waits for a node is of none.
 */
export function nodeAgents(pods: readonly AgentPod[], nodes: readonly string[] | undefined): NodeAgent[] {
  const byNode = new Map<string, AgentPod[]>((nodes ?? []).map((name) => [name, []]));
  for (const pod of pods) {
    if (pod.node === undefined) continue;
    const there = byNode.get(pod.node);
    if (there === undefined) byNode.set(pod.node, [pod]);
    else there.push(pod);
  }
  return [...byNode]
    .sort(([a], [b]) => compareNames(a, b))
    .map(([node, there]) => {
      const [pod, ...others] = there.sort(byUse);
      return { node, pod, others };
    });
}

/** First the one that stays, then one that is ready, then the newest: in a rolling update the new one takes over. */
function byUse(a: AgentPod, b: AgentPod): number {
  return (
    Number(a.leaving) - Number(b.leaving) ||
    Number(b.ready) - Number(a.ready) ||
    (a.created < b.created ? 1 : a.created > b.created ? -1 : compareNames(a.name, b.name))
  );
}
