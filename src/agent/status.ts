import { podCounts } from "../engine/policy-subjects.ts";
import type { Finding } from "../k8s/finding.ts";
import type { BridgeProblem } from "../linux/bridge.ts";
import type { SourceStatus } from "../source/kube/source-status.ts";
import type { AgentCounts, AgentPhase, AgentStatus, AgentTrouble } from "./agent-status.ts";
import type { NodeEnforcement } from "./node-enforcement.ts";
import { sentence } from "./sentence.ts";
import type { AgentWords } from "./telemetry/words.ts";
import type { Verifier } from "./verifier.ts";
import { notUnderstood } from "./wrong-policies.ts";

/** What the status of an agent is put together from. */
export interface StatusSources {
  readonly node: string;
  readonly words: AgentWords;
  readonly version: string;
  readonly started: Date;
  readonly server: string;
  readonly enforcement: NodeEnforcement;
  readonly verifier: Pick<Verifier, "last">;
  /** Errors of policies that are not understood. */
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
  readonly phase: () => AgentPhase;
  readonly source: () => SourceStatus | undefined;
  readonly bridge: () => BridgeProblem | undefined;
  readonly stateTrouble: () => string | undefined;
}

/** A change that waits longer than this makes a node behind: it is more than what a burst takes. */
const BEHIND_MILLIS = 5000;

/** What an agent says of itself now. */
export function agentStatus(sources: StatusSources): AgentStatus {
  const { node, version, started, enforcement, verifier } = sources;
  const { queue, engines, dataplane } = enforcement;
  const inForce = dataplane?.enforcer.inForce();
  const troubles = troublesOf(sources);
  const last = enforcement.lastEnforced;
  return {
    node,
    version,
    started: started.toISOString(),
    now: new Date().toISOString(),
    phase: sources.phase(),
    ready: !troubles.some(({ blocksReady }) => blocksReady),
    troubles,
    source: sources.source() ?? { server: sources.server, synced: false, resources: [] },
    enforcement: {
      seenGeneration: (engines?.engine.generation ?? 0) + queue.untaken,
      programmedGeneration: inForce?.generation ?? 0,
      lagMillis: Math.round(queue.lagMillis()),
      ...(last === undefined
        ? {}
        : { lastProgrammed: last.time.toISOString(), lastSyncMillis: Math.round(last.millis) }),
      closedPods: inForce?.problems.flatMap(({ pods }) => pods) ?? [],
    },
    verification: {
      ...(verifier.last === undefined ? {} : { last: verifier.last.time.toISOString() }),
      differences: verifier.last?.differences ?? 0,
      repairs: enforcement.repairs,
    },
    counts: countsOf(sources),
  };
}

function troublesOf(sources: StatusSources): AgentTrouble[] {
  const { node, words, enforcement, verifier, findings } = sources;
  const { queue, dataplane } = enforcement;
  const troubles: AgentTrouble[] = [];
  const add = (code: AgentTrouble["code"], blocksReady: boolean, message: string, policy?: string): void => {
    troubles.push({ code, blocksReady, message, ...(policy === undefined ? {} : { policy }) });
  };
  if (!enforcement.isEntered) {
    add("not-synced", true, "The API server has not been read to the end yet, so nobody knows all policies.");
  }
  for (const { resource, state, error, help } of sources.source()?.resources ?? []) {
    if (state !== "waiting" || error === undefined) continue;
    const parts = [`${resource}: ${error}`, help ?? "", "What is known stays in force."];
    add("source", false, parts.filter(Boolean).map(sentence).join(" "));
  }
  for (const problem of dataplane?.enforcer.inForce().problems ?? []) {
    const { policies } = problem;
    if (policies.length === 0) add("kernel", true, words.problem(node, problem));
    for (const policy of policies) add("policy-not-enforced", true, words.problem(node, problem), policy);
  }
  const lag = queue.lagMillis();
  if (lag > BEHIND_MILLIS) {
    add("behind", true, `A change has been waiting for ${Math.round(lag / 1000)} s to come into force.`);
  }
  if ((verifier.last?.differences ?? 0) > 0) {
    add(
      "kernel-differs",
      true,
      `The kernel was not as the model says in ${verifier.last!.differences} places; it is being put right. Run podwall verify --node ${node} on the node to see them.`,
    );
  }
  for (const [policy, found] of findings) {
    add("policy-not-understood", false, notUnderstood(found), policy);
  }
  const bridge = sources.bridge();
  if (bridge !== undefined) add("bridge", false, bridge.message);
  const state = sources.stateTrouble();
  if (state !== undefined) add("state", false, state);
  return troubles;
}

function countsOf({ node, enforcement, findings }: StatusSources): AgentCounts {
  const engine = enforcement.engines?.engine;
  if (engine === undefined) {
    return {
      pods: 0,
      localPods: 0,
      isolatedPods: 0,
      namespaces: 0,
      nodes: 0,
      networkPolicies: 0,
      clusterPolicies: 0,
      brokenPolicies: 0,
      auditedPolicies: 0,
    };
  }
  const { policies } = engine;
  const networkPolicies = policies.filter(({ kind }) => kind === "NetworkPolicy").length;
  return {
    ...podCounts(engine, node),
    namespaces: engine.namespaces.size,
    nodes: engine.nodes.size,
    networkPolicies,
    clusterPolicies: policies.length - networkPolicies,
    brokenPolicies: findings.size,
    auditedPolicies: policies.filter(({ audit }) => audit).length,
  };
}
