import type { Totals } from "../engine-adapter.ts";
import type { ClusterStatistics } from "../profiles/statistics.ts";
import type { Measures, NaiveResult, Sizes } from "../result.ts";

/** What one child process is to do. */
export interface Job {
  readonly kind: "describe" | "load" | "engine" | "naive";
  readonly profile: string;
  /** Share of the profile's full size. */
  readonly scale: number;
  /** Few repetitions, each in little time. */
  readonly brief: boolean;
  /** Where `describe` writes the manifests and `load` reads them. */
  readonly directory: string;
}

/** What a job found, in pieces as it goes, so that a job that fails late has not measured in vain. */
export interface JobResult {
  readonly sizes?: Sizes;
  readonly statistics?: ClusterStatistics;
  readonly manifestMegabytes?: number;
  readonly totals?: Totals;
  readonly measures?: Measures;
  readonly naive?: NaiveResult;
}

/** A message of a child to its parent. */
export type Message =
  | { readonly kind: "progress"; readonly step: string }
  | { readonly kind: "result"; readonly result: JobResult };

/** How a job tells its parent. */
export interface Reporter {
  progress(step: string): void;
  result(result: JobResult): void;
}
