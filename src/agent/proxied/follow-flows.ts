import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient, Query } from "../../source/kube/client.ts";
import { KubeError } from "../../source/kube/kube-error.ts";
import { type AgentFailure, NO_AGENT } from "./agent-failure.ts";
import type { AgentPod } from "./agent-pods.ts";
import { openAgent } from "./ask-agent.ts";
import { type AgentCensus, type CensusOptions, takeCensus } from "./cluster-status.ts";
import { jsonLines } from "./json-lines.ts";
import { notSilentFor } from "./not-silent.ts";

/** What following the flows of a cluster has to tell. */
export interface FlowFollower {
  /** A line of an agent's flow log, JSON already. What it returns is waited for before that agent's next line. */
  onFlow(flow: unknown, node: string): Promise<void> | undefined;
  /** A node is heard; `again`: as before, with a gap in what it tells. */
  onHeard(node: string, again: boolean): void;
  /** A node is not heard; told once until it is heard again. */
  onLost(node: string, failure: AgentFailure): void;
  /** The agents were looked for; only the wanted nodes are told. */
  onCensus(census: AgentCensus): void;
  /** The agents could not be looked for; those that are known are followed on. */
  onCensusFailure(error: KubeError): void;
}

export interface FollowOptions extends Omit<CensusOptions, "signal"> {
  /** Only these nodes; all if absent. */
  readonly isWanted?: (node: string) => boolean;
  /** Which flows the agents are asked for: `{ denied: "true" }`; all they log if absent. */
  readonly query?: Query;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Milliseconds between two searches for agents; when one is lost, the next comes sooner. */
const CENSUS_PAUSE = 30_000;
const SHORT_CENSUS_PAUSE = 3_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** An agent writes an empty line every 15 s, so that one that is silent for so many milliseconds is cut off. */
const LONGEST_SILENCE = 60_000;
/** A stream that lasted so many milliseconds was a good one: the next attempt after it comes soon. */
const GOOD_STREAM = 10_000;

/** The stream of a node, and how to end it. */
interface Stream {
  readonly pod: string;
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
  const { signal, isWanted = () => true } = options;
  const streams = new Map<string, Stream>();
  const search = { wake: (): void => undefined };
  const following: Following = {
    client,
    follower,
    query: options.query ?? {},
    lost: new Set(),
    heard: new Set(),
    search,
  };
  let isFirst = true;
  try {
    while (!signal.aborted) {
      // Before the search: whoever is lost meanwhile is a reason for another one.
      const woken = new Promise<void>((resolve) => {
        search.wake = resolve;
      });
      const found = await takeCensus(client, options).catch((error: unknown) => {
        signal.throwIfAborted();
        if (isFirst || !(error instanceof KubeError)) throw error;
        follower.onCensusFailure(error);
      });
      if (found !== undefined) {
        isFirst = false;
        const census = { ...found, nodes: found.nodes.filter(({ node }) => isWanted(node)) };
        follower.onCensus(census);
        followCensus(following, streams, census);
      }
      await sleep(jittered(SHORT_CENSUS_PAUSE), undefined, { signal });
      await Promise.race([woken, pause(CENSUS_PAUSE - SHORT_CENSUS_PAUSE, signal)]);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    for (const { abort } of streams.values()) abort.abort();
    await Promise.all([...streams.values()].map(({ ended }) => ended));
  }
}

interface Following {
  readonly client: KubeClient;
  readonly follower: FlowFollower;
  readonly query: Query;
  /** Nodes that are not heard, and were told. */
  readonly lost: Set<string>;
  /** Nodes that are, or were, heard. */
  readonly heard: Set<string>;
  readonly search: { wake: () => void };
}

function followCensus(following: Following, streams: Map<string, Stream>, { nodes }: AgentCensus): void {
  const end = (node: string): void => {
    streams.get(node)?.abort.abort();
    streams.delete(node);
  };
  const names = new Set(nodes.map(({ node }) => node));
  for (const node of streams.keys()) if (!names.has(node)) end(node);
  for (const told of [following.lost, following.heard]) {
    for (const node of told) if (!names.has(node)) told.delete(node);
  }
  for (const { node, pod } of nodes) {
    if (pod === undefined) {
      end(node);
      lose(following, node, NO_AGENT);
      continue;
    }
    const id = JSON.stringify([pod.namespace, pod.name, pod.port, pod.notRunning]);
    if (streams.get(node)?.pod === id) continue;
    end(node);
    const abort = new AbortController();
    streams.set(node, { pod: id, abort, ended: followNode(following, node, pod, abort.signal) });
  }
}

function lose({ lost, follower }: Following, node: string, failure: AgentFailure): void {
  if (lost.has(node)) return;
  lost.add(node);
  follower.onLost(node, failure);
}

/** Follows one agent until the signal. Its pod is the one that was found: another one is another stream. */
async function followNode(
  following: Following,
  node: string,
  pod: AgentPod,
  signal: AbortSignal,
): Promise<void> {
  const { client, follower, query, lost, heard, search } = following;
  for (let failures = 0; !signal.aborted; ) {
    const opened = Date.now();
    let isOpen = false;
    try {
      const { answer, failure } = await openAgent(client, pod, "/v1/flows", { query, signal });
      if (failure !== undefined) lose(following, node, failure);
      else {
        isOpen = true;
        lost.delete(node);
        follower.onHeard(node, heard.has(node));
        heard.add(node);
        const lines = jsonLines(notSilentFor(LONGEST_SILENCE, answer));
        for await (const flow of lines) await follower.onFlow(flow, node);
      }
    } catch (error) {
      if (signal.aborted) return;
      lose(following, node, { code: "unreachable", message: `its stream broke off: ${reasonOf(error)}` });
    }
    // Another pod may have taken over. One that was not to be reached at all can wait for the next search.
    if (isOpen) search.wake();
    failures = Date.now() - opened > GOOD_STREAM ? 0 : failures + 1;
    await pause(Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE), signal);
  }
}

function reasonOf(error: unknown): string {
  // Node's word for a connection that the other end has cut.
  if ((error as NodeJS.ErrnoException).code === "ECONNRESET") return "the connection was cut";
  return error instanceof Error ? error.message : String(error);
}

/** Resolves when it is over, and when the signal is aborted. */
async function pause(millis: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(jittered(millis), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function jittered(millis: number): number {
  return millis * (0.75 + Math.random() / 2);
}
