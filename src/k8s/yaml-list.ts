import type { SourceText, Units } from "./source-text.ts";
import type { YamlChunk } from "./yaml-chunks.ts";

/** Where the items are in a YAML document that looks like a list of objects. */
export interface YamlListOutline {
  /** Each with its dash and to the beginning of the next one. */
  readonly items: readonly YamlChunk[];
  /** The end of the line `items:`, and the beginning of what comes after the items. */
  readonly itemsStart: number;
  readonly itemsEnd: number;
}

const FEED = 10;
const SPACE = 32;
const DASH = 45;
const HASH = 35;
const ITEMS = "items:";

/**
 * Finds the items of a document that is a block mapping with a line `items:` and dashes below it, by the indents of its
 * lines. Undefined for any other. What it finds is a guess: a scalar of several lines may look the same. It is right if all
 * parts can be read, each on its own: such a scalar would then have no end in one of them.
 */
export function outlineYamlList(text: SourceText, document: YamlChunk): YamlListOutline | undefined {
  const itemsStart = findItems(text, document);
  if (itemsStart === undefined) return undefined;
  const items: YamlChunk[] = [];
  let column = -1;
  let start = itemsStart;
  const units = text.units();
  let line = itemsStart;
  for (; line < document.end; line = nextLine(units, line, document.end)) {
    let at = line;
    while (at < document.end && units[at] === SPACE) at++;
    if (at >= document.end || units[at] === FEED || units[at] === HASH) continue;
    const isItem = units[at] === DASH && isBreak(units, at + 1, document.end);
    if (column < 0) {
      if (!isItem) return undefined;
      column = at - line;
      start = line;
    } else if (at - line > column) {
      // Within an item.
    } else if (isItem && at - line === column) {
      items.push({ start, end: line });
      start = line;
    } else {
      if (at > line) return undefined;
      break;
    }
  }
  if (column < 0) return undefined;
  items.push({ start, end: line });
  return { items, itemsStart, itemsEnd: line };
}

/** The beginning of the line after `items:`, if all before looks like the keys of a block mapping and their values. */
function findItems(text: SourceText, { start, end }: YamlChunk): number | undefined {
  const units = text.units();
  for (let line = start; line < end; line = nextLine(units, line, end)) {
    const first = units[line]!;
    if (isLetter(first)) {
      const after = line + ITEMS.length;
      if (after < end && units[after] === FEED && text.slice(line, after) === ITEMS) return after + 1;
    } else if (first === DASH) {
      if (line > start || text.slice(line, Math.min(end, line + 4)) !== "---\n") return undefined;
    } else if (first !== SPACE && first !== HASH && first !== FEED) {
      return undefined;
    }
  }
  return undefined;
}

function isLetter(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90);
}

function isBreak(units: Units, at: number, end: number): boolean {
  return at >= end || units[at] === SPACE || units[at] === FEED;
}

function nextLine(units: Units, line: number, end: number): number {
  let at = line;
  while (at < end && units[at] !== FEED) at++;
  return Math.min(at + 1, end);
}
