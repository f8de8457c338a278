import type { FieldEdit } from "../../k8s/fix.ts";
import { lineStarts } from "../../k8s/line-index.ts";
import { typeOfItems } from "../../k8s/list.ts";
import type { Position } from "../../k8s/location.ts";
import { appendedText } from "./append-document.ts";
import { styleOf } from "./document-style.ts";
import { type EditedDocument, type Effect, isRefusal, type Plan, type Refusal } from "./plan.ts";
import { type InnerEdit, listItemAround, planEdit, removal } from "./plan-edit.ts";
import { withoutTabs } from "./tabs.ts";
import type { TextChange } from "./text-change.ts";
import { type PieceValues, piecesOf, readPiece, type TextPiece, treeOf } from "./text-pieces.ts";
import { aliasesIn } from "./text-tree.ts";

/** A text that is edited: what is known of it is found when it is asked for. */
export interface EditedText {
  readonly text: string;
  readonly pieces: readonly EditedPiece[];
  readonly lines: readonly number[];
}

/** A piece of it. */
export interface EditedPiece extends TextPiece {
  /** Its number, from 0. */
  readonly index: number;
  readonly values: () => PieceValues;
  /** Undefined if it does not hold exactly one document that can be read. */
  readonly document: () => EditedDocument | undefined;
}

/** What an edit does to a piece; `all` says that it is not about a value in it, but about the whole. */
export interface PieceEdit {
  readonly piece: EditedPiece;
  readonly changes: readonly TextChange[];
  readonly effect: Effect | "removed" | "without-tabs";
}

/** What is to be done for an edit: in pieces, or behind the last one. */
export type EditPlan =
  | { readonly pieceEdits: readonly PieceEdit[] }
  | { readonly appended: string; readonly value: unknown };

/** Prepares a text without a byte order mark. */
export function editedText(text: string): EditedText {
  const pieces = piecesOf(text).map((piece, index) => ({
    ...piece,
    index,
    values: remembered(() => readPiece(piece.text)),
    document: remembered(() => documentOf(piece)),
  }));
  return { text, pieces, lines: lineStarts(text) };
}

function remembered<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}

function documentOf(piece: TextPiece): EditedDocument | undefined {
  const values = readPiece(piece.text);
  if (values?.length !== 1) return undefined;
  const root = treeOf(piece);
  if (root === undefined) return undefined;
  const { text, json } = piece;
  return { text, json, root, style: styleOf(text, root), aliases: aliasesIn(root) };
}

/** How an edit is made in a text, or why it cannot be. */
export function planFor(edited: EditedText, edit: FieldEdit): EditPlan | Refusal {
  if (edit.kind === "replace-tabs") return tabsPlan(edited);
  if (edit.kind === "append-document") return appendPlan(edited, edit.value);
  const place = placeOf(edited, edit.at);
  if (place === undefined) return { why: "The place is not in this text; it may have changed since." };
  return edit.kind === "remove-document" ? documentPlan(place) : innerPlan(place, edit);
}

interface Place {
  readonly piece: EditedPiece;
  /** From the start of the piece. */
  readonly offset: number;
}

function placeOf({ text, pieces, lines }: EditedText, { line, column }: Position): Place | undefined {
  const start = lines[line - 1];
  if (start === undefined || column < 1) return undefined;
  const offset = start + column - 1;
  if (offset > (lines[line] ?? text.length + 1) - 1) return undefined;
  const piece = pieces.findLast((candidate) => candidate.start <= offset);
  return piece === undefined ? undefined : { piece, offset: offset - piece.start };
}

const UNREADABLE_DOCUMENT =
  "The document around it cannot be taken apart safely; correct its other faults first.";

function innerPlan({ piece, offset }: Place, edit: InnerEdit): EditPlan | Refusal {
  const document = piece.document();
  if (document === undefined) return { why: UNREADABLE_DOCUMENT };
  return inPiece(piece, planEdit(document, edit, offset));
}

function inPiece(piece: EditedPiece, plan: Plan | Refusal): EditPlan | Refusal {
  if (isRefusal(plan)) return plan;
  return { pieceEdits: [{ piece, changes: plan.changes, effect: plan.effect }] };
}

function documentPlan({ piece, offset }: Place): EditPlan | Refusal {
  const document = piece.document();
  if (document === undefined) return { why: UNREADABLE_DOCUMENT };
  const [value] = piece.values() as readonly unknown[];
  if (Array.isArray(value) || typeOfItems(value) !== undefined) {
    const steps = listItemAround(document.root, offset);
    if (steps === undefined) return { why: "The place lies in a list, but in none of its objects." };
    return inPiece(piece, removal(document, steps));
  }
  // What a file begins with, a licence for instance, is not about its first document alone if a blank line follows.
  const kept =
    piece.index === 0 ? (/^(?:[ \t]*#.*\r?\n)+(?=[ \t]*\r?\n)/.exec(piece.text)?.[0].length ?? 0) : 0;
  const change = { start: kept, end: piece.text.length, text: "" };
  return { pieceEdits: [{ piece, changes: [change], effect: "removed" }] };
}

function tabsPlan({ pieces }: EditedText): EditPlan | Refusal {
  const broken = pieces.filter(
    (piece) => !piece.json && /^ *(?:- +)*-?\t/m.test(piece.text) && piece.values() === undefined,
  );
  const pieceEdits: PieceEdit[] = [];
  let refusal: Refusal = { why: "No document is indented with tabs that make it unreadable." };
  for (const piece of broken) {
    const spaced = withoutTabs(piece.text);
    if (isRefusal(spaced)) refusal = spaced;
    else {
      const change = { start: 0, end: piece.text.length, text: spaced.text };
      pieceEdits.push({ piece, changes: [change], effect: "without-tabs" });
    }
  }
  return pieceEdits.length === 0 ? refusal : { pieceEdits };
}

function appendPlan({ text, pieces }: EditedText, value: unknown): EditPlan | Refusal {
  const last = pieces.findLast(({ text: piece }) => !/^\s*$/.test(piece));
  if (last?.json === true) {
    const document = last.document();
    const items = document === undefined ? undefined : itemsOf(document);
    if (pieces.length === 1 && items !== undefined && document !== undefined) {
      return inPiece(last, planEdit(document, { kind: "add-item", at: NOWHERE, value }, items));
    }
  }
  const known = last === undefined ? undefined : { json: last.json, style: last.document()?.style };
  return { appended: appendedText(text, value, known), value };
}

const NOWHERE: Position = { file: "", line: 0, column: 0 };

/** Where the list of the objects of a List begins. */
function itemsOf({ root }: EditedDocument): number | undefined {
  if (root.kind !== "map") return undefined;
  return root.fields.find(({ name, value }) => name === "items" && value.kind === "list")?.value.start;
}
