import { checkGithub } from "../report/check-github.ts";
import { checkJson } from "../report/check-json.ts";
import { checkSarif } from "../report/check-sarif.ts";
import { type CheckReport, checkText } from "../report/check-text.ts";
import type { SourceLines } from "../report/source-lines.ts";
import { wordsOf } from "./check-pages.ts";
import { styleFor } from "./terminal.ts";
import { VERSION } from "./version.ts";

export const CHECK_OUTPUTS = ["text", "json", "sarif", "github"] as const;

export type CheckOutput = (typeof CHECK_OUTPUTS)[number];

/** What `podwall check` prints, in one of its formats; with a line end. */
export function renderCheck(report: CheckReport, lines: SourceLines, output: CheckOutput): string {
  switch (output) {
    case "text":
      return checkText(report, lines, styleFor(process.stdout));
    case "json":
      return `${JSON.stringify(checkJson(report), undefined, 2)}\n`;
    case "github":
      return checkGithub(report);
    case "sarif":
      return `${JSON.stringify(checkSarif(report, VERSION, wordsOf), undefined, 2)}\n`;
  }
}
