import type { Failure, Sizes } from "../result.ts";

/** How Node is started. */
export interface NodeVariant {
  readonly title: string;
  /** Of the agent's process, beside what it inherits. */
  readonly environment: Readonly<Record<string, string>>;
  /** Measure what it asks of the API server too, which takes minutes. */
  readonly withTraffic: boolean;
}

/** Memory of the agent's process in megabytes (10^6 bytes), as the kernel counts it. */
export interface Resident {
  readonly now: number;
  /** The most it ever had. */
  readonly peak: number;
}

/** What went between the agent and the API server, by the counters of the node's network interfaces. */
export interface Traffic {
  readonly requests: number;
  /** With TLS and headers. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** One agent, from its start on. */
export interface MemoryRun {
  readonly variant: string;
  readonly readyMillis: number;
  readonly start: Traffic;
  /** When it has become ready. */
  readonly ready: Resident;
  /** A while later, when nothing has happened since. */
  readonly settled: Resident;
  /** After {@link changes} pods have got another label, one by one. */
  readonly changed: Resident;
  readonly changes: number;
  /** During these changes. */
  readonly perChanges: Traffic;
  /** In an hour in which nothing changes, told from {@link idleSeconds}. */
  readonly perIdleHour?: Traffic;
  readonly idleSeconds?: number;
  /** What of the memory V8's heap uses in the end, in megabytes. */
  readonly heapUsed: number;
}

export interface MemoryPiece {
  readonly sizes: Sizes;
  readonly run: MemoryRun;
}

export interface MemoryResult {
  readonly runs: readonly MemoryPiece[];
  readonly failures: readonly Failure[];
  readonly leftOut: readonly Failure[];
}
