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
  const impossible = new Map<Finding, string>();
  for (const finding of chosen) {
    const missing = filesOf(finding.fix!).find((file) => !texts.has(file));
    if (missing !== undefined) impossible.set(finding, `${missing} is not among the files that are fixed.`);
  }
  for (;;) {
    const possible = chosen.filter((finding) => !impossible.has(finding));
    const { changed, refused } = applyByFile(files, possible);
    // What one file refuses must not be done in another: without it, all is done once more.
    const halves = [...refused].filter(([{ fix }]) => filesOf(fix!).length > 1);
    for (const [finding, reason] of halves) impossible.set(finding, reason);
    if (halves.length > 0) continue;
    const why = new Map([...impossible, ...refused]);
    return {
      files: changed,
      applied: chosen.filter((finding) => !why.has(finding)),
      refused: chosen.flatMap((finding) => (why.has(finding) ? [{ finding, why: why.get(finding)! }] : [])),
    };
  }
}

/** Makes the edits of the fixes file by file, and tells which fixes a file refuses. */
function applyByFile(
  files: readonly FixedFile[],
  findings: readonly Finding[],
): { readonly changed: readonly FixedFile[]; readonly refused: ReadonlyMap<Finding, string> } {
  const changed: FixedFile[] = [];
  const refused = new Map<Finding, string>();
  const byFile = new Map<string, Finding[]>();
  for (const finding of findings) {
    for (const file of filesOf(finding.fix!)) pushTo(byFile, file, finding);
  }
  for (const { file, text } of files) {
    const here = byFile.get(file) ?? [];
    if (here.length === 0) continue;
    const groups = here.map(({ fix }) => fix!.edits.filter((edit) => fileOf(edit) === file));
    const result = applyEditGroups(text, groups);
    for (const [group, reason] of result.refused) refused.set(here[group]!, reason);
    if (result.text !== text) changed.push({ file, text: result.text });
  }
  return { changed, refused };
}

function pushTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
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
