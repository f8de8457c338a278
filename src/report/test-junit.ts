import { type JunitCase, type JunitProblem, junitText } from "./junit.ts";
import { plainStyle } from "./style.ts";
import { outcomeOf, type TestedCase, type TestedFile, type TestReport } from "./test-report.ts";
import { caseLines, caseMessage } from "./test-words.ts";

/** A run of assertions as a JUnit report: a suite a file. */
export function testJunit({ files }: TestReport): string {
  return junitText(
    files.map((tested) => ({
      name: tested.file,
      cases: tested.cases.map((each) => junitCase(each, tested)),
    })),
  );
}

function junitCase(tested: TestedCase, { file, cluster }: TestedFile): JunitCase {
  const outcome = outcomeOf(tested);
  const { name, expect } = tested.result.assertion;
  const about = { name, classname: file, file };
  if (outcome === "passed") return about;
  const problem: JunitProblem = {
    message: caseMessage(tested),
    type: outcome === "error" ? "not-judged" : expect,
    text: caseLines(tested, cluster, plainStyle).join("\n"),
  };
  return outcome === "error" ? { ...about, error: problem } : { ...about, failure: problem };
}
