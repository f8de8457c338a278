import type { Position } from "./location.ts";

/** How to mend in the text what a finding is about: plain data, which others apply. */
export interface Fix {
  /** What it does, as an order: `remove the dash before namespaceSelector`. */
  readonly title: string;
  /** True if no verdict changes by it, or if the object was refused before and can mean nothing else. */
  readonly safe: boolean;
  readonly edits: readonly FieldEdit[];
}

/** One change of a text. `at` is a place as `Origin.position` gives it. */
export type FieldEdit =
  /** Puts another scalar in the place of the one at `at`, in the same style where it can. */
  | { readonly kind: "set-value"; readonly at: Position; readonly value: string | number | boolean }
  /** Puts the scalar at `at` in quotes, as it is written. */
  | { readonly kind: "quote-value"; readonly at: Position }
  /** Gives the key at `at` another name. */
  | { readonly kind: "rename-field"; readonly at: Position; readonly name: string }
  /** Takes away the key at `at` and its value. */
  | { readonly kind: "remove-field"; readonly at: Position }
  /** Takes away the item of a list that begins at `at`. */
  | { readonly kind: "remove-item"; readonly at: Position }
  /** Takes away the dash before the item that begins at `at`: its fields join the item before. */
  | { readonly kind: "merge-with-previous-item"; readonly at: Position }
  /** Adds a field at the end of the mapping that begins at `at`. */
  | { readonly kind: "add-field"; readonly at: Position; readonly name: string; readonly value: unknown }
  /** Adds an item at the end of the list that begins at `at`. */
  | { readonly kind: "add-item"; readonly at: Position; readonly value: unknown }
  /** Takes away the document (or the item of a List) that `at` lies in. */
  | { readonly kind: "remove-document"; readonly at: Position }
  /** Adds a document at the end of a file. */
  | { readonly kind: "append-document"; readonly file: string; readonly value: unknown }
  /** Turns the tabs that lines begin with into spaces. */
  | { readonly kind: "replace-tabs"; readonly file: string };
