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
export function splitYaml(text: string): readonly YamlChunk[] {
  const chunks: YamlChunk[] = [];
  let start = 0;
  for (let at = text.indexOf("\n---"); at >= 0; at = text.indexOf("\n---", at + 1)) {
    if (!endsMarker(text.charCodeAt(at + 4))) continue;
    const end = at + 1;
    // Directives such as `%YAML 1.1` belong to the document that follows them.
    if (text.charCodeAt(start) === 37 && ONLY_DIRECTIVES.test(text.slice(start, end))) continue;
    chunks.push({ start, end });
    start = end;
  }
  chunks.push({ start, end: text.length });
  return chunks;
}

function endsMarker(code: number): boolean {
  return Number.isNaN(code) || code === 32 || code === 9 || code === 10 || code === 13;
}
