import type { FieldEdit } from "../../k8s/fix.ts";
import * as block from "./edit-block.ts";
import * as flow from "./edit-flow.ts";
import { quoteValue, renameField, setValue } from "./edit-scalars.ts";
import { type EditedDocument, isRefusal, type Plan, type Refusal } from "./plan.ts";
import {
  type FoundNode,
  fieldAt,
  type Step,
  type TextNode,
  valuesAt,
  visitAll,
  visitAround,
} from "./text-tree.ts";

/** An edit of something inside a document. */
export type InnerEdit = Exclude<
  FieldEdit,
  { readonly kind: "remove-document" | "append-document" | "replace-tabs" }
>;

const NOT_THERE = "Nothing that it could change begins at this place; the text may have changed since.";

/** How an edit at an offset is made; `offset` counts from the start of the document's text. */
export function planEdit(document: EditedDocument, edit: InnerEdit, offset: number): Plan | Refusal {
  const { root } = document;
  if (edit.kind === "rename-field" || edit.kind === "remove-field") {
    const steps = fieldAt(root, offset);
    const step = steps?.at(-1);
    if (steps === undefined || step?.parent.kind !== "map") return { why: NOT_THERE };
    if (edit.kind === "remove-field") return guarded(document, steps, step.parent, removal(document, steps));
    return guarded(document, steps, step.parent, renameField(document, step.parent, step.index, edit.name));
  }
  const found = targetOf(valuesAt(root, offset), edit.kind);
  if (found === undefined) return { why: NOT_THERE };
  return guarded(document, found.steps, found.node, planValueEdit(document, edit, found));
}

type ValueEdit = Exclude<InnerEdit, { readonly kind: "rename-field" | "remove-field" }>;

/** Which of the values that begin at a place an edit is about. Undefined if there is none, or more than one. */
function targetOf(candidates: readonly FoundNode[], kind: ValueEdit["kind"]): FoundNode | undefined {
  const fitting = candidates.filter(({ node, steps }) => {
    if (kind === "set-value" || kind === "quote-value")
      return node.kind === "scalar" || node.kind === "alias";
    if (kind === "add-field") return node.kind === "map";
    if (kind === "add-item") return node.kind === "list";
    return steps.at(-1)?.parent.kind === "list";
  });
  return fitting.length === 1 ? fitting[0] : undefined;
}

function planValueEdit(
  document: EditedDocument,
  edit: ValueEdit,
  { node, steps }: FoundNode,
): Plan | Refusal {
  switch (edit.kind) {
    case "set-value":
      return node.kind === "scalar" ? setValue(document, node, edit.value) : isAlias(node);
    case "quote-value":
      return node.kind === "scalar" ? quoteValue(document, node) : isAlias(node);
    case "add-field":
      return node.kind === "map" ? addedField(document, node, edit) : { why: NOT_THERE };
    case "add-item":
      return node.kind === "list" ? addedItem(document, node, edit.value) : { why: NOT_THERE };
    case "remove-item":
      return removal(document, steps);
    case "merge-with-previous-item": {
      const step = steps.at(-1);
      if (step?.parent.kind !== "list" || step.index === 0) return { why: "There is no item before it." };
      const { mergeItem } = step.parent.flow ? flow : block;
      return mergeItem(document, step.parent, step.index);
    }
  }
}

function isAlias(node: TextNode): Refusal {
  return { why: `The value is ${node.kind === "alias" ? `*${node.name}, which is` : ""} written elsewhere.` };
}

function addedField(
  document: EditedDocument,
  parent: Extract<TextNode, { kind: "map" }>,
  { name, value }: Extract<FieldEdit, { kind: "add-field" }>,
): Plan | Refusal {
  if (parent.fields.some((field) => field.name === name)) return { why: `There is a field ${name} already.` };
  const changes = parent.flow
    ? flow.addField(document, parent, name, value)
    : block.addEntry(document, parent, { [name]: value });
  return { changes, effect: { kind: "add-field", parent, name, value } };
}

function addedItem(
  document: EditedDocument,
  parent: Extract<TextNode, { kind: "list" }>,
  value: unknown,
): Plan | Refusal {
  const changes = parent.flow
    ? flow.addItem(document, parent, value)
    : block.addEntry(document, parent, [value]);
  return { changes, effect: { kind: "add-item", parent, value } };
}

/** Takes away what the last of the steps leads to. */
export function removal(document: EditedDocument, steps: readonly Step[]): Plan {
  const { parent, index } = steps.at(-1)!;
  const changes = parent.flow
    ? flow.removeEntry(document, parent, index)
    : block.removeEntry(document, { parent, index } as Step, steps.at(-2));
  return { changes, effect: { kind: "remove", parent, index } };
}

/** Refuses a plan that would change other places too, through an anchor or a merge. */
function guarded(
  { aliases }: EditedDocument,
  steps: readonly Step[],
  node: TextNode,
  plan: Plan | Refusal,
): Plan | Refusal {
  if (isRefusal(plan)) return plan;
  for (const { anchor } of [...steps.map(({ parent }) => parent), node]) {
    if (anchor !== undefined && aliases.has(anchor)) {
      return { why: `What it changes is used in other places too, as *${anchor}.` };
    }
  }
  if (plan.effect.kind === "remove") {
    const removed = anchorsIn(entryValue(plan.effect.parent, plan.effect.index));
    const used = removed.find((anchor) => aliases.has(anchor));
    if (used !== undefined) return { why: `What it takes away is used in other places too, as *${used}.` };
  }
  const changed = "parent" in plan.effect ? plan.effect.parent : undefined;
  if (
    changed?.kind === "map" &&
    changed.fields.some(({ name, value }) => name === undefined && isMerged(value))
  ) {
    return { why: "The mapping takes fields from elsewhere with <<." };
  }
  return plan;
}

function entryValue(parent: Step["parent"], index: number): TextNode {
  return parent.kind === "map" ? parent.fields[index]!.value : parent.items[index]!.value;
}

function isMerged(node: TextNode): boolean {
  return node.kind === "alias" || (node.kind === "list" && node.items.some(({ value }) => isMerged(value)));
}

function anchorsIn(node: TextNode): string[] {
  const anchors: string[] = [];
  visitAll(node, ({ anchor }) => {
    if (anchor !== undefined) anchors.push(anchor);
  });
  return anchors;
}

/** The steps to the item of a List, at any depth, that an offset lies in. */
export function listItemAround(root: TextNode, offset: number): readonly Step[] | undefined {
  let found: readonly Step[] | undefined;
  let inLists = true;
  visitAround(root, offset, [], (node, steps) => {
    // Only lists of objects lead from the document to its objects: items: of List, and their own.
    const last = steps.at(-1);
    if (last?.parent.kind === "map" && last.parent.fields[last.index]!.name !== "items") inLists = false;
    if (inLists && last?.parent.kind === "list" && node.kind === "map") found = steps;
  });
  return found;
}
