import type { CutConnection } from "../../dataplane/connections/connection-cutter.ts";
import type { EnforcementProblem } from "../../dataplane/enforcement-problem.ts";
import type { FlowLogEvent } from "../../dataplane/flow-log/event.ts";
import type { Repair } from "../../dataplane/kernel/kernel-watch.ts";
import type { Engine } from "../../engine/engine.ts";

/**
 * How the agent words what it tells. The words are made in `report`, a room above this one, so whoever starts the agent
 * brings them: `flowJson`, `flowText`, `problemText`, `repairText` and `cutTexts`.
 */
export interface AgentWords {
  /** An event after `schemas/podwall.flow.v1.schema.json`. */
  flowDocument(event: FlowLogEvent): object;
  /** An event as one line. */
  flowLine(event: FlowLogEvent): string;
  problem(node: string, problem: EnforcementProblem): string;
  repair(node: string, repair: Repair): string;
  /** What was cut together: a line for all that differ in nothing but the port of whoever began them. */
  cuts(node: string, cut: readonly CutConnection[], engine: Engine): readonly string[];
}
