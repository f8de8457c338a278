import { existsSync, readFileSync } from "node:fs";
import { CHECK_CODES } from "../analysis/check/codes.ts";
import { SETTINGS_CODES } from "../analysis/check/settings/codes.ts";
import { isKnownCode, KNOWN_CODES } from "../analysis/check/settings/known-codes.ts";
import type { Severity } from "../k8s/finding.ts";
import { FINDING_CODES } from "../k8s/finding-codes.ts";
import { didYouMean } from "../k8s/suggest.ts";
import type { RuleWords } from "../report/check-sarif.ts";
import { inColumns } from "../report/columns.ts";
import type { Style } from "../report/style.ts";
import { UsageError } from "./usage-error.ts";

/** Beside the built command, and beside the sources. */
const FOLDERS = ["../docs/checks/", "../../docs/checks/"];

/** What `docs/checks/` says of a code; undefined where it has no page. */
export function pageOf(code: string): string | undefined {
  if (!isKnownCode(code)) return undefined;
  for (const folder of FOLDERS) {
    const file = new URL(`${folder}${code}.md`, import.meta.url);
    if (existsSync(file)) return readFileSync(file, "utf8");
  }
  return undefined;
}

/** What is always the same about the findings of a code. */
export function wordsOf(code: string): RuleWords {
  const page = pageOf(code);
  return { ...entryOf(code), ...(page === undefined ? {} : { page }) };
}

function entryOf(code: string): { readonly summary: string; readonly severity: Severity } {
  if (Object.hasOwn(CHECK_CODES, code)) return CHECK_CODES[code as keyof typeof CHECK_CODES];
  if (Object.hasOwn(SETTINGS_CODES, code)) return SETTINGS_CODES[code as keyof typeof SETTINGS_CODES];
  const summary: string | undefined = Object.hasOwn(FINDING_CODES, code)
    ? FINDING_CODES[code as keyof typeof FINDING_CODES]
    : undefined;
  return { summary: summary ?? "Something about the cluster as a whole.", severity: "error" };
}

/** What `--explain CODE` prints. Throws a {@link UsageError} for a code that does not exist. */
export function explainCode(code: string): string {
  if (!isKnownCode(code)) {
    const hint = didYouMean(code, KNOWN_CODES) ?? "`podwall check --explain` lists all of them.";
    throw new UsageError(`--explain ${code}: there is no such kind of finding. ${hint}`);
  }
  return pageOf(code) ?? `# ${code}\n\n${entryOf(code).summary}\n\nThe finding itself says what to do.\n`;
}

/** What `--explain` alone prints: every code with one line. */
export function listCodes(style: Style): string {
  const checks: [string, { severity: Severity; summary: string }][] = [
    ...Object.entries(CHECK_CODES),
    ...Object.entries(SETTINGS_CODES),
  ];
  const rows = checks.map(([code, { severity, summary }]) => [
    { text: code, style: style.bold },
    { text: severity },
    { text: summary },
  ]);
  const invalid = Object.entries(FINDING_CODES).map(([code, summary]) => [
    { text: code, style: style.bold },
    { text: "" },
    { text: summary },
  ]);
  return [
    "What Kubernetes accepts, and is probably not as it was meant:",
    ...inColumns(rows).map((line) => `  ${line}`),
    "",
    "What cannot be read, or what the API server refuses:",
    ...inColumns(invalid).map((line) => `  ${line}`),
    "",
  ].join("\n");
}
