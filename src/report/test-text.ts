import type { Style } from "./style.ts";
import { type Outcome, outcomeOf, type TestReport, totalsOf } from "./test-report.ts";
import { caseLines } from "./test-words.ts";

/** A run of assertions as test runners print it: a line a case, and what is wrong below those that did not pass. */
export function testText(report: TestReport, style: Style): string {
  const lines: string[] = [];
  for (const { file, cases, cluster } of report.files) {
    lines.push(style.bold(file));
    for (const tested of cases) {
      lines.push(`  ${outcomeText(outcomeOf(tested), style)}  ${tested.result.assertion.name}`);
      const details = caseLines(tested, cluster, style);
      if (details.length > 0) lines.push(...details.map((line) => (line === "" ? "" : `      ${line}`)), "");
    }
    if (lines.at(-1) !== "") lines.push("");
  }
  lines.push(summaryText(report, style), "");
  return lines.join("\n");
}

function outcomeText(outcome: Outcome, style: Style): string {
  if (outcome === "passed") return style.green("✓ passed");
  return style.red(outcome === "failed" ? "✗ failed" : "✗ error ");
}

/** `12 passed, 1 failed`. */
function summaryText(report: TestReport, style: Style): string {
  const { passed, failed, errors } = totalsOf(report);
  const parts = [
    style.green(`${passed} passed`),
    failed > 0 ? style.red(`${failed} failed`) : `${failed} failed`,
  ];
  if (errors > 0) parts.push(style.red(`${errors} could not be judged`));
  return parts.join(", ");
}
