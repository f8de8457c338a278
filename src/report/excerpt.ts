import type { Finding } from "../k8s/finding.ts";
import type { SourceLines } from "./source-lines.ts";
import type { Style } from "./style.ts";

/** How much of a line is shown: a whole file may be one. */
const WIDTH = 100;
const BEFORE = 40;
const MOST_LINES = 4;

/**
 * The lines that a finding is about, numbered, with a mark below the place itself. Nothing where there is no text behind
 * it. Places in other files are told by name.
 */
export function excerptOf({ position, related = [] }: Finding, lines: SourceLines, style: Style): string[] {
  if (position.line === 0) return [];
  const places = new Map<number, string>([[position.line, ""]]);
  for (const { position: other, message } of related) {
    if (other.file === position.file && other.line > 0 && places.size < MOST_LINES) {
      places.set(other.line, places.get(other.line) || message);
    }
  }
  const shown = [...places].sort(([a], [b]) => a - b);
  const numberWidth = Math.max(...shown.map(([line]) => String(line).length), 4);
  const excerpt: string[] = [];
  for (const [line, note] of shown) {
    const text = lines(position.file, line);
    if (text === undefined) continue;
    const { window, start } = windowOf(text, line === position.line ? position.column : 1);
    const number = String(line).padStart(numberWidth);
    excerpt.push(`    ${style.dim(`${number} |`)} ${window}${note === "" ? "" : style.dim(`   <- ${note}`)}`);
    if (line === position.line) {
      // Tabs stay tabs, so that the mark stands below its place however wide they are.
      const gap = [...text.slice(start, Math.max(position.column - 1, start))]
        .map((letter) => (letter === "\t" ? "\t" : " "))
        .join("");
      excerpt.push(`    ${" ".repeat(numberWidth)} ${style.dim("|")} ${gap}${style.yellow("^")}`);
    }
  }
  for (const { position: other, message } of related) {
    if (other.file !== position.file)
      excerpt.push(`    ${style.dim(`${other.file}:${other.line}: ${message}`)}`);
  }
  return excerpt;
}

function windowOf(text: string, column: number): { readonly window: string; readonly start: number } {
  const start = column - 1 > WIDTH - 20 ? column - 1 - BEFORE : 0;
  const window = text.slice(start, start + WIDTH);
  return { window: printable(start + WIDTH < text.length ? `${window}...` : window), start };
}

/** What would move the cursor of a terminal, or colour it, stands as a question mark. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (letter) => (letter === "\t" ? letter : "?"));
}
