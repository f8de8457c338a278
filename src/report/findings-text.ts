import type { Finding, Severity } from "../k8s/finding.ts";
import { formatPosition } from "../k8s/location.ts";
import type { Style } from "./style.ts";

/** Findings as text: place, severity and code on a line, then what is wrong and what to do. */
export function findingsText(findings: readonly Finding[], style: Style): string {
  return findings.map((finding) => findingText(finding, style)).join("\n");
}

/** One finding as text, with a line end. */
export function findingText(finding: Finding, style: Style): string {
  const severity = severityText(finding.severity, style);
  const lines = [
    `${style.bold(formatPosition(finding.position))}  ${severity}  ${style.dim(finding.code)}`,
    `  ${finding.object === undefined ? "" : `${finding.object}: `}${finding.message}`,
  ];
  if (finding.help !== undefined) lines.push(`  ${finding.help}`);
  return `${lines.join("\n")}\n`;
}

function severityText(severity: Severity, style: Style): string {
  if (severity === "error") return style.red(severity);
  return severity === "warning" ? style.yellow(severity) : style.cyan(severity);
}
