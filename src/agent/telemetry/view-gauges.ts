import { Counter, Gauge, type Registry } from "prom-client";
import type { ResourceStatus } from "../../source/kube/source-status.ts";
import type { AgentPhase, AgentStatus, AgentTrouble, PolicyStatus } from "../agent-status.ts";
import { parsePolicyId } from "./policy-name.ts";
import { POLICY_STATES, policyStates } from "./policy-state.ts";
import type { AgentView } from "./telemetry.ts";

/** Every member of a union: one that is missing does not compile. */
function all<T extends string>(members: Readonly<Record<T, true>>): readonly T[] {
  return Object.keys(members) as T[];
}

export const AGENT_PHASES: readonly AgentPhase[] = all<AgentPhase>({
  starting: true,
  waiting: true,
  restored: true,
  following: true,
  stopping: true,
});
export const TROUBLE_CODES: readonly AgentTrouble["code"][] = all<AgentTrouble["code"]>({
  "not-synced": true,
  source: true,
  "policy-not-understood": true,
  "policy-not-enforced": true,
  kernel: true,
  "kernel-differs": true,
  behind: true,
  bridge: true,
  state: true,
});
export const RESOURCE_STATES: readonly ResourceStatus["state"][] = all<ResourceStatus["state"]>({
  listing: true,
  watching: true,
  waiting: true,
  absent: true,
});
const KINDS = [
  "NetworkPolicy",
  "ClusterNetworkPolicy",
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
] as const;

/**
 * Metrics of the state that an agent is in, read from it when somebody asks: what changes thousands of times a second costs
 * nothing meanwhile. The returned function brings them up to date; the policies that it saw.
 */
export function createViewGauges(registry: Registry): (view: AgentView) => readonly PolicyStatus[] {
  const update = [
    numbers(registry),
    states(registry),
    times(registry),
    source(registry),
    policiesByState(registry),
  ];
  return (view) => {
    const status = view.status();
    const policies = view.policies();
    for (const one of update) one(status, policies);
    return policies;
  };
}

type Update = (status: AgentStatus, policies: readonly PolicyStatus[]) => void;

/** What is one number in the status. */
function numbers(registry: Registry): Update {
  const of: readonly (readonly [string, string, (status: AgentStatus) => number])[] = [
    [
      "ready",
      "1 if the kernel does what the model says that was seen last, else 0.",
      ({ ready }) => Number(ready),
    ],
    [
      "seen_generation",
      "Changes of the model since the start that were seen.",
      ({ enforcement }) => enforcement.seenGeneration,
    ],
    [
      "programmed_generation",
      "The change of the model up to which everything is in force.",
      ({ enforcement }) => enforcement.programmedGeneration,
    ],
    [
      "sync_lag_seconds",
      "How long the oldest change that is not in force has been waiting; 0 if none is.",
      ({ enforcement }) => enforcement.lagMillis / 1000,
    ],
    ["cluster_pods", "Pods of the cluster that take part.", ({ counts }) => counts.pods],
    ["local_pods", "Pods of this node that take part.", ({ counts }) => counts.localPods],
    [
      "isolated_pods",
      "Pods of this node that a policy isolates in a direction.",
      ({ counts }) => counts.isolatedPods,
    ],
    [
      "closed_pods",
      "Pods of this node that are closed because nft would not take their rules.",
      ({ enforcement }) => enforcement.closedPods.length,
    ],
    ["cluster_namespaces", "Namespaces of the cluster.", ({ counts }) => counts.namespaces],
    ["cluster_nodes", "Nodes of the cluster.", ({ counts }) => counts.nodes],
    [
      "kernel_differences",
      "What was different between kernel and model at the last verification.",
      ({ verification }) => verification.differences,
    ],
    [
      "source_synced",
      "1 if every list of the API server has been read, else 0.",
      (status) => Number(status.source.synced),
    ],
  ];
  const gauges = of.map(([name, help, value]) => {
    const gauge = new Gauge({ name: `podwall_${name}`, help, registers: [registry] });
    return (status: AgentStatus) => gauge.set(value(status));
  });
  return (status) => {
    for (const set of gauges) set(status);
  };
}

function states(registry: Registry): Update {
  const phase = new Gauge({
    name: "podwall_phase",
    help: "1 for the phase that the agent is in, 0 for the others.",
    labelNames: ["phase"],
    registers: [registry],
  });
  const troubles = new Gauge({
    name: "podwall_troubles",
    help: "What is wrong now, by the code that /v1/status has for it.",
    labelNames: ["code"],
    registers: [registry],
  });
  return (status) => {
    for (const one of AGENT_PHASES) phase.set({ phase: one }, Number(status.phase === one));
    for (const code of TROUBLE_CODES) troubles.set({ code }, 0);
    for (const { code } of status.troubles) troubles.inc({ code });
  };
}

function times(registry: Registry): Update {
  const gauge = (name: string, help: string): ((time: string | undefined) => void) => {
    const made = new Gauge({ name: `podwall_${name}`, help, registers: [registry] });
    // 0 for "never", which is a long time ago for `time() - x`.
    return (time) => made.set(time === undefined ? 0 : Date.parse(time) / 1000);
  };
  const programmed = gauge(
    "last_sync_timestamp_seconds",
    "When the kernel was brought up to date last, in seconds since 1970; 0 if never.",
  );
  const verified = gauge(
    "last_verification_timestamp_seconds",
    "When the whole kernel was compared with the model last, in seconds since 1970; 0 if never.",
  );
  return ({ enforcement, verification }) => {
    programmed(enforcement.lastProgrammed);
    verified(verification.last);
  };
}

function source(registry: Registry): Update {
  const registers = [registry];
  const gauge = (name: string, help: string): Gauge<"resource"> =>
    new Gauge({ name: `podwall_source_${name}`, help, labelNames: ["resource"], registers });
  const counter = (name: string, help: string): Counter<"resource"> =>
    new Counter({ name: `podwall_source_${name}`, help, labelNames: ["resource"], registers });
  const objects = gauge("objects", "Objects that are known of a resource.");
  const age = gauge(
    "last_heard_age_seconds",
    "How long ago the API server was last heard of for a resource: an event, a bookmark or a list.",
  );
  const state = new Gauge({
    name: "podwall_source_state",
    help: "1 for the state in which the following of a resource is, 0 for the others.",
    labelNames: ["resource", "state"],
    registers,
  });
  const lists = counter("lists_total", "Times that a resource was listed from the beginning.");
  const watches = counter("watches_total", "Watches of a resource that were begun.");
  return (status) => {
    const now = Date.parse(status.now);
    // A resource that is not followed any more must go.
    for (const metric of [objects, age, state, lists, watches]) metric.reset();
    for (const one of status.source.resources) {
      const { resource } = one;
      objects.set({ resource }, one.objects);
      if (one.lastHeard !== undefined) {
        age.set({ resource }, Math.max(0, now - Date.parse(one.lastHeard)) / 1000);
      }
      for (const each of RESOURCE_STATES) state.set({ resource, state: each }, Number(one.state === each));
      lists.inc({ resource }, one.lists);
      watches.inc({ resource }, one.watches);
    }
  };
}

function policiesByState(registry: Registry): Update {
  const gauge = new Gauge({
    name: "podwall_policies",
    help: "Policies of the cluster by kind and by what became of them on this node; each is counted once.",
    labelNames: ["kind", "state"],
    registers: [registry],
  });
  return ({ troubles }, policies) => {
    gauge.reset();
    for (const kind of KINDS) for (const state of POLICY_STATES) gauge.set({ kind, state }, 0);
    const stateOf = policyStates(troubles);
    for (const policy of policies) {
      // One that is gone and not yet taken out of the kernel is no policy any more.
      if (policy.seen === undefined) continue;
      gauge.inc({ kind: parsePolicyId(policy.policy).kind, state: stateOf(policy) });
    }
  };
}
