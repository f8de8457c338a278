import type { MemoryResult } from "./agent-memory/memory-result.ts";
import type { AuthoringResult } from "./authoring/authoring-result.ts";
import type { EnforcementResult } from "./enforcement/enforcement-result.ts";
import type { LatencyResult } from "./enforcement-latency/latency-result.ts";
import type { Totals } from "./engine-adapter.ts";
import type { ClusterStatistics } from "./profiles/statistics.ts";

/** One measured quantity: the distribution of its samples, in `unit`. */
export interface Measure {
  readonly unit: Unit;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Present from 100 samples on; below, the maximum says more. */
  readonly p99?: number;
  readonly samples: number;
}

export type Unit = "ms" | "us" | "verdicts/s" | "conn/s" | "Gbit/s" | "MB/s" | "MB";

/** The measured quantities, by what they are, in the order in which they are shown. */
export const MEASURES = {
  loadSpeed: "load: speed",
  load: "load: manifest text to objects",
  loadPeak: "peak memory, manifests to reachability",
  cluster: "compile: objects to cluster",
  engine: "compile: cluster to engine",
  decide: "decide every pair, all ports",
  full: "full reachability: objects to everything decided",
  peak: "peak memory, objects to reachability",
  verdicts: "point verdicts, pod to pod",
  addressVerdicts: "point verdicts, pod and address",
  podAddedKnown: "pod added, class known",
  podAddedNew: "pod added, class new",
  podRemoved: "pod removed",
  podRelabelled: "pod's label changed",
  namespaceRelabelled: "namespace's label changed",
  policyAdded: "policy added, reachability up to date",
  policyChanged: "policy changed, reachability up to date",
  policyRemoved: "policy removed, reachability up to date",
  peakAtEnd: "peak memory, all of the above",
} as const;

export type MeasureName = keyof typeof MEASURES;

export type Measures = Partial<Record<MeasureName, Measure>>;

/** How large the generated cluster is. */
export interface Sizes {
  readonly pods: number;
  readonly namespaces: number;
  readonly policies: number;
  readonly nodes: number;
}

/** A part of a profile that did not come to an end. */
export interface Failure {
  readonly job: string;
  readonly reason: string;
}

export interface ProfileResult {
  readonly name: string;
  readonly title: string;
  readonly sizes: Sizes | undefined;
  /** What was generated, and the figures that it was meant to have, where there are such. */
  readonly statistics: ClusterStatistics | undefined;
  readonly wanted: Partial<ClusterStatistics>;
  readonly manifestMegabytes: number | undefined;
  readonly totals: Totals | undefined;
  readonly measures: Measures;
  readonly failures: readonly Failure[];
}

/** One curve: the same quantities at growing sizes. */
export interface GrowthResult {
  readonly name: string;
  readonly title: string;
  readonly points: readonly ProfileResult[];
}

/** The engine beside a loop over all pairs of pods and all policies, on one cluster, with equal answers. */
export interface NaiveResult {
  readonly title: string;
  readonly sizes: Sizes;
  readonly comparedPairs: number;
  readonly naive: Measure;
  readonly engine: Measure;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly system: string;
  /** Load average of the minute before measuring. Well above 0, other programs made everything slower. */
  readonly load: number;
}

/** All that a run leaves behind; the shape of the JSON output. */
export interface BenchResults {
  readonly kind: "podwall-bench";
  readonly date: string;
  readonly command: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly profiles: readonly ProfileResult[];
  readonly growth: readonly GrowthResult[];
  readonly naive: readonly (NaiveResult | Failure)[];
  /** Absent if it was not asked for. */
  readonly enforcement?: EnforcementResult;
  /** Absent if it was not asked for. */
  readonly latency?: LatencyResult;
  /** Absent if it was not asked for. */
  readonly authoring?: AuthoringResult;
  /** Absent if it was not asked for. */
  readonly agentMemory?: MemoryResult;
  /** Further runs that parts of these results come from. */
  readonly alongside?: readonly OtherRun[];
}

/** A run on the same machine. */
export interface OtherRun {
  readonly command: string;
  readonly date: string;
  /** See {@link Machine.load}. */
  readonly load: number;
  /** The commit. */
  readonly podwall: string;
}
