import type { KubeClient, Query } from "../../source/kube/client.ts";
import type { ResponseBody } from "../../source/kube/connections.ts";
import { KubeError } from "../../source/kube/kube-error.ts";
import { PODS, pathOf } from "../../source/kube/resource.ts";
import { type AgentFailure, failureOf, notAskable, tooSlow } from "./agent-failure.ts";
import type { AgentPod } from "./agent-pods.ts";

/** What an agent has answered, or why there is no answer. */
export type Answer<T> =
  | { readonly answer: T; readonly failure?: undefined }
  | { readonly answer?: undefined; readonly failure: AgentFailure };

/** Milliseconds that an agent has to answer: with it the API server's way to the node. */
export const ANSWER_PATIENCE = 10_000;

/**
 * Asks an agent for JSON through the API server's pod proxy. Never rejects but with the signal's reason; `read` gives
 * undefined for what is no answer of an agent.
 */
export async function askAgent<T>(
  client: KubeClient,
  pod: AgentPod,
  path: string,
  read: (value: unknown) => T | undefined,
  { query, patience = ANSWER_PATIENCE, signal }: AskOptions = {},
): Promise<Answer<T>> {
  return attempt(pod, patience, signal, async (limit) => {
    const answer = read(await client.get(proxyPath(pod, path), query, limit));
    if (answer !== undefined) return answer;
    throw new KubeError("server", "what answers there is no agent of podwall, or one of another version");
  });
}

/** Opens a stream of an agent. The patience is for its beginning; it then lasts until the signal ends it. */
export async function openAgent(
  client: KubeClient,
  pod: AgentPod,
  path: string,
  { query, patience = ANSWER_PATIENCE, signal }: AskOptions = {},
): Promise<Answer<ResponseBody>> {
  return attempt(pod, patience, signal, (limit) => client.open(proxyPath(pod, path), query, limit));
}

export interface AskOptions {
  readonly query?: Query;
  /** Milliseconds. */
  readonly patience?: number;
  readonly signal?: AbortSignal | undefined;
}

async function attempt<T>(
  pod: AgentPod,
  patience: number,
  signal: AbortSignal | undefined,
  ask: (limit: AbortSignal) => Promise<T>,
): Promise<Answer<T>> {
  const refusal = notAskable(pod);
  if (refusal !== undefined) return { failure: refusal };
  // Not AbortSignal.timeout: a stream goes on when its beginning was in time.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), patience);
  try {
    const limit = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
    return { answer: await ask(limit) };
  } catch (error) {
    signal?.throwIfAborted();
    if (late.signal.aborted) return { failure: tooSlow(pod, patience) };
    if (error instanceof KubeError) return { failure: failureOf(error, pod) };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function proxyPath({ namespace, name, port }: AgentPod, path: string): string {
  return `${pathOf(PODS, namespace)}/http:${name}:${port}/proxy${path}`;
}
