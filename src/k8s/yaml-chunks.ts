import type { SourceText, Units } from "./source-text.ts";

/** A part of a YAML stream that is parsed on its own: `start` and `end` are offsets into the text. */
export interface YamlChunk {
  readonly start: number;
  readonly end: number;
}

const ONLY_DIRECTIVES = /^(?:[ \t]*(?:#.*)?\r?\n|%.*\r?\n)*$/;

/**
 * Cuts a stream at its `---` lines, so that a broken document does not take its neighbours with it. No scalar can
 * hold such a line (YAML 1.2, 9.1.2), hence the cut needs no parser. Each chunk starts with its own `---`.
 */
export function splitYaml(text: SourceText): readonly YamlChunk[] {
  const chunks: YamlChunk[] = [];
  const units = text.units();
  let start = 0;
  for (let line = 1; line < units.length; line++) {
    if (units[line] !== 45 || units[line - 1] !== 10 || !isMarker(units, line)) continue;
    // Directives such as `%YAML 1.1` belong to the document that follows them.
    if (units[start] === 37 && ONLY_DIRECTIVES.test(text.slice(start, line))) continue;
    chunks.push({ start, end: line });
    start = line;
  }
  chunks.push({ start, end: text.length });
  return chunks;
}

/** True if the dash at `line` is the first of three that stand alone. */
function isMarker(units: Units, line: number): boolean {
  if (units[line + 1] !== 45 || units[line + 2] !== 45) return false;
  if (line + 3 === units.length) return true;
  const unit = units[line + 3];
  return unit === 32 || unit === 9 || unit === 10 || unit === 13;
}
