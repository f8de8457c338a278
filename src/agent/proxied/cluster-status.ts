import type { KubeClient } from "../../source/kube/client.ts";
import { KubeError } from "../../source/kube/kube-error.ts";
import type { AgentStatus } from "../agent-status.ts";
import { type AgentFailure, NO_AGENT, wrongNode } from "./agent-failure.ts";
import { AGENT_NAMESPACE, type AgentPod, listAgentPods, listNodeNames } from "./agent-pods.ts";
import { askAgent } from "./ask-agent.ts";
import { atMost, MOST_AT_ONCE } from "./at-most.ts";
import { type NodeAgent, nodeAgents } from "./node-agents.ts";
import { readAgentStatus } from "./read-answers.ts";

/** The nodes of a cluster with their agents. */
export interface AgentCensus {
  readonly nodes: readonly NodeAgent[];
  /** Pods of agents that no node has been found for. */
  readonly unscheduled: readonly AgentPod[];
  /** The only namespace that agents were looked for in; undefined if it was all. */
  readonly namespace: string | undefined;
  /** Why nodes without an agent cannot be told; undefined if they can. */
  readonly nodesUnknown: string | undefined;
}

/** A node, and what its agent says of itself. */
export interface NodeStatus {
  readonly node: string;
  /** `namespace/name` of the agent's pod. */
  readonly pod?: string;
  /** Further pods of agents there. */
  readonly otherPods: readonly string[];
  readonly status?: AgentStatus;
  /** Why there is no status. */
  readonly failure?: AgentFailure;
}

export interface ClusterStatus extends Omit<AgentCensus, "nodes"> {
  readonly nodes: readonly NodeStatus[];
}

export interface CensusOptions {
  /** Where the agents' pods are looked for: all namespaces if absent. */
  readonly namespace?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Finds the agents, and the nodes that have none. Throws a KubeError if pods cannot be listed. */
export async function takeCensus(client: KubeClient, options: CensusOptions): Promise<AgentCensus> {
  const [{ pods, namespace }, nodes] = await Promise.all([
    findAgentPods(client, options),
    listNodeNames(client, options.signal).catch((error: unknown) => {
      if (isForbidden(error)) return error;
      throw error;
    }),
  ]);
  const refused = nodes instanceof KubeError ? nodes : undefined;
  return {
    nodes: nodeAgents(pods, nodes instanceof KubeError ? undefined : nodes),
    unscheduled: pods.filter(({ node }) => node === undefined),
    namespace,
    nodesUnknown: refused?.message,
  };
}

/** Whoever may not look everywhere, and names no namespace, may look where agents are by default. */
async function findAgentPods(
  client: KubeClient,
  { namespace, signal }: CensusOptions,
): Promise<{ pods: readonly AgentPod[]; namespace: string | undefined }> {
  try {
    return { pods: await listAgentPods(client, namespace, signal), namespace };
  } catch (error) {
    if (namespace !== undefined || !isForbidden(error)) throw error;
    const pods = await listAgentPods(client, AGENT_NAMESPACE, signal).catch((second: unknown) => {
      throw isForbidden(second) ? error : second;
    });
    return { pods, namespace: AGENT_NAMESPACE };
  }
}

function isForbidden(error: unknown): error is KubeError {
  return error instanceof KubeError && error.code === "forbidden";
}

export interface StatusReading extends CensusOptions {
  /** Milliseconds that each agent has. */
  readonly patience?: number;
  /** Told how many nodes are done with. */
  readonly onProgress?: (nodes: number) => void;
}

/** Asks the agent of every node how it is. */
export async function readClusterStatus(client: KubeClient, options: StatusReading): Promise<ClusterStatus> {
  const census = await takeCensus(client, options);
  let done = 0;
  const nodes = await atMost(MOST_AT_ONCE, census.nodes, async (each) => {
    const status = await nodeStatus(client, each, options);
    options.onProgress?.(++done);
    return status;
  });
  return { ...census, nodes };
}

async function nodeStatus(
  client: KubeClient,
  { node, pod, others }: NodeAgent,
  { patience, signal }: StatusReading,
): Promise<NodeStatus> {
  const otherPods = others.map(({ namespace, name }) => `${namespace}/${name}`);
  if (pod === undefined) return { node, otherPods, failure: NO_AGENT };
  const { answer, failure } = await askAgent(client, pod, "/v1/status", readAgentStatus, {
    signal,
    ...(patience === undefined ? {} : { patience }),
  });
  const own = { node, pod: `${pod.namespace}/${pod.name}`, otherPods };
  if (failure !== undefined) return { ...own, failure };
  return answer.node === node
    ? { ...own, status: answer }
    : { ...own, failure: wrongNode(pod, node, answer.node) };
}

/** True if the kernel of the node does what the model says, by the word of its agent. */
export function isReady({ status }: NodeStatus): boolean {
  return status?.ready === true;
}
