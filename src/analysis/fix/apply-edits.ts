import type { FieldEdit } from "../../k8s/fix.ts";
import {
  type EditedPiece,
  type EditedText,
  type EditPlan,
  editedText,
  type PieceEdit,
  planFor,
} from "./edited-text.ts";
import { expectedValue, isSameValue } from "./expected-value.ts";
import { isRefusal } from "./plan.ts";
import { changedText, settle, type TextChange } from "./text-change.ts";
import { piecesOf, readPiece } from "./text-pieces.ts";

/** What became of the edits of a text. */
export interface EditedResult {
  /** The text with the edits that could be made; everything else in it is the same, character by character. */
  readonly text: string;
  readonly applied: readonly FieldEdit[];
  readonly refused: readonly { readonly edit: FieldEdit; readonly why: string }[];
}

/**
 * Makes edits in the text of one file, YAML or JSON; their places are those of the text as it is given. Each edit is made
 * for itself. One is refused if its place is not found, if it changes the same characters as one before it, or if
 * the text would then not hold exactly the values that the edits ask for.
 */
export function applyEdits(text: string, edits: readonly FieldEdit[]): EditedResult {
  const result = applyEditGroups(
    text,
    edits.map((edit) => [edit]),
  );
  const applied: FieldEdit[] = [];
  const refused: { readonly edit: FieldEdit; readonly why: string }[] = [];
  for (const [index, edit] of edits.entries()) {
    const why = result.refused.get(index);
    if (why === undefined) applied.push(edit);
    else refused.push({ edit, why });
  }
  return { text: result.text, applied, refused };
}

/** What became of groups of edits. */
export interface EditedGroups {
  readonly text: string;
  /** Why a group was refused, by its number. */
  readonly refused: ReadonlyMap<number, string>;
}

/** As {@link applyEdits}, of edits that are made together or not at all. */
export function applyEditGroups(text: string, groups: readonly (readonly FieldEdit[])[]): EditedGroups {
  const mark = text.charCodeAt(0) === 0xfeff ? text.charAt(0) : "";
  const edited = editedText(text.slice(mark.length));
  const refused = new Map<number, string>();
  const candidates = withoutConflicts(edited, groups, refused);
  const accepted = accept(edited, [], candidates, refused);
  return { text: mark + textAfter(edited, accepted), refused };
}

/** A group whose edits all have a place. */
interface Candidate {
  readonly group: number;
  readonly pieceEdits: readonly PieceEdit[];
  readonly appended: readonly Extract<EditPlan, { readonly appended: string }>[];
}

function withoutConflicts(
  edited: EditedText,
  groups: readonly (readonly FieldEdit[])[],
  refused: Map<number, string>,
): readonly Candidate[] {
  const candidates: Candidate[] = [];
  const known = new Set<string>();
  const taken = new Map<EditedPiece, TextChange[]>();
  for (const [group, edits] of groups.entries()) {
    // Two findings may ask for the very same.
    const own = new Map(edits.map((edit) => [JSON.stringify(edit), edit]));
    const plans: EditPlan[] = [];
    for (const [key, edit] of own) {
      if (known.has(key)) continue;
      const plan = planFor(edited, edit);
      if (isRefusal(plan)) {
        refused.set(group, plan.why);
        break;
      }
      plans.push(plan);
    }
    if (refused.has(group)) continue;
    const pieceEdits = plans.flatMap((plan) => ("pieceEdits" in plan ? plan.pieceEdits : []));
    if (!settleAll(taken, pieceEdits)) {
      refused.set(group, "Another fix changes the same lines: run it again.");
      continue;
    }
    for (const key of own.keys()) known.add(key);
    candidates.push({
      group,
      pieceEdits,
      appended: plans.flatMap((plan) => ("appended" in plan ? [plan] : [])),
    });
  }
  return candidates;
}

/** Settles on the changes of all the edits or, where one stands in the way of another, of none. */
function settleAll(taken: Map<EditedPiece, TextChange[]>, pieceEdits: readonly PieceEdit[]): boolean {
  const done: { readonly settled: TextChange[]; readonly change: TextChange }[] = [];
  for (const { piece, changes } of pieceEdits) {
    const settled = taken.get(piece) ?? [];
    taken.set(piece, settled);
    for (const change of changes) {
      if (!settle(settled, change)) {
        for (const undone of done) undone.settled.splice(undone.settled.indexOf(undone.change), 1);
        return false;
      }
      done.push({ settled, change });
    }
  }
  return true;
}

/** Adds those candidates to `base` with which the text holds what it should; halves them to find the others. */
function accept(
  edited: EditedText,
  base: readonly Candidate[],
  candidates: readonly Candidate[],
  refused: Map<number, string>,
): readonly Candidate[] {
  if (candidates.length === 0) return base;
  const together = [...base, ...candidates];
  if (holds(edited, together, candidates)) return together;
  if (candidates.length === 1) {
    refused.set(candidates[0]!.group, "The text would not mean what it should afterwards.");
    return base;
  }
  const half = candidates.length >> 1;
  const withFirst = accept(edited, base, candidates.slice(0, half), refused);
  return accept(edited, withFirst, candidates.slice(half), refused);
}

/** True if the pieces that `added` touches hold what they should after all of `together`. */
function holds(edited: EditedText, together: readonly Candidate[], added: readonly Candidate[]): boolean {
  const touched = new Set(added.flatMap(({ pieceEdits }) => pieceEdits.map(({ piece }) => piece)));
  const edits = editsByPiece(together);
  for (const piece of touched) if (!pieceHolds(edited, piece, edits.get(piece)!)) return false;
  return added.every(({ appended }) => appended.length === 0) || appendedHolds(edited, together, edits);
}

type EditsByPiece = ReadonlyMap<EditedPiece, readonly PieceEdit[]>;

function editsByPiece(candidates: readonly Candidate[]): EditsByPiece {
  const edits = new Map<EditedPiece, PieceEdit[]>();
  for (const { pieceEdits } of candidates) {
    for (const edit of pieceEdits) {
      const list = edits.get(edit.piece);
      if (list === undefined) edits.set(edit.piece, [edit]);
      else list.push(edit);
    }
  }
  return edits;
}

function pieceHolds({ pieces }: EditedText, piece: EditedPiece, edits: readonly PieceEdit[]): boolean {
  const text = textOf(piece, edits);
  const effects = edits.map(({ effect }) => effect);
  // The piece after it must begin where it did.
  const isLast = piece === pieces.at(-1);
  if (!isLast && text !== "" && !piece.json && !text.endsWith("\n")) return false;
  const values = readPiece(text);
  if (effects.includes("removed")) return edits.length === 1 && values?.length === 0;
  const [after, ...others] = piecesOf(text);
  if (piece.json && after?.json !== true) return false;
  if (others.length > 0 || values?.length !== 1) return false;
  if (effects.includes("without-tabs")) return edits.length === 1;
  const root = piece.document()?.root;
  if (root === undefined) return false;
  const inner = effects.flatMap((effect) => (typeof effect === "string" ? [] : [effect]));
  const expected = expectedValue(piece.values()?.[0], root, inner);
  return expected !== undefined && isSameValue(values[0], expected.value);
}

function textOf(piece: EditedPiece, edits: readonly PieceEdit[] = []): string {
  return changedText(
    piece.text,
    edits.flatMap(({ changes }) => changes),
  );
}

/** True if the last piece holds the same when something follows it, and each appended document is what was asked for. */
function appendedHolds(
  { text, pieces }: EditedText,
  together: readonly Candidate[],
  edits: EditsByPiece,
): boolean {
  const plans = together.flatMap(({ appended }) => appended);
  const last = pieces.at(-1)!;
  const lastText = textOf(last, edits.get(last));
  const joint = text === "" || text.endsWith("\n") ? "" : "\n";
  return (
    isSameValue(readPiece(lastText + joint), readPiece(lastText)) &&
    plans.every(({ appended, value }) => isSameValue(readPiece(appended), [value]))
  );
}

function textAfter(edited: EditedText, accepted: readonly Candidate[]): string {
  const edits = editsByPiece(accepted);
  const body = edited.pieces.map((piece) => textOf(piece, edits.get(piece))).join("");
  const [first, ...others] = accepted.flatMap(({ appended }) => appended);
  if (first === undefined) return body;
  // Only the first one has to end the line before it.
  return body + first.appended + others.map(({ appended }) => appended.replace(/^\r?\n/, "")).join("");
}
