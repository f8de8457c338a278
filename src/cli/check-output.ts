import type { Finding } from "../k8s/finding.ts";
import type { ManifestSource } from "../k8s/manifests.ts";
import { checkGithub } from "../report/check-github.ts";
import { checkJson } from "../report/check-json.ts";
import { checkJunit } from "../report/check-junit.ts";
import { checkSarif } from "../report/check-sarif.ts";
import { type CheckReport, checkText } from "../report/check-text.ts";
import { sourceLines } from "../report/source-lines.ts";
import { wordsOf } from "./check-pages.ts";
import { styleFor } from "./terminal.ts";
import { VERSION } from "./version.ts";

export const CHECK_OUTPUTS = ["text", "json", "sarif", "github", "junit"] as const;

export type CheckOutput = (typeof CHECK_OUTPUTS)[number];

/** What `podwall check` prints, in one of its formats; with a line end. `fails` tells what makes the check fail. */
export function renderCheck(
  report: CheckReport,
  sources: readonly ManifestSource[],
  output: CheckOutput,
  fails: (finding: Finding) => boolean,
): string {
  switch (output) {
    case "text":
      return checkText(report, sourceLines(sources), styleFor(process.stdout));
    case "json":
      return `${JSON.stringify(checkJson(report), undefined, 2)}\n`;
    case "github":
      return checkGithub(report);
    case "junit":
      return checkJunit(
        report,
        sources.map(({ file }) => file),
        fails,
      );
    case "sarif":
      return `${JSON.stringify(checkSarif(report, VERSION, wordsOf), undefined, 2)}\n`;
  }
}
