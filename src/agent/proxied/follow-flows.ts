import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../../source/kube/client.ts";
import { KubeError } from "../../source/kube/kube-error.ts";
import { type AgentFailure, NO_AGENT } from "./agent-failure.ts";
import { openAgent } from "./ask-agent.ts";
import { type CensusOptions, takeCensus } from "./cluster-status.ts";
import { jsonLines } from "./json-lines.ts";
import type { NodeAgent } from "./node-agents.ts";

/** What following the flows of a cluster has to tell. */
export interface FlowFollower {
  /** A line of an agent's flow log, JSON already. What it returns is waited for before that agent's next line. */
  onFlow(flow: unknown, node: string): Promise<void> | undefined;
  /** A node is heard; `again`: it was lost. */
  onHeard(node: string, again: boolean): void;
  /** A node is not heard; told once until it is heard again. */
  onLost(node: string, failure: AgentFailure): void;
  /** The agents could not be looked for; those that are known are followed on. */
  onCensusFailure(error: KubeError): void;
}

export interface FollowOptions extends Omit<CensusOptions, "signal"> {
  /** Only these nodes; all if absent. */
  readonly isWanted?: (node: string) => boolean;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Milliseconds between two searches for agents. */
  readonly censusPause?: number;
}

const CENSUS_PAUSE = 30_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** A stream that lasted so many milliseconds was a good one: the next attempt after it comes soon. */
const GOOD_STREAM = 10_000;

/** A node's stream, and how to end it. */
interface Stream {
  pod: string;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Follows the flow logs of all agents until the signal; then resolves. Streams that end are opened again, later each
 * time; nodes that come are followed too. Throws a KubeError if the agents cannot be found to begin with.
 */
export async function followFlows(
  client: KubeClient,
  follower: FlowFollower,
  options: FollowOptions,
): Promise<void> {
  const { signal, isWanted = () => true, censusPause = CENSUS_PAUSE } = options;
  const streams = new Map<string, Stream>();
  const uncovered = new Set<string>();
  let isFirst = true;
  try {
    while (!signal.aborted) {
      const census = await takeCensus(client, options).catch((error: unknown) => {
        signal.throwIfAborted();
        if (isFirst || !(error instanceof KubeError)) throw error;
        follower.onCensusFailure(error);
      });
      if (census !== undefined) {
        followCensus(census.nodes.filter(({ node }) => isWanted(node)));
        isFirst = false;
      }
      await sleep(jittered(censusPause), undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    for (const { abort } of streams.values()) abort.abort();
    await Promise.all([...streams.values()].map(({ ended }) => ended));
  }

  function followCensus(agents: readonly NodeAgent[]): void {
    const nodes = new Set(agents.map(({ node }) => node));
    for (const [node, { abort }] of streams) {
      if (nodes.has(node)) continue;
      abort.abort();
      streams.delete(node);
    }
    for (const agent of agents) {
      const { node, pod } = agent;
      const known = streams.get(node);
      if (pod === undefined) {
        if (!uncovered.has(node)) follower.onLost(node, NO_AGENT);
        uncovered.add(node);
        known?.abort.abort();
        streams.delete(node);
        continue;
      }
      const name = `${pod.namespace}/${pod.name}/${pod.port}/${pod.notRunning ?? ""}`;
      if (known?.pod === name) continue;
      known?.abort.abort();
      const wasLost = uncovered.delete(node);
      const abort = new AbortController();
      const ended = followNode(client, agent, follower, abort.signal, wasLost);
      streams.set(node, { pod: name, abort, ended });
    }
  }
}

/** Follows one agent until the signal. */
async function followNode(
  client: KubeClient,
  { node, pod }: NodeAgent,
  follower: FlowFollower,
  signal: AbortSignal,
  wasLost: boolean,
): Promise<void> {
  let isLost = wasLost;
  let failures = 0;
  const lose = (failure: AgentFailure): void => {
    if (!isLost) follower.onLost(node, failure);
    isLost = true;
  };
  while (!signal.aborted) {
    const opened = Date.now();
    try {
      const { answer, failure } = await openAgent(client, pod!, "/v1/flows", { signal });
      if (failure !== undefined) lose(failure);
      else {
        follower.onHeard(node, isLost);
        isLost = false;
        for await (const flow of jsonLines(answer)) await follower.onFlow(flow, node);
        // An agent that ends in good order does so because it is replaced: no reason to worry anybody yet.
      }
    } catch (error) {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      lose({ code: "unreachable", message: `its stream broke off: ${message}` });
    }
    failures = Date.now() - opened > GOOD_STREAM ? 0 : failures + 1;
    await pauseUnlessAborted(Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE), signal);
  }
}

async function pauseUnlessAborted(millis: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(jittered(millis), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function jittered(millis: number): number {
  return millis * (0.75 + Math.random() / 2);
}
