import type { SourceText } from "./source-text.ts";

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
  let start = 0;
  for (let feed = text.indexOf(10, 0); feed >= 0; feed = text.indexOf(10, feed + 1)) {
    const line = feed + 1;
    if (!isMarker(text, line)) continue;
    // Directives such as `%YAML 1.1` belong to the document that follows them.
    if (text.at(start) === 37 && ONLY_DIRECTIVES.test(text.slice(start, line))) continue;
    chunks.push({ start, end: line });
    start = line;
  }
  chunks.push({ start, end: text.length });
  return chunks;
}

function isMarker(text: SourceText, line: number): boolean {
  if (line + 3 > text.length) return false;
  if (text.at(line) !== 45 || text.at(line + 1) !== 45 || text.at(line + 2) !== 45) return false;
  if (line + 3 === text.length) return true;
  const unit = text.at(line + 3);
  return unit === 32 || unit === 9 || unit === 10 || unit === 13;
}
