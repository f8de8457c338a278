import type { Engine } from "../../engine/engine.ts";
import { explainAudit } from "../../engine/explain-audit.ts";
import type { Assertion, AssertionFile } from "./assertion.ts";
import type { ClusterEnds } from "./cluster-ends.ts";
import { type CaseResult, judgeCase } from "./judge-case.ts";

/** What became of the cases of a file. */
export interface FileResult {
  readonly file: AssertionFile;
  readonly cases: readonly CaseResult[];
}

/** Judges every case of a file. Policies in audit mode are judged as if they were enforced, and told where they matter. */
export function runAssertions(engine: Engine, ends: ClusterEnds, file: AssertionFile): FileResult {
  const audit = explainAudit(engine);
  const judge = (assertion: Assertion): CaseResult => {
    const result = judgeCase(engine, ends, assertion);
    return result.outcome === "failed" ? { ...result, explanations: result.explanations.map(audit) } : result;
  };
  return { file, cases: file.assertions.map(judge) };
}
