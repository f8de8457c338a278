import type { Finding } from "../../../k8s/finding.ts";
import { readIgnoreText } from "./ignore-text.ts";
import type { Ignore } from "./settings.ts";

/** `# podwall-ignore: code: reason` after nothing or a space. */
const COMMENT = /(^|\s)#+\s*podwall-ignore:(.*)$/;

/** Lines first and last, from 1, both inside. */
interface Lines {
  readonly first: number;
  readonly last: number;
}

/**
 * The comments of a YAML text that say which findings are meant to be. Beside something, a comment is about its line; on a
 * line of its own, about the next line that is no comment; before the first line of a document, about the whole document.
 */
export function ignoreComments(file: string, text: string): Ignore[] {
  if (!text.includes("podwall-ignore:")) return [];
  const lines = text.split(/\r\n|\n|\r/);
  const ignores: Ignore[] = [];
  for (const [place, line] of lines.entries()) {
    const match = COMMENT.exec(line);
    if (match === null) continue;
    const start = match.index + match[1]!.length;
    const covered =
      line.slice(0, start).trim() === "" ? after(lines, place) : { first: place + 1, last: place + 1 };
    for (const { codes, reason } of readIgnoreText(match[2]!)) {
      ignores.push({
        codes,
        reason,
        position: { file, line: place + 1, column: start + 1 },
        beside: true,
        covers: (finding) => isWithin(finding, file, covered),
      });
    }
  }
  return ignores;
}

/** What a comment on a line of its own is about. */
function after(lines: readonly string[], comment: number): Lines {
  let next = comment + 1;
  while (next < lines.length && isEmptyLine(lines[next]!)) next++;
  // A marker right after the comment begins the document that it is about.
  if (!isFirstOfDocument(lines, next)) return { first: next + 1, last: next + 1 };
  let last = isMarker(lines[next] ?? "") ? next + 1 : next;
  while (last < lines.length && !isMarker(lines[last]!)) last++;
  return { first: comment + 1, last };
}

/** True if nothing but comments stands between the line and the beginning of its document. */
function isFirstOfDocument(lines: readonly string[], place: number): boolean {
  if (isMarker(lines[place] ?? "")) return true;
  let before = place - 1;
  while (before >= 0 && isEmptyLine(lines[before]!)) before--;
  return before < 0 || isMarker(lines[before]!);
}

function isMarker(line: string): boolean {
  return /^---(\s|$)/.test(line);
}

function isEmptyLine(line: string): boolean {
  return /^\s*(#|$)/.test(line);
}

function isWithin({ position, related = [] }: Finding, file: string, { first, last }: Lines): boolean {
  return [position, ...related.map((place) => place.position)].some(
    (place) => place.file === file && place.line >= first && place.line <= last,
  );
}
