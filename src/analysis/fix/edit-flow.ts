import type { EditedDocument, Plan, Refusal } from "./plan.ts";
import { isBlank, isFirstOfLine, lineEnd, lineStart, type TextChange } from "./text-change.ts";
import type { ListText, MapText } from "./text-tree.ts";
import { type FlowStyle, fieldText, flowText } from "./write-value.ts";

interface Entry {
  readonly start: number;
  readonly end: number;
}

function entriesOf(parent: MapText | ListText): readonly Entry[] {
  return parent.kind === "map" ? parent.fields : parent.items;
}

/** The offset of the next character that is no space and in no comment. */
function nextSign(text: string, from: number): number {
  const pattern = /\s+|(?<=\s)#.*/y;
  let at = from;
  for (;;) {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return at;
    at = pattern.lastIndex;
  }
}

/** Where the comma after an entry is, or undefined if there is none. */
function commaAfter(text: string, { end }: Entry): number | undefined {
  const at = nextSign(text, end);
  return text.charAt(at) === "," ? at : undefined;
}

/** Takes away a field or an item, with one comma. Comments of the others stay. */
export function removeEntry(
  { text }: EditedDocument,
  parent: MapText | ListText,
  index: number,
): readonly TextChange[] {
  const entries = entriesOf(parent);
  const entry = entries[index]!;
  const comma = commaAfter(text, entry);
  const end = comma === undefined ? entry.end : comma + 1;
  if (entries.length === 1) {
    const [start, stop] = [parent.start + 1, parent.end - 1];
    const isAlone = isBlank(text.slice(start, entry.start) + text.slice(entry.end, stop).replace(",", ""));
    return [isAlone ? { start, end: stop, text: "" } : { start: entry.start, end, text: "" }];
  }
  const previous = entries[index - 1];
  const next = entries[index + 1];
  if (isFirstOfLine(text, entry.start) && /^[ \t]*(?:#.*)?\r?$/m.test(restOfLine(text, end))) {
    const lines = { start: lineStart(text, entry.start), end: lineEnd(text, end), text: "" };
    return comma === undefined && previous !== undefined ? [commaOf(text, previous), lines] : [lines];
  }
  if (next !== undefined) {
    const hasComment = text.slice(entry.end, next.start).includes("#");
    return [{ start: entry.start, end: hasComment ? end : next.start, text: "" }];
  }
  return text.slice(previous!.end, entry.start).includes("#")
    ? [commaOf(text, previous!), { start: entry.start, end: entry.end, text: "" }]
    : [{ start: previous!.end, end: entry.end, text: "" }];
}

function restOfLine(text: string, from: number): string {
  return text.slice(from, lineEnd(text, from)).replace(/\r?\n$/, "");
}

function commaOf(text: string, entry: Entry): TextChange {
  const comma = commaAfter(text, entry)!;
  return { start: comma, end: comma + 1, text: "" };
}

/** Adds a field after the last one. */
export function addField(
  document: EditedDocument,
  parent: MapText,
  name: string,
  value: unknown,
): TextChange[] {
  const style = styleOf(document, parent);
  return [
    addEntry(
      document,
      parent,
      (indent) => pretty(document, name, value, indent) ?? fieldText(name, value, style),
    ),
  ];
}

/** Adds an item after the last one. */
export function addItem(document: EditedDocument, parent: ListText, value: unknown): TextChange[] {
  const style = styleOf(document, parent);
  return [
    addEntry(
      document,
      parent,
      (indent) => pretty(document, undefined, value, indent) ?? flowText(value, style),
    ),
  ];
}

/** What JSON that is spread over lines adds: the new value is spread likewise. Undefined for any other text. */
function pretty(
  { json, style }: EditedDocument,
  name: string | undefined,
  value: unknown,
  indent: string | undefined,
): string | undefined {
  if (!json || indent === undefined) return undefined;
  const unit = indent.includes("\t") ? "\t" : style.indent;
  const text = JSON.stringify(value, null, unit).replaceAll("\n", `\n${indent}`);
  return name === undefined ? text : `${JSON.stringify(name)}: ${text}`;
}

/** `written` gives the entry; it is told the indent if the entry is to begin a line. */
function addEntry(
  { text }: EditedDocument,
  parent: MapText | ListText,
  written: (indent: string | undefined) => string,
): TextChange {
  const entries = entriesOf(parent);
  const last = entries.at(-1);
  if (last === undefined) {
    const start = parent.start + 1;
    const end = isBlank(text.slice(start, parent.end - 1)) ? parent.end - 1 : start;
    return { start, end, text: written(undefined) };
  }
  const comma = commaAfter(text, last);
  const gap = gapBefore(text, parent, entries);
  const lines = gap.includes("\n") ? written(gap.slice(gap.lastIndexOf("\n") + 1)) : written(undefined);
  const entry = gap.includes("\r\n") ? lines.replaceAll("\n", "\r\n") : lines;
  return comma === undefined
    ? { start: last.end, end: last.end, text: `,${gap}${entry}` }
    : { start: comma + 1, end: comma + 1, text: `${gap}${entry},` };
}

/** The space between the comma and an entry, as it is before the last one. */
function gapBefore(text: string, parent: MapText | ListText, entries: readonly Entry[]): string {
  const last = entries.at(-1)!;
  const from = lineStart(text, last.start);
  if (isFirstOfLine(text, last.start) && from > parent.start) {
    return (text.charAt(from - 2) === "\r" ? "\r\n" : "\n") + text.slice(from, last.start);
  }
  const previous = entries.at(-2);
  if (previous === undefined) return styleIn(parent).spaced ? " " : "";
  return /^,( *)\S/.exec(text.slice(commaAfter(text, previous)))?.[1] ?? " ";
}

function styleOf({ root }: EditedDocument, parent: MapText | ListText): FlowStyle {
  return styleIn(parent, root.kind === "map" ? root : undefined);
}

/** As the neighbours are written; without any, as the document is. */
function styleIn(parent: MapText | ListText, root?: MapText): FlowStyle {
  const inner =
    parent.kind === "list" ? parent.items.find(({ value }) => value.kind === "map")?.value : parent;
  const field =
    (inner?.kind === "map" ? inner.fields[0] : undefined) ??
    (root?.flow === true ? root.fields[0] : undefined);
  if (field === undefined) return { quoted: false, spaced: true };
  return {
    quoted: field.key.style === "double",
    spaced: field.colonEnd < field.value.start || field.value.start === field.value.end,
  };
}

/** Joins an item with the one before: what closes the one and opens the other goes. */
export function mergeItem({ text }: EditedDocument, parent: ListText, index: number): Plan | Refusal {
  const before = parent.items[index - 1]!.value;
  const item = parent.items[index]!.value;
  if (before.kind !== "map" || item.kind !== "map" || !before.flow || !item.flow) {
    return { why: "Only items that are mappings in braces can be made one." };
  }
  const last = before.fields.at(-1);
  const first = item.fields[0];
  if (last === undefined || first === undefined) return { why: "One of the two items is empty." };
  if (text.slice(last.end, first.start).includes("#"))
    return { why: "A comment stands between the two items." };
  if (commaAfter(text, last) !== undefined)
    return { why: "A comma stands after the last field of the item before." };
  const inside = text.slice(item.start + 1, first.start);
  const gap =
    inside.includes("\n") || inside !== "" ? inside : /^\},(\s*)\{/.exec(text.slice(before.end - 1))?.[1];
  const changes = [{ start: last.end, end: first.start, text: `,${gap ?? " "}` }];
  return { changes, effect: { kind: "merge", parent, index } };
}
