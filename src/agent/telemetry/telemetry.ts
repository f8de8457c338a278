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
  /**
   * The kernel was brought up to date; `waitedMillis` from when the oldest change of it was seen. The problems and the cut
   * connections of the report are told by `problem` and `cut`, as a NodeDataplane does, and not counted here.
   */
  enforced(report: EnforcementReport, waitedMillis: number): void;
  /** nft refused something. */
  problem(problem: EnforcementProblem): void;
  /** Another program had changed the table. */
  repaired(repair: Repair): void;
  /** The whole kernel was compared with the model. */
  verified(differences: number, millis: number): void;
  /** Open connections that were ended. */
  cut(connections: number): void;
  /** Everything that the flow log tells. */
  flow(event: FlowLogEvent): void;
  /** Packets pass by the rules on a bridge. */
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
