import type { Engine } from "../../engine/engine.ts";
import type { Assertion, AssertionFile } from "./assertion.ts";
import type { ClusterEnds } from "./cluster-ends.ts";
import { type CaseResult, judgeCase } from "./judge-case.ts";

/** What became of the cases of a file. */
export interface FileResult {
  readonly file: AssertionFile;
  readonly cases: readonly CaseResult[];
}

/** How many cases came to which end. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly errors: number;
}

/** Judges every case of a file. */
export function runAssertions(engine: Engine, ends: ClusterEnds, file: AssertionFile): FileResult {
  const judge = (assertion: Assertion): CaseResult => judgeCase(engine, ends, assertion);
  return { file, cases: file.assertions.map(judge) };
}

/** Counts the cases of files. */
export function totalsOf(files: readonly FileResult[]): Totals {
  const outcomes = files.flatMap(({ cases }) => cases.map(({ outcome }) => outcome));
  const count = (wanted: CaseResult["outcome"]): number =>
    outcomes.filter((outcome) => outcome === wanted).length;
  return { passed: count("passed"), failed: count("failed"), errors: count("error") };
}
