import type { PolicyVersion } from "../source/kube/policy-version.ts";
import type { SourceStatus } from "../source/kube/source-status.ts";

export type { PolicyVersion } from "../source/kube/policy-version.ts";

/** What an agent says of itself: the answer to `GET /v1/status`. Times are ISO 8601, UTC; durations milliseconds. */
export interface AgentStatus {
  readonly node: string;
  /** Of podwall. */
  readonly version: string;
  readonly started: string;
  readonly now: string;
  readonly phase: AgentPhase;
  /** True if the kernel does what the model says that was seen last. */
  readonly ready: boolean;
  /** Why it is not ready, and all else that is wrong now, in words for people. Empty: all is well. */
  readonly troubles: readonly AgentTrouble[];
  readonly source: SourceStatus;
  readonly enforcement: EnforcementStatus;
  readonly verification: VerificationStatus;
  /** Pods of this node and of the cluster, and policies, as the model has them. */
  readonly counts: AgentCounts;
}

/**
 * `starting`: base rules are being loaded. `waiting`: they are in force, the API server has not been read. `restored`:
 * what was last known is in force, the API server has not been read. `following`: it has.
 */
export type AgentPhase = "starting" | "waiting" | "restored" | "following" | "stopping";

export interface AgentTrouble {
  /** For programs: stays the same from release to release. */
  readonly code:
    | "not-synced"
    | "source"
    | "policy-not-understood"
    | "policy-not-enforced"
    | "kernel"
    | "kernel-differs"
    | "behind"
    | "bridge"
    | "state";
  /** True: `readyz` says no because of it. */
  readonly blocksReady: boolean;
  readonly message: string;
  /** `NetworkPolicy shop/db`, where it is about one. */
  readonly policy?: string;
}

/** Generations count the changes of the model of this very process; those of policies are the API's own. */
export interface EnforcementStatus {
  readonly seenGeneration: number;
  readonly programmedGeneration: number;
  /** How long the oldest change that is not in force has been waiting; 0 if none. */
  readonly lagMillis: number;
  readonly lastProgrammed?: string;
  /** From when the last change was seen until it was in force. */
  readonly lastSyncMillis?: number;
  /** Pods of the node that are closed because nft would not take their rules. */
  readonly closedPods: readonly string[];
}

export interface VerificationStatus {
  readonly last?: string;
  /** What was different then; 0: kernel = model. */
  readonly differences: number;
  /** Since the start. */
  readonly repairs: number;
}

export interface AgentCounts {
  readonly pods: number;
  readonly localPods: number;
  /** Local pods that a policy isolates in a direction. */
  readonly isolatedPods: number;
  readonly namespaces: number;
  readonly nodes: number;
  readonly networkPolicies: number;
  readonly clusterPolicies: number;
  readonly brokenPolicies: number;
  readonly auditedPolicies: number;
}

/** A policy, as one node enforces it: an item of the answer to `GET /v1/policies`. */
export interface PolicyStatus {
  /** `NetworkPolicy shop/db`. */
  readonly policy: string;
  /** What of it is in force; undefined: nothing yet. */
  readonly enforced?: PolicyVersion;
  /** What was seen of it last; undefined: it was deleted, and what is enforced is still to go. */
  readonly seen?: PolicyVersion;
  /** How many pods of this node it selects. 0: this node does nothing for it. */
  readonly localPods: number;
  readonly audited: boolean;
  /** Why it is not enforced as written, in words for people. */
  readonly troubles: readonly string[];
}
