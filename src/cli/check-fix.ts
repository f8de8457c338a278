import { isUtf8 } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { isKnownCode, KNOWN_CODES } from "../analysis/check/settings/known-codes.ts";
import { connectionDiff } from "../analysis/diff/connection-diff.ts";
import { applyFixes, type FixedFile, type WhichFixes } from "../analysis/fix/apply-fixes.ts";
import type { Finding } from "../k8s/finding.ts";
import { formatPosition } from "../k8s/location.ts";
import { didYouMean } from "../k8s/suggest.ts";
import type { LoadedCluster } from "../source/load-cluster.ts";
import { UsageError } from "./usage-error.ts";

/** What one round of fixes did, or would do. */
export interface FixRound {
  readonly files: readonly FixedFile[];
  readonly applied: readonly Finding[];
  readonly refused: readonly { readonly finding: Finding; readonly why: string }[];
}

/** What `--fix` asks for. Throws a {@link UsageError} for a code that does not exist. */
export function whichFixes(option: string): WhichFixes {
  if (option === "safe" || option === "all") return option;
  const codes = option.split(",").map((code) => code.trim());
  for (const code of codes) {
    if (isKnownCode(code)) continue;
    const hint = didYouMean(code, ["all", ...KNOWN_CODES]) ?? "`podwall check --explain` lists all of them.";
    throw new UsageError(`--fix=${option}: there is no kind of finding ${JSON.stringify(code)}. ${hint}`);
  }
  return codes;
}

/**
 * Puts the fixes of findings into the texts of their files; writes nothing. Throws a {@link UsageError} for a file that
 * cannot be read any more, or is not UTF-8.
 */
export function fixRound(findings: readonly Finding[], which: WhichFixes): FixRound {
  const mendable = findings.filter(({ fix }) => fix !== undefined);
  const names = mendable.flatMap(({ fix }) =>
    fix!.edits.map((edit) => ("at" in edit ? edit.at.file : edit.file)),
  );
  return applyFixes([...new Set(names)].map(readWhole), mendable, which);
}

/** With its byte order mark, so that it stays. */
function readWhole(file: string): FixedFile {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new UsageError(`${file}: cannot be read again, so nothing was mended: ${(error as Error).message}`);
  }
  if (!isUtf8(bytes)) throw new UsageError(`${file}: only files in UTF-8 can be mended; convert it first`);
  return { file, text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) };
}

/** Throws if fixes that are to change no verdict change one: that would be our own fault, and must not be written. */
export function proveSameVerdicts(before: LoadedCluster, after: LoadedCluster): void {
  // Where an object was refused, nothing was decided before.
  if (before.findings.some(({ severity }) => severity === "error")) return;
  const { changes } = connectionDiff(before.cluster, after.cluster, { explained: 0 });
  if (changes.length > 0) {
    throw new Error("a fix that was to change no verdict does change one; nothing was written");
  }
}

/** Throws a {@link UsageError} for a file that may not be written, and says what was written before. */
export function writeFixed(files: readonly FixedFile[]): void {
  for (const [place, { file, text }] of files.entries()) {
    try {
      writeFileSync(file, text);
    } catch (error) {
      const before = files.slice(0, place).map((each) => each.file);
      const written = before.length === 0 ? "nothing was mended" : `mended before it: ${before.join(", ")}`;
      throw new UsageError(
        `${file}: cannot be written, so it is not mended (${written}): ${(error as Error).message}`,
      );
    }
  }
}

/** One line for each fix: what was done where, and what could not be. */
export function fixLines(rounds: readonly FixRound[], isDone: boolean): string[] {
  const applied = rounds.flatMap((round) =>
    round.applied.map(
      ({ position, code, fix }) =>
        `${isDone ? "mended" : "would mend"}  ${formatPosition(position)}  ${code}: ${fix!.title}`,
    ),
  );
  const refused = (rounds.at(-1)?.refused ?? []).map(
    ({ finding, why }) => `not mended  ${formatPosition(finding.position)}  ${finding.code}: ${why}`,
  );
  return [...applied, ...refused];
}
