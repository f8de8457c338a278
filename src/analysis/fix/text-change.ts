/** Puts `text` in the place of what stands from `start` to `end`. */
export interface TextChange {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all changes made, which must not overlap. Those at the same place are made in the given order. */
export function changedText(text: string, changes: readonly TextChange[]): string {
  const inOrder = changes.toSorted((a, b) => a.start - b.start || a.end - b.end);
  let result = "";
  let done = 0;
  for (const change of inOrder) {
    result += text.slice(done, change.start) + change.text;
    done = change.end;
  }
  return result + text.slice(done);
}

/**
 * Takes a change in among others of the same text, which are in the order of their places. Not one that changes characters
 * that another one does, or that puts text into what another takes away: then it says false.
 */
export function settle(settled: TextChange[], change: TextChange): boolean {
  const at = placeFor(settled, change);
  // All others lie one after the other, so the neighbours tell.
  if (overlap(settled[at - 1], change) || overlap(settled[at], change)) return false;
  settled.splice(at, 0, change);
  return true;
}

/** Behind all changes that begin and end no later. */
function placeFor(settled: readonly TextChange[], { start, end }: TextChange): number {
  let low = 0;
  let high = settled.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = settled[middle]!;
    if (other.start < start || (other.start === start && other.end <= end)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function overlap(a: TextChange | undefined, b: TextChange): boolean {
  return a !== undefined && a.start < b.end && b.start < a.end;
}

/** The offset at which the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** The offset after the line of an offset, its line end included. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end + 1;
}

/** True if there is nothing but spaces and line ends. */
export function isBlank(text: string): boolean {
  return /^\s*$/.test(text);
}

/** True if a line has nothing, or only spaces, before an offset. */
export function isFirstOfLine(text: string, offset: number): boolean {
  return isBlank(text.slice(lineStart(text, offset), offset));
}

/** How the lines of a text end. */
export function lineBreakOf(text: string): "\n" | "\r\n" {
  return /\r?\n/.exec(text)?.[0] === "\r\n" ? "\r\n" : "\n";
}

/**
 * Takes away whole lines, from the start of one to the start of another. A text without a line end at its end is left
 * without one.
 */
export function withoutLines(text: string, start: number, end: number): TextChange {
  if (end < text.length || text.endsWith("\n") || start === 0) return { start, end, text: "" };
  return { start: text.startsWith("\r\n", start - 2) ? start - 2 : start - 1, end, text: "" };
}

/** Puts lines, without the end of the last one, before the line that begins at `at`, or after the last line. */
export function withLines(text: string, at: number, lines: string): TextChange {
  const lineBreak = lineBreakOf(text);
  const broken = lines.replaceAll("\n", lineBreak);
  const isAfterBreak = at === 0 || text.charAt(at - 1) === "\n";
  return { start: at, end: at, text: isAfterBreak ? broken + lineBreak : lineBreak + broken };
}
