import type { EnforcementProblem } from "../../dataplane/enforcement-problem.ts";
import type { EnforcementReport } from "../../dataplane/enforcer.ts";
import type { FlowLogEvent } from "../../dataplane/flow-log/event.ts";
import type { Repair } from "../../dataplane/kernel/kernel-watch.ts";
import type { BridgeProblem } from "../../linux/bridge.ts";
import type { AgentStatus, PolicyStatus } from "../agent-status.ts";

/** What the agent tells while it works. None of these may throw, or take long. */
export interface Telemetry {
  /** An object came by a watch or a list: `added`, `modified`, `deleted`, `bookmark`, `error` of `pods`. */
  sourceEvent(resource: string, type: string): void;
  /** A request to the API server has ended; `code` is the HTTP status, or `error` where there was no answer. */
  apiRequest(verb: string, resource: string, code: string, bytes: number): void;
  /** The kernel was brought up to date; `waitedMillis` from when the oldest change of it was seen. */
  enforced(report: EnforcementReport, waitedMillis: number): void;
  /** Nothing could be loaded, or something else went wrong in the kernel part. */
  problem(problem: EnforcementProblem): void;
  repaired(repair: Repair): void;
  verified(differences: number, millis: number): void;
  cut(connections: number): void;
  flow(event: FlowLogEvent): void;
  bridge(problem: BridgeProblem): void;
}

/** What can be asked of an agent at any time. */
export interface AgentView {
  status(): AgentStatus;
  policies(): readonly PolicyStatus[];
  /** Why the process should be started anew; undefined while it is alive. */
  sickness(): string | undefined;
  /** Calls back for everything that the flow log tells, until the returned function is called. */
  onFlow(listener: (event: FlowLogEvent) => void): () => void;
}
