// What tests of edits share: texts with marks at the places of edits, and short names for the edits.
import type { FieldEdit } from "../../k8s/fix.ts";
import { lineColumnAt, lineStarts } from "../../k8s/line-index.ts";
import type { Position } from "../../k8s/location.ts";
import { applyEdits, type EditedResult } from "./apply-edits.ts";

/** The text without its marks §, and the places where they were. */
export function marked(text: string): { readonly text: string; readonly places: readonly Position[] } {
  const [first, ...parts] = text.split("§") as [string, ...string[]];
  const bare = [first, ...parts].join("");
  const starts = lineStarts(bare.replace(/^\ufeff/, ""));
  const mark = bare.length - bare.replace(/^\ufeff/, "").length;
  let offset = first.length - mark;
  const places = parts.map((part) => {
    const place = { file: "f.yaml", ...lineColumnAt(starts, offset) };
    offset += part.length;
    return place;
  });
  return { text: bare, places };
}

export type Unplaced<E> = E extends FieldEdit ? Omit<E, "at" | "file"> : never;

/** The edit at each of the marks of a text. */
export function edit(text: string, ...edits: readonly Unplaced<FieldEdit>[]): EditedResult {
  const { text: bare, places } = marked(text);
  const last = edits.at(-1)!;
  const placed = Array.from({ length: Math.max(places.length, edits.length) }, (_, index) => {
    return { file: "f.yaml", at: places[index], ...(edits[index] ?? last) } as unknown as FieldEdit;
  });
  return applyEdits(bare, placed);
}

export const set = (value: string | number | boolean): Unplaced<FieldEdit> => ({ kind: "set-value", value });
export const quote: Unplaced<FieldEdit> = { kind: "quote-value" };
export const rename = (name: string): Unplaced<FieldEdit> => ({ kind: "rename-field", name });
export const removeField: Unplaced<FieldEdit> = { kind: "remove-field" };
export const removeItem: Unplaced<FieldEdit> = { kind: "remove-item" };
export const merge: Unplaced<FieldEdit> = { kind: "merge-with-previous-item" };
export const addField = (name: string, value: unknown): Unplaced<FieldEdit> => ({
  kind: "add-field",
  name,
  value,
});
export const addItem = (value: unknown): Unplaced<FieldEdit> => ({ kind: "add-item", value });
export const removeDocument: Unplaced<FieldEdit> = { kind: "remove-document" };
export const append = (value: unknown): Unplaced<FieldEdit> => ({ kind: "append-document", value });
export const tabs: Unplaced<FieldEdit> = { kind: "replace-tabs" };

/** Two objects of a List. */
export const LIST = "apiVersion: v1\nkind: List\nitems:\n- kind: A\n  metadata: {name: a}\n- kind: B\n";
