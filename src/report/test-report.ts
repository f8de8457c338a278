import type { Coverage } from "../analysis/assertions/coverage.ts";
import type { CaseResult } from "../analysis/assertions/judge-case.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Position } from "../k8s/location.ts";
import type { MeasuredCase } from "../lab/case-probes.ts";

/** What came out of a run of assertions, for all forms in which it is told. */
export interface TestReport {
  readonly files: readonly TestedFile[];
  /** One for each cluster that cases were asked of, if it was asked for. */
  readonly coverage?: readonly Coverage[];
}

/** The cases of one file. */
export interface TestedFile {
  readonly file: string;
  /** What they were asked of, which tells explanations the labels of namespaces. */
  readonly cluster: Cluster;
  readonly cases: readonly TestedCase[];
}

export interface TestedCase {
  readonly result: CaseResult;
  /** What packets said, if they were sent. */
  readonly measured?: MeasuredCase;
}

/** `error`: it could not be judged. */
export type Outcome = CaseResult["outcome"];

/** How many cases came to which end. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly errors: number;
}

/** What became of a case: it passes if the engine says so, and no packet says otherwise. */
export function outcomeOf({ result, measured }: TestedCase): Outcome {
  return result.outcome === "passed" && measured !== undefined && measured.wrong.length > 0
    ? "failed"
    : result.outcome;
}

/** Counts the cases of a report. */
export function totalsOf({ files }: TestReport): Totals {
  const totals = { passed: 0, failed: 0, errors: 0 };
  for (const { cases } of files) {
    for (const each of cases) {
      const outcome = outcomeOf(each);
      totals[outcome === "error" ? "errors" : outcome]++;
    }
  }
  return totals;
}

/** Where a case is in its file. */
export function casePosition({ result: { assertion } }: TestedCase): Position {
  return assertion.origin.position(assertion.path);
}

/** The coverage of all clusters together; undefined where it was not asked for. */
export function wholeCoverage({ coverage }: TestReport): Coverage | undefined {
  return coverage?.reduce((sum, each) => ({
    connections: sum.connections + each.connections,
    covered: sum.covered + each.covered,
    partly: sum.partly + each.partly,
    uncovered: [...sum.uncovered, ...each.uncovered],
  }));
}
