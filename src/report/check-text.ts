import type { IgnoredFinding } from "../analysis/check/settings/apply-settings.ts";
import type { Finding } from "../k8s/finding.ts";
import { type CheckedInput, inputInWords, severitiesInWords } from "./check-summary.ts";
import { countOf } from "./count.ts";
import { excerptOf } from "./excerpt.ts";
import { findingText } from "./findings-text.ts";
import type { SourceLines } from "./source-lines.ts";
import type { Style } from "./style.ts";

/** What `podwall check` has found. */
export interface CheckReport {
  readonly findings: readonly Finding[];
  readonly ignored: readonly IgnoredFinding[];
  readonly input: CheckedInput;
}

/** Findings for people: each with the lines that it is about, and how to mend it and where to read more. */
export function checkText(
  { findings, ignored, input }: CheckReport,
  lines: SourceLines,
  style: Style,
): string {
  const told = new Set<string>();
  const parts = findings.map((finding) => {
    const more = told.has(finding.code) ? [] : wayOn(finding, style);
    told.add(finding.code);
    return `${[findingText(finding, style).trimEnd(), ...excerptOf(finding, lines, style), ...more].join("\n")}\n`;
  });
  return [...parts, summary(findings, ignored, input, style)].join("\n");
}

/** What to do next; told once for each code. */
function wayOn({ code, fix }: Finding, style: Style): string[] {
  const which = fix?.safe === true ? "" : `=${code}`;
  const apply = fix === undefined ? "" : `${fix.title}: podwall check --fix${which}    `;
  return [`    ${style.dim(`${apply}more: podwall check --explain ${code}`)}`];
}

function summary(
  findings: readonly Finding[],
  ignored: readonly IgnoredFinding[],
  input: CheckedInput,
  style: Style,
): string {
  const meant = ignored.length === 0 ? "" : `, ${ignored.length.toLocaleString("en")} ignored`;
  const where = inputInWords(input);
  if (findings.length === 0) return `${style.green("nothing found")} in ${where}${meant}\n`;
  const mendable = findings.filter(({ fix }) => fix?.safe === true).length;
  const mend =
    mendable === 0 ? "" : `\n${countOf(mendable, "finding")} can be mended safely: podwall check --fix`;
  return `${style.bold(severitiesInWords(findings))} in ${where}${meant}${mend}\n`;
}
