import type { TextChange } from "./text-change.ts";
import type { ListText, MapText, ScalarText, TextNode } from "./text-tree.ts";
import type { BlockStyle } from "./write-value.ts";

/** What an edit does to the value of a document. */
export type Effect =
  | { readonly kind: "set"; readonly node: ScalarText; readonly value: unknown }
  | { readonly kind: "remove"; readonly parent: MapText | ListText; readonly index: number }
  | { readonly kind: "rename"; readonly parent: MapText; readonly index: number; readonly name: string }
  | { readonly kind: "merge"; readonly parent: ListText; readonly index: number }
  | { readonly kind: "add-field"; readonly parent: MapText; readonly name: string; readonly value: unknown }
  | { readonly kind: "add-item"; readonly parent: ListText; readonly value: unknown };

/** How an edit of a document is to be made in its text, and what its value must be after it. */
export interface Plan {
  readonly changes: readonly TextChange[];
  readonly effect: Effect;
}

/** Why an edit is not made, as a sentence. */
export interface Refusal {
  readonly why: string;
}

/** A document that is edited. */
export interface EditedDocument {
  readonly text: string;
  readonly json: boolean;
  readonly root: TextNode;
  readonly style: BlockStyle;
  /** The anchors that are used: each is the name of an alias. */
  readonly aliases: ReadonlySet<string>;
}

/** True if an edit is refused. */
export function isRefusal<T extends object>(plan: T | Refusal): plan is Refusal {
  return "why" in plan;
}
