import type { EditedDocument, Plan, Refusal } from "./plan.ts";
import {
  isBlank,
  isFirstOfLine,
  lineEnd,
  lineStart,
  type TextChange,
  withLines,
  withoutLines,
} from "./text-change.ts";
import type { ListText, MapText, Step } from "./text-tree.ts";
import { blockText } from "./write-value.ts";

/** A field or an item, of a mapping or list that is written line by line. */
interface Entry {
  readonly start: number;
  readonly end: number;
}

function entriesOf(parent: MapText | ListText): readonly Entry[] {
  return parent.kind === "map" ? parent.fields : parent.items;
}

/** Takes away a field or an item. `outer` is the step to `parent`, if it is not the document's own value. */
export function removeEntry(
  { text }: EditedDocument,
  { parent, index }: Step,
  outer: Step | undefined,
): readonly TextChange[] {
  const entries = entriesOf(parent);
  const entry = entries[index]!;
  if (entries.length === 1) return emptied(text, parent, outer);
  const to = afterEntry(text, entry);
  if (isFirstOfLine(text, entry.start)) return [withoutLines(text, lineStart(text, entry.start), to)];
  // The first one stands behind the dash of an outer list: what comes next takes its place there.
  const next = to + text.slice(to).search(/\S|$/);
  return [{ start: entry.start, end: next, text: "" }];
}

/** Leaves an empty mapping or list, where nothing at all would be read as null. */
function emptied(text: string, parent: MapText | ListText, outer: Step | undefined): readonly TextChange[] {
  const empty = parent.kind === "map" ? "{}" : "[]";
  const field = outer?.parent.kind === "map" ? outer.parent.fields[outer.index]! : undefined;
  if (field === undefined || lineStart(text, parent.start) <= field.colonEnd) {
    return [{ start: parent.start, end: parent.end, text: empty }];
  }
  const to = afterEntry(text, parent);
  return [
    { start: field.colonEnd, end: field.colonEnd, text: ` ${empty}` },
    withoutLines(text, lineStart(text, parent.start), to),
  ];
}

/** The end of the last line of an entry, with the comments below that are indented as its inside is. */
function afterEntry(text: string, { start, end }: Entry): number {
  const column = start - lineStart(text, start);
  let at = lineEnd(text, end);
  for (;;) {
    const indent = /^[ \t]*(?=#)/.exec(text.slice(at, lineEnd(text, at)));
    if (indent === null || indent[0].length <= column) return at;
    at = lineEnd(text, at);
  }
}

/** Adds a field or an item after the last one. */
export function addEntry(
  { text, style }: EditedDocument,
  parent: MapText | ListText,
  entry: Readonly<Record<string, unknown>> | readonly [unknown],
): readonly TextChange[] {
  const last = entriesOf(parent).at(-1)!;
  const indent = " ".repeat(last.start - lineStart(text, last.start));
  const lines = blockText(entry, style).replaceAll(/^(?=.)/gm, indent);
  return [withLines(text, afterEntry(text, last), lines)];
}

/** Takes away the dash of an item, so that its fields belong to the item before. */
export function mergeItem({ text }: EditedDocument, parent: ListText, index: number): Plan | Refusal {
  const before = parent.items[index - 1]!;
  const item = parent.items[index]!;
  if (before.value.kind !== "map" || item.value.kind !== "map") {
    return { why: "Only items that are mappings can be made one." };
  }
  if (before.value.flow || item.value.flow) return { why: "One of the two items is written in braces." };
  const column = before.value.start - lineStart(text, before.value.start);
  if (item.value.start - lineStart(text, item.value.start) !== column) {
    return { why: "The fields of the two items are not indented alike." };
  }
  const change = isBlank(text.slice(item.start + 1, lineEnd(text, item.start)))
    ? withoutLines(text, lineStart(text, item.start), lineEnd(text, item.start))
    : { start: item.start, end: item.start + 1, text: " " };
  return { changes: [change], effect: { kind: "merge", parent, index } };
}
