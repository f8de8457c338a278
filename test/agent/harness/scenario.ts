import type { AgentCluster, AgentClusterOptions } from "./agent-cluster.ts";

/** Cases that share one running cluster, one after the other: the default export of a module that runs inside the sandbox. */
export interface Scenario<State> {
  readonly cluster: AgentClusterOptions;
  /** What all cases have in common: agents, pods, policies. */
  readonly start: (cluster: AgentCluster) => Promise<State>;
  /** By what they show. A case may rely on those before it, and throws if something is wrong. */
  readonly cases: Readonly<Record<string, (cluster: AgentCluster, state: State) => Promise<void>>>;
}

/** What the process inside the sandbox tells of a case, and of `start` where `name` is undefined. */
export interface CaseReport {
  readonly case: string | undefined;
  /** What went wrong, with what the agents have said. */
  readonly failure?: string;
  /** What the case printed with {@link AgentCluster.note}. */
  readonly notes: readonly string[];
}

/** The longest that a case may take, in milliseconds. */
export const CASE_MILLIS: number = Number(process.env.PODWALL_CASE_SECONDS ?? 240) * 1000;
