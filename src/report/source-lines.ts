import { lineStarts } from "../k8s/line-index.ts";
import type { ManifestSource } from "../k8s/manifests.ts";

/** A line of a source by its file and number, from 1; undefined where there is none. */
export type SourceLines = (file: string, line: number) => string | undefined;

/** Reads lines of sources. A source is cut into lines when one of its lines is asked for first. */
export function sourceLines(sources: readonly ManifestSource[]): SourceLines {
  const byFile = new Map(sources.map((source) => [source.file, source.text]));
  const cut = new Map<string, (line: number) => string | undefined>();
  return (file, line) => {
    let lines = cut.get(file);
    if (lines === undefined) {
      const text = byFile.get(file) ?? "";
      lines = typeof text === "string" ? linesOfText(text) : linesOfBytes(text);
      cut.set(file, lines);
    }
    return lines(line)?.replace(/[\r\n]+$/, "");
  };
}

function linesOfText(text: string): (line: number) => string | undefined {
  const starts = lineStarts(text);
  return (line) =>
    line < 1 || line > starts.length ? undefined : text.slice(starts[line - 1]!, starts[line] ?? text.length);
}

/** A text that stayed bytes is too long for a string, or for two of them. */
function linesOfBytes(bytes: Uint8Array): (line: number) => string | undefined {
  const starts = [0];
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  const decoder = new TextDecoder();
  return (line) =>
    line < 1 || line > starts.length
      ? undefined
      : decoder.decode(bytes.subarray(starts[line - 1]!, starts[line] ?? bytes.length));
}
