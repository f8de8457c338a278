import type { Finding, Severity } from "../k8s/finding.ts";
import { countOf } from "./count.ts";

/** What was looked at. */
export interface CheckedInput {
  readonly files: number;
  readonly policies: number;
  readonly pods: number;
}

/** How many findings there are of each severity. */
export function countBySeverity(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** `1 error, 3 warnings and 2 infos`; empty if there are none. */
export function severitiesInWords(findings: readonly Finding[]): string {
  const counts = countBySeverity(findings);
  const words = (["error", "warning", "info"] as const)
    .filter((severity) => counts[severity] > 0)
    .map((severity) => countOf(counts[severity], severity));
  return words.length <= 1 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** `12 files, 1 policy, 30 pods`. */
export function inputInWords({ files, policies, pods }: CheckedInput): string {
  const policy = `${policies.toLocaleString("en")} ${policies === 1 ? "policy" : "policies"}`;
  return [...(files === 0 ? [] : [countOf(files, "file")]), policy, countOf(pods, "pod")].join(", ");
}
