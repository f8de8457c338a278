import type { Cluster } from "../cluster/cluster.ts";
import type { EnforcementConfig } from "../dataplane/config.ts";
import type { EnforcementProblem } from "../dataplane/enforcement-problem.ts";
import type { FlowLogEvent } from "../dataplane/flow-log/event.ts";
import type { Finding } from "../k8s/finding.ts";
import { bridgeProblem } from "../linux/bridge.ts";
import { createReactor } from "../linux/reactor.ts";
import type { KubeClient } from "../source/kube/client.ts";
import { type ClusterFollower, followCluster } from "../source/kube/follow-cluster.ts";
import type { AgentPhase } from "./agent-status.ts";
import type { BeforeSync } from "./before-sync.ts";
import { type BridgeWatch, startBridgeWatch } from "./bridge-watch.ts";
import { createNodeEnforcement } from "./node-enforcement.ts";
import { policyStatuses } from "./policy-statuses.ts";
import { createPolicyTroubles } from "./policy-troubles.ts";
import { sentence } from "./sentence.ts";
import { startSourceLog } from "./source-log.ts";
import { createAgentMemory } from "./state/agent-memory.ts";
import { bootId } from "./state/state-file.ts";
import { agentStatus, type StatusSources } from "./status.ts";
import type { PolicyEvents } from "./telemetry/events/policy-events.ts";
import type { AgentLogger } from "./telemetry/logger.ts";
import type { AgentView, Telemetry } from "./telemetry/telemetry.ts";
import type { AgentWords } from "./telemetry/words.ts";
import { createVerifier } from "./verifier.ts";
import { notUnderstood, wrongPolicies } from "./wrong-policies.ts";

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
  const { node, client, config, telemetry, logger, words, onFailure } = options;
  const started = new Date();
  const reactor = createReactor();
  const flowListeners = new Set<(event: FlowLogEvent) => void>();
  const findings = new Map<string, readonly Finding[]>();
  let phase: AgentPhase = "starting";
  let bridges: BridgeWatch | undefined;
  let follower: ClusterFollower | undefined;
  let wasRefused = false;

  const onProblem = (problem: EnforcementProblem): void => {
    telemetry.problem(problem);
    troubles.touch();
  };
  const enforcement = createNodeEnforcement({
    node,
    config,
    reactor,
    beforeSync: options.beforeSync,
    telemetry: {
      ...telemetry,
      enforced: (report, waitedMillis) => {
        telemetry.enforced(report, waitedMillis);
        // What the kernel refused it may have taken now.
        const isRefused = (enforcement.dataplane?.enforcer.inForce().problems.length ?? 0) > 0;
        if (isRefused || wasRefused) troubles.touch();
        wasRefused = isRefused;
      },
    },
    onFailure,
    onProblem,
    onFlow: (event) => {
      telemetry.flow(event);
      for (const listener of flowListeners) listener(event);
    },
    onCut: (cut) => {
      telemetry.cut(cut.length);
      const { engine } = enforcement.engines!;
      const lines = words.cuts(node, cut, engine);
      for (const line of lines.slice(0, MOST_LOGGED)) logger.info(line);
      const more = lines.length - MOST_LOGGED;
      if (more > 0)
        logger.info(`cut ${cut.length} open connections in all; ${more} more such lines are left out`);
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

  const memory = createAgentMemory({ folder: options.stateFolder, node, logger });

  const follow = (seed: Cluster | undefined): ClusterFollower =>
    followCluster({
      client,
      ...(seed === undefined ? {} : { seed }),
      onChanges: (changes, versions) => {
        enforcement.change(changes, versions);
        // Also where a policy that is wrong has gone, or the pods that it selects have come.
        if (findings.size > 0) troubles.touch();
        if (changes.length > 0) memory.touch();
      },
      onFindings: (policy, found) => {
        const errors = found.filter(({ severity }) => severity === "error");
        if (errors.length === 0) findings.delete(policy);
        else findings.set(policy, errors);
        troubles.touch();
        if (errors.length === 0) return;
        logger.error({ policy }, `${policy}: ${notUnderstood(errors)}`);
      },
      onEvent: (resource, type) => telemetry.sourceEvent(resource, type),
      onProblem: ({ message, cause }) => logger.error({ err: cause }, message),
    });
  const troubles = createPolicyTroubles({
    events: options.events,
    current: () => wrongPolicies(node, enforcement, findings),
    version: (policy) => enforcement.ledger.entry(policy)?.seen,
  });
  const followLog = startSourceLog({
    status: () => follower?.status(),
    onTrouble: (resources, error, help) =>
      logger.warn(
        { resources, help },
        `${resources.join(", ")} cannot be followed: ${sentence(error)} What is known stays in force, and it is tried again.`,
      ),
    onRecovered: (resources) => logger.info({ resources }, `${resources.join(", ")} are followed again`),
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
    stateTrouble: memory.trouble,
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
      const state = await memory.restore();
      const beginning = await enforcement.begin(state, await bootId());
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
      await memory.keep(() => enforcement.engines!.engine.cluster);
    },
    stop: async () => {
      phase = "stopping";
      verifier.close();
      followLog();
      troubles.close();
      bridges?.close();
      await follower?.close();
      await enforcement.close();
      await memory.close();
      reactor.close();
    },
  };
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
