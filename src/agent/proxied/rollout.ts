import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../../source/kube/client.ts";
import { KubeError } from "../../source/kube/kube-error.ts";
import { NO_AGENT } from "./agent-failure.ts";
import { ANSWER_PATIENCE, askAgent } from "./ask-agent.ts";
import { atMost, MOST_AT_ONCE } from "./at-most.ts";
import { type AgentCensus, type CensusOptions, takeCensus } from "./cluster-status.ts";
import type { NodeAgent } from "./node-agents.ts";
import { isDone, isUnready, type PolicyOnNode, policyOnNode, type Wanted } from "./policy-on-node.ts";
import { type PolicyName, policyIdOf, readPolicyVersion } from "./policy-target.ts";
import { readAgentStatus, readPolicyStatuses } from "./read-answers.ts";

/** How far all nodes are with one policy. */
export interface Rollout {
  /** `NetworkPolicy shop/db`. */
  readonly policy: string;
  readonly wanted: Wanted;
  /** True if the API server has it. */
  readonly exists: boolean;
  readonly nodes: readonly PolicyOnNode[];
  /** True if every node that matters is done. */
  readonly complete: boolean;
}

export interface RolloutOptions extends CensusOptions {
  /** True if nodes that cannot be asked, or are not ready, do not matter. */
  readonly ignoreUnready: boolean;
  /** True if the policies are to go, rather than to be enforced. */
  readonly deleted: boolean;
}

export interface WaitOptions {
  /** Milliseconds after which what is known then is the answer; 0: the first look is. */
  readonly timeout: number;
  /** Called after each look. */
  readonly onLook?: (rollouts: readonly Rollout[]) => void;
}

/** Milliseconds between looks: soon at first, and never so often that hundreds of nodes are a load. */
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5_000;
/** Nodes come and go; the API server is asked for them once in so many milliseconds. */
const CENSUS_AGE = 15_000;

/** A policy that is looked for, and what is known of it. */
interface Subject {
  readonly name: PolicyName;
  readonly id: string;
  wanted: Wanted;
  exists: boolean;
  /** By node. */
  known: Map<string, PolicyOnNode>;
}

/** The policies, and the nodes that may not be asked about for want of a right to list them. */
export interface RolloutReport {
  readonly rollouts: readonly Rollout[];
  readonly namespace: AgentCensus["namespace"];
  readonly nodesUnknown: AgentCensus["nodesUnknown"];
}

/**
 * Looks at all nodes, and again until every node that matters is done or time is up. An API server that is away for a
 * while ends no wait. Throws a KubeError if there has been no look at all.
 */
export async function followRollouts(
  client: KubeClient,
  names: readonly PolicyName[],
  options: RolloutOptions,
  { timeout, onLook }: WaitOptions,
): Promise<RolloutReport> {
  const { signal } = options;
  const end = Date.now() + timeout;
  const subjects = await Promise.all(names.map((name) => subjectOf(client, name, options)));
  let census: AgentCensus | undefined;
  let censusEnd = 0;
  for (let look = 0; ; look++) {
    try {
      if (census === undefined || Date.now() >= censusEnd) {
        census = await takeCensus(client, options);
        censusEnd = Date.now() + CENSUS_AGE;
        for (const subject of subjects) keepOnly(subject, census.nodes);
      }
      if (look > 0) await Promise.all(subjects.map((subject) => followObject(client, subject, options)));
      // The last look ends with the time, not long after it.
      const patience = timeout === 0 ? ANSWER_PATIENCE : clamp(end - Date.now(), 1_000, ANSWER_PATIENCE);
      const open = census.nodes.filter(({ node }) =>
        subjects.some(({ known }) => !isSettled(known.get(node))),
      );
      await atMost(MOST_AT_ONCE, open, (each) => askAbout(client, each, subjects, patience, signal));
    } catch (error) {
      if (census === undefined || !isPassing(error)) throw error;
    }
    const rollouts = subjects.map((subject) => rolloutOf(subject, options));
    onLook?.(rollouts);
    const pause = Math.min(FIRST_PAUSE * 1.5 ** look, LONGEST_PAUSE) * (0.75 + Math.random() / 2);
    const isOver = rollouts.every(({ complete }) => complete) || rollouts.some(isHopeless);
    if (isOver || Date.now() + pause >= end) {
      return { rollouts, namespace: census.namespace, nodesUnknown: census.nodesUnknown };
    }
    await sleep(pause, undefined, signal === undefined ? {} : { signal });
  }
}

/** True of what may be over soon: an API server that is started anew, a connection that broke. */
function isPassing(error: unknown): boolean {
  return error instanceof KubeError && ["unreachable", "server", "expired"].includes(error.code);
}

async function subjectOf(
  client: KubeClient,
  name: PolicyName,
  { deleted, signal }: RolloutOptions,
): Promise<Subject> {
  const version = await readPolicyVersion(client, name, signal);
  const wanted: Wanted =
    deleted || version === undefined ? { kind: "gone", uid: version?.uid } : { kind: "enforced", version };
  return { name, id: policyIdOf(name), wanted, exists: version !== undefined, known: new Map() };
}

/** Forgets nodes that are gone. */
function keepOnly(subject: Subject, nodes: readonly NodeAgent[]): void {
  const names = new Set(nodes.map(({ node }) => node));
  for (const node of subject.known.keys()) if (!names.has(node)) subject.known.delete(node);
}

/** A node that is done stays it: it is not asked again. */
function isSettled(node: PolicyOnNode | undefined): boolean {
  return node !== undefined && isDone(node);
}

async function askAbout(
  client: KubeClient,
  { node, pod }: NodeAgent,
  subjects: readonly Subject[],
  patience: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const open = subjects.filter(({ known }) => !isSettled(known.get(node)));
  if (pod === undefined) {
    for (const { known } of open) known.set(node, unanswered(node, NO_AGENT));
    return;
  }
  const limits = { patience, signal };
  const [status, ...answers] = await Promise.all([
    askAgent(client, pod, "/v1/status", readAgentStatus, limits),
    ...open.map(({ id }) =>
      askAgent(client, pod, "/v1/policies", readPolicyStatuses, { ...limits, query: { policy: id } }),
    ),
  ]);
  for (const [index, { id, known, wanted }] of open.entries()) {
    const answer = answers[index]!;
    const failure = status.failure ?? answer.failure;
    if (failure !== undefined) {
      known.set(node, unanswered(node, failure));
      continue;
    }
    const policy = answer.answer!.find((each) => each.policy === id);
    known.set(node, policyOnNode(node, wanted, policy, status.answer!));
  }
}

function unanswered(node: string, failure: PolicyOnNode["failure"] & object): PolicyOnNode {
  return { node, state: "no-answer", messages: [failure.message], failure };
}

/** Looks whether the object is still the one that is waited for; made anew, it is the new one. */
async function followObject(client: KubeClient, subject: Subject, options: RolloutOptions): Promise<void> {
  const { wanted } = subject;
  if (!subject.exists) return;
  const version = await readPolicyVersion(client, subject.name, options.signal);
  if (wanted.kind === "gone") {
    subject.exists = version?.uid === wanted.uid;
    return;
  }
  subject.exists = version !== undefined;
  if (version === undefined || version.uid === wanted.version.uid) return;
  subject.wanted = { kind: "enforced", version };
  subject.known.clear();
}

/** It was deleted while its enforcement was waited for. */
function isHopeless({ wanted, exists }: Rollout): boolean {
  return wanted.kind === "enforced" && !exists;
}

function rolloutOf({ id, wanted, exists, known }: Subject, { ignoreUnready }: RolloutOptions): Rollout {
  const nodes = [...known.values()];
  const waitsFor = nodes.filter((each) => !isDone(each) && !(ignoreUnready && isUnready(each)));
  // Where no node has answered, nothing is known; and a policy that is to go must be gone from the API too.
  const isAsWanted = exists === (wanted.kind === "enforced");
  const complete = nodes.some(isDone) && waitsFor.length === 0 && isAsWanted;
  return { policy: id, wanted, exists, nodes, complete };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
