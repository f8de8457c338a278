import type { Finding } from "../../k8s/finding.ts";
import type { FieldEdit, Fix } from "../../k8s/fix.ts";
import { applyEditGroups } from "./apply-edits.ts";

/** A file as it was read, with its byte order mark if it has one, and its name as in the positions of findings. */
export interface FixedFile {
  readonly file: string;
  readonly text: string;
}

/** Which fixes to apply: those that change no verdict, all, or those of findings with these codes. */
export type WhichFixes = "safe" | "all" | readonly string[];

/** What became of the fixes. */
export interface FixResult {
  /** The files that changed, with their new text. */
  readonly files: readonly FixedFile[];
  /** The findings whose fix was applied. */
  readonly applied: readonly Finding[];
  /** The findings whose fix was to be applied and could not be, each with the reason as a sentence. */
  readonly refused: readonly { readonly finding: Finding; readonly why: string }[];
}

/**
 * Applies the fixes of findings to the texts in which they were found. A fix is applied in all of its files or in none.
 * Those that could not be applied beside another one can be after checking again. Fixes for a file that is not among
 * `files` are refused, but `append-document` begins a new one if its name is given with an empty text.
 */
export function applyFixes(
  files: readonly FixedFile[],
  findings: readonly Finding[],
  which: WhichFixes,
): FixResult {
  const chosen = findings.filter(({ code, fix }) => fix !== undefined && isChosen(code, fix, which));
  const texts = new Map(files.map(({ file, text }) => [file, text]));
  const why = new Map<Finding, string>();
  for (const finding of chosen) {
    const missing = filesOf(finding.fix!).find((file) => !texts.has(file));
    if (missing !== undefined) why.set(finding, `${missing} is not among the files that are fixed.`);
  }
  for (;;) {
    const before = why.size;
    const changed: FixedFile[] = [];
    for (const { file, text } of files) {
      const here = chosen.filter((finding) => !why.has(finding) && filesOf(finding.fix!).includes(file));
      if (here.length === 0) continue;
      const result = applyEditGroups(
        text,
        here.map(({ fix }) => fix!.edits.filter((edit) => fileOf(edit) === file)),
      );
      for (const [group, reason] of result.refused) why.set(here[group]!, reason);
      if (result.text !== text) changed.push({ file, text: result.text });
    }
    // What was refused in one file must not be done in another: without it, all is done once more.
    if (why.size > before && [...why.keys()].some(({ fix }) => filesOf(fix!).length > 1)) continue;
    return {
      files: changed,
      applied: chosen.filter((finding) => !why.has(finding)),
      refused: [...why].map(([finding, reason]) => ({ finding, why: reason })),
    };
  }
}

function isChosen(code: string, { safe }: Fix, which: WhichFixes): boolean {
  if (which === "all") return true;
  return which === "safe" ? safe : which.includes(code);
}

function fileOf(edit: FieldEdit): string {
  return "at" in edit ? edit.at.file : edit.file;
}

function filesOf({ edits }: Fix): readonly string[] {
  return [...new Set(edits.map(fileOf))];
}
