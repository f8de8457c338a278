import type { AgentStatus } from "../agent/agent-status.ts";
import type { AgentFailure } from "../agent/proxied/agent-failure.ts";
import { type ClusterStatus, isReady } from "../agent/proxied/cluster-status.ts";

/** `schemas/podwall.cluster-status.v1.schema.json`: what `podwall status -o json` prints. */
export interface ClusterStatusJson {
  readonly schema: "podwall.cluster-status/v1";
  /** True if every node is ready, as far as nodes are known. */
  readonly ready: boolean;
  readonly nodes: readonly NodeStatusJson[];
  /** Pods of agents that wait for a node: `namespace/name`. */
  readonly unscheduledPods: readonly string[];
  /** Set if nodes may not be listed: those without an agent are not among `nodes`. */
  readonly nodesUnknown?: string;
}

export interface NodeStatusJson {
  readonly node: string;
  readonly ready: boolean;
  readonly pod?: string;
  readonly otherPods: readonly string[];
  /** The agent's own words: `schemas/podwall.status.v1.schema.json`. */
  readonly status?: AgentStatus;
  readonly failure?: AgentFailure;
}

export function clusterStatusJson({ nodes, unscheduled, nodesUnknown }: ClusterStatus): ClusterStatusJson {
  return {
    schema: "podwall.cluster-status/v1",
    ready: nodes.every(isReady),
    nodes: nodes.map(({ node, ...rest }) => ({ node, ready: isReady({ node, ...rest }), ...rest })),
    unscheduledPods: unscheduled.map(({ namespace, name }) => `${namespace}/${name}`),
    ...(nodesUnknown === undefined ? {} : { nodesUnknown }),
  };
}
