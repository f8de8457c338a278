import type { Cluster } from "../cluster/cluster.ts";
import type { EnforcementConfig } from "../dataplane/config.ts";
import type { EnforcementProblem } from "../dataplane/enforcement-problem.ts";
import type { FlowLogEvent } from "../dataplane/flow-log/event.ts";
import { policySubjects } from "../engine/policy-subjects.ts";
import type { Finding } from "../k8s/finding.ts";
import { bridgeProblem } from "../linux/bridge.ts";
import { createReactor } from "../linux/reactor.ts";
import type { KubeClient } from "../source/kube/client.ts";
import { type ClusterFollower, followCluster } from "../source/kube/follow-cluster.ts";
import type { AgentPhase } from "./agent-status.ts";
import type { BeforeSync } from "./before-sync.ts";
import { type BridgeWatch, startBridgeWatch } from "./bridge-watch.ts";
import { createNodeEnforcement, type NodeEnforcement } from "./node-enforcement.ts";
import { policyStatuses } from "./policy-statuses.ts";
import { createPolicyTroubles } from "./policy-troubles.ts";
import { asSentence, startSourceLog } from "./source-log.ts";
import { bootId, readStateFile } from "./state/state-file.ts";
import { createStateKeeper, type StateKeeper } from "./state/state-keeper.ts";
import type { AgentState } from "./state/state-text.ts";
import { agentStatus, type StatusSources } from "./status.ts";
import type { PolicyEvents, PolicyTrouble } from "./telemetry/events/policy-events.ts";
import type { AgentLogger } from "./telemetry/logger.ts";
import type { AgentView, Telemetry } from "./telemetry/telemetry.ts";
import type { AgentWords } from "./telemetry/words.ts";
import { createVerifier } from "./verifier.ts";

export interface AgentOptions {
  readonly node: string;
  /** Of podwall. */
  readonly version: string;
  readonly client: KubeClient;
  readonly config: EnforcementConfig;
  readonly beforeSync: BeforeSync;
  /** Where the state is kept; undefined: nowhere. */
  readonly stateFolder?: string;
  readonly verifyMillis: number;
  readonly telemetry: Telemetry;
  readonly logger: AgentLogger;
  readonly words: AgentWords;
  readonly events: Pick<PolicyEvents, "report" | "gone">;
  /** What cannot be gone on from: the process should end, and be started anew. The rules stay in force. */
  readonly onFailure: (error: unknown) => void;
}

/** The agent of a node. */
export interface Agent {
  readonly view: AgentView;
  /** Base rules, then the API server, then ready: resolves when the node does what the policies say. */
  start(): Promise<void>;
  /** Stops following. The rules stay in force. */
  stop(): Promise<void>;
}

export function createAgent(options: AgentOptions): Agent {
  const { node, client, config, telemetry, logger, words, stateFolder, onFailure } = options;
  const started = new Date();
  const reactor = createReactor();
  const flowListeners = new Set<(event: FlowLogEvent) => void>();
  const findings = new Map<string, readonly Finding[]>();
  let phase: AgentPhase = "starting";
  let bridges: BridgeWatch | undefined;
  let stateTrouble: string | undefined;
  let follower: ClusterFollower | undefined;
  let keeper: StateKeeper | undefined;

  const onProblem = (problem: EnforcementProblem): void => {
    telemetry.problem(problem);
    troubles.touch();
  };
  const enforcement = createNodeEnforcement({
    node,
    config,
    reactor,
    beforeSync: options.beforeSync,
    telemetry,
    onFailure,
    onProblem,
    onFlow: (event) => {
      telemetry.flow(event);
      for (const listener of flowListeners) listener(event);
    },
    onCut: (cut) => {
      telemetry.cut(cut.length);
      const { engine } = enforcement.engines!;
      for (const each of cut.slice(0, MOST_LOGGED)) logger.info(words.cut(node, each, engine));
    },
    onRepair: telemetry.repaired,
    onRefusal: (error) =>
      logger.error(
        { output: error.output },
        `the kernel took none of the rules, which are as they were; tried again in a few seconds: ${error.message}`,
      ),
    onDifferences: (differences) =>
      logger.error(
        { differences: differences.slice(0, MOST_LOGGED), count: differences.length },
        "the kernel was not as the model says, and is being put right",
      ),
  });
  const verifier = createVerifier({
    verify: () => enforcement.verify(),
    everyMillis: options.verifyMillis,
    onFailure,
  });

  const restored = async (): Promise<AgentState | undefined> => {
    if (stateFolder === undefined) return undefined;
    try {
      const state = await readStateFile(stateFolder);
      if (state === undefined || state.node === node) return state;
      throw new Error(`it is of node ${state.node}`);
    } catch (error) {
      stateTrouble = `the state in ${stateFolder} cannot be used: ${(error as Error).message}. It is written anew once the API server has been read.`;
      logger.warn(stateTrouble);
      return undefined;
    }
  };

  const follow = (seed: Cluster | undefined): ClusterFollower =>
    followCluster({
      client,
      ...(seed === undefined ? {} : { seed }),
      onChanges: (changes, versions) => {
        enforcement.change(changes, versions);
        // Also where a policy that is wrong has gone, or the pods that it selects have come.
        if (findings.size > 0) troubles.touch();
        if (changes.length > 0) keeper?.touch();
      },
      onFindings: (policy, found) => {
        const errors = found.filter(({ severity }) => severity === "error");
        if (errors.length === 0) findings.delete(policy);
        else findings.set(policy, errors);
        troubles.touch();
        if (errors.length === 0) return;
        logger.error(
          { policy },
          `${policy} is not understood, and closes the pods that it selects: ${wordsOf(errors)}`,
        );
      },
      onEvent: (resource, type) => telemetry.sourceEvent(resource, type),
      onProblem: ({ message, cause }) => logger.error({ err: cause }, message),
    });
  const troubles = createPolicyTroubles({
    events: options.events,
    current: () => currentTroubles(node, enforcement, findings),
    version: (policy) => enforcement.ledger.entry(policy)?.seen,
  });
  const followLog = startSourceLog({
    status: () => follower?.status(),
    onTrouble: ({ resource, error, help }) =>
      logger.warn(
        { resource, help },
        `${resource} cannot be followed: ${asSentence(error!)} What is known stays in force, and it is tried again.`,
      ),
    onRecovered: ({ resource }) => logger.info({ resource }, `${resource} are followed again`),
  });

  const sources: StatusSources = {
    node,
    words,
    version: options.version,
    started,
    server: client.context.server,
    enforcement,
    verifier,
    findings,
    phase: () => phase,
    source: () => follower?.status(),
    bridge: () => bridges?.problem,
    stateTrouble: () => stateTrouble,
  };

  return {
    view: {
      status: () => agentStatus(sources),
      policies: () => policyStatuses(node, enforcement, findings),
      sickness: () => {
        const lag = enforcement.queue.lagMillis();
        if (!enforcement.isEntered || lag < STUCK_MILLIS) return undefined;
        if ((enforcement.dataplane?.enforcer.inForce().problems.length ?? 0) > 0) return undefined;
        return `a change has been waiting for ${Math.round(lag / 1000)} s`;
      },
      onFlow: (listener) => {
        flowListeners.add(listener);
        return () => flowListeners.delete(listener);
      },
    },
    start: async () => {
      const boot = await bootId();
      const state = await restored();
      const beginning = await enforcement.begin(state, boot);
      phase =
        beginning.kind === "restorable" || (beginning.kind === "held" && beginning.known !== undefined)
          ? "restored"
          : "waiting";
      logger.info(
        { beginning: beginning.kind, pods: state?.cluster.pods.length },
        BEGINNINGS[beginning.kind],
      );
      bridges = startBridgeWatch({
        look: bridgeProblem,
        onProblem: telemetry.bridge,
        onError: (error) => logger.warn({ err: error }, "the bridges of the node cannot be looked at"),
      });
      follower = follow(enforcement.engines?.engine.cluster);
      const cluster = await follower.synced;
      const versions = [...follower.policyVersions()].map(([policy, version]) => ({ policy, version }));
      await enforcement.enter(cluster, versions);
      phase = "following";
      troubles.touch();
      logger.info(
        {
          pods: cluster.pods.length,
          policies: cluster.networkPolicies.length + cluster.clusterPolicies.length,
        },
        "the node does what the policies say",
      );
      verifier.start();
      if (stateFolder === undefined) return;
      keeper = createStateKeeper({
        folder: stateFolder,
        node,
        boot,
        cluster: () => enforcement.engines!.engine.cluster,
        onTrouble: (error) => {
          if (error !== undefined && stateTrouble === undefined) {
            logger.warn(`the state cannot be written to ${stateFolder}: ${(error as Error).message}`);
          }
          stateTrouble =
            error === undefined
              ? undefined
              : `the state cannot be written to ${stateFolder} (${(error as Error).message}): after a start without API server nothing would be known.`;
        },
      });
      keeper.touch();
    },
    stop: async () => {
      phase = "stopping";
      verifier.close();
      followLog();
      troubles.close();
      bridges?.close();
      await follower?.close();
      await enforcement.close();
      await keeper?.close();
      reactor.close();
    },
  };
}

/** What is wrong with the policies that this node has pods of. */
function currentTroubles(
  node: string,
  { engines, dataplane }: Pick<NodeEnforcement, "engines" | "dataplane">,
  findings: ReadonlyMap<string, readonly Finding[]>,
): Map<string, PolicyTrouble> {
  const troubles = new Map<string, PolicyTrouble>();
  const problems = dataplane?.enforcer.inForce().problems ?? [];
  if (findings.size === 0 && problems.length === 0) return troubles;
  for (const { policies, message, outcome } of problems) {
    const meanwhile =
      outcome === "closed"
        ? "The pods concerned are closed there until the kernel takes them."
        : "What was in force before stays in force there.";
    for (const policy of policies) {
      troubles.set(policy, { reason: "PolicyNotEnforced", message: `${message}. ${meanwhile}` });
    }
  }
  const subjects = engines === undefined ? undefined : policySubjects(engines.engine, node);
  for (const [policy, found] of findings) {
    // The nodes without its pods would say the same, all at once.
    if (subjects?.has(policy) !== true) continue;
    troubles.set(policy, {
      reason: "PolicyNotUnderstood",
      message: `It closes the pods that it selects, since it is not understood: ${wordsOf(found)}`,
    });
  }
  return troubles;
}

function wordsOf(findings: readonly Finding[]): string {
  return findings.map(({ message }) => message).join(" ");
}

/** More differences are counted, not logged. */
const MOST_LOGGED = 20;

/** A change that waits longer, without a reason that is known, is a process that hangs. */
const STUCK_MILLIS = 120_000;

const BEGINNINGS = {
  held: "rules of an earlier process are in force, and stay until the API server has been read",
  restorable: "there were no rules: what was known last is in force until the API server has been read",
  unknown: "nothing is known of the cluster until the API server has been read",
} as const;
