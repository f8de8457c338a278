import type { Facts } from "../enforcement/enforcement-result.ts";
import type { Failure, Measure } from "../result.ts";

/** What is written to the API, and what it does to the packets that are watched, in the order in which it is shown. */
export const LATENCY_CHANGES = {
  policyNarrowed: "policy changed, stops packets",
  policyWidened: "policy changed, lets them pass",
  denyCreated: "policy created, stops packets",
  denyDeleted: "policy deleted, lets them pass",
  allowCreated: "policy created, lets packets pass",
  allowDeleted: "policy deleted, stops them",
  labelLost: "pod's label changed, stops packets",
  labelGained: "pod's label changed, lets them pass",
  clusterPolicyCreated: "ClusterNetworkPolicy created, stops packets",
  clusterPolicyDeleted: "ClusterNetworkPolicy deleted, lets them pass",
} as const;

export type LatencyChange = keyof typeof LATENCY_CHANGES;

/** A distribution with one more point of it. */
export interface Delay extends Measure {
  readonly p90: number;
}

/** One kind of change. Milliseconds; negative where the one thing came before the other. */
export interface LatencyRow {
  readonly change: LatencyChange;
  /** From the write to the API until the first packet that obeys. */
  readonly fromWrite: Delay;
  /** From the server's answer to that write. */
  readonly fromAnswer: Delay;
  /** From the write to the answer, which the server gives once it is stored. */
  readonly writeToAnswer: Delay;
  /** From the write until the agent has read of it. */
  readonly writeToSeen: Delay;
  /** From then until the first packet that obeys. */
  readonly seenToPacket: Delay;
}

/** The cluster around the two pods whose packets are watched. */
export interface LatencySizes {
  readonly pods: number;
  readonly namespaces: number;
  readonly policies: number;
  readonly nodes: number;
}

/** What was found in one cluster. */
export interface LatencyPiece {
  readonly sizes: LatencySizes;
  /** True where the goals are meant for a cluster of this size. */
  readonly hasGoal: boolean;
  readonly facts: Facts;
  readonly rows: readonly LatencyRow[];
}

export interface LatencyResult {
  readonly clusters: readonly LatencyPiece[];
  readonly failures: readonly Failure[];
  readonly leftOut: readonly Failure[];
}
