import type { FieldPath } from "./location.ts";

/**
 * Where everything in a document is. Nodes are numbered in the order of the text, the root is 0; the arrays give
 * facts by number. Plain arrays of numbers, as one document may have millions of nodes. Offsets are into the text
 * that was read.
 */
export interface PositionTree {
  /** Where the value begins; for an empty value, where its key or dash is. */
  readonly offsets: readonly number[];
  /** Where the key begins, or the dash of a list item, or the value itself where there is neither. */
  readonly keyOffsets: readonly number[];
  /** The key in the parent mapping, undefined in lists and at the root. {@link MERGE} for `<<`. */
  readonly keys: readonly (string | typeof MERGE | undefined)[];
  /** The number of the node after this one and everything in it. */
  readonly ends: readonly number[];
  /** What an alias stands for: the number of the anchored node; -1 for other nodes. */
  readonly targets: readonly number[];
  /** 1 for lists, 0 for the rest. */
  readonly lists: readonly number[];
  /** Where the text of a number, boolean or unquoted text ends; -1 for other nodes. */
  readonly textEnds: readonly number[];
}

/** The key of a YAML merge. */
export const MERGE: unique symbol = Symbol("<<");

/** A tree while it is being filled. */
export interface PositionTreeBuilder {
  readonly offsets: number[];
  readonly keyOffsets: number[];
  readonly keys: (string | typeof MERGE | undefined)[];
  readonly ends: number[];
  readonly targets: number[];
  readonly lists: number[];
  readonly textEnds: number[];
}

/** An empty tree to be filled. */
export function newPositionTree(): PositionTreeBuilder {
  return { offsets: [], keyOffsets: [], keys: [], ends: [], targets: [], lists: [], textEnds: [] };
}

/** Appends a node and returns its number. Its end is set by {@link closeNode} once its children are in. */
export function openNode(
  tree: PositionTreeBuilder,
  key: string | typeof MERGE | undefined,
  keyOffset: number,
  offset: number,
  isList: boolean,
): number {
  const node = tree.offsets.length;
  tree.offsets.push(offset);
  tree.keyOffsets.push(keyOffset);
  tree.keys.push(key);
  tree.ends.push(node + 1);
  tree.targets.push(-1);
  tree.lists.push(isList ? 1 : 0);
  tree.textEnds.push(-1);
  return node;
}

/** Says that all children of a node have been appended. */
export function closeNode(tree: PositionTreeBuilder, node: number): void {
  tree.ends[node] = tree.offsets.length;
}

/** The offset of a field, or of its deepest parent that is in the text. */
export function offsetOf(tree: PositionTree, path: FieldPath, part: "key" | "value"): number {
  let node = 0;
  for (const [depth, step] of path.entries()) {
    const child = childOf(tree, node, step);
    if (child === undefined) {
      // The parent is named by its key: that is where the field is missing.
      return depth === 0 ? (tree.offsets[0] ?? 0) : tree.keyOffsets[node]!;
    }
    node = child;
  }
  return (part === "key" ? tree.keyOffsets[node] : tree.offsets[node]) ?? 0;
}

/** Where an unquoted scalar is written, as offsets into the text; undefined if the path leads to none. */
export function textSpanOf(
  tree: PositionTree,
  path: FieldPath,
): { readonly start: number; readonly end: number } | undefined {
  let node: number | undefined = 0;
  for (const step of path) {
    node = childOf(tree, node, step);
    if (node === undefined) return undefined;
  }
  const scalar = tree.targets[node]! >= 0 ? tree.targets[node]! : node;
  const end = tree.textEnds[scalar] ?? -1;
  return end < 0 ? undefined : { start: tree.offsets[scalar]!, end };
}

function childOf(tree: PositionTree, parent: number, step: string | number): number | undefined {
  const node = tree.targets[parent]! >= 0 ? tree.targets[parent]! : parent;
  const end = tree.ends[node]!;
  const isList = tree.lists[node] === 1;
  if (isList !== (typeof step === "number")) return undefined;
  let index = 0;
  let found: number | undefined;
  for (let child = node + 1; child < end; child = tree.ends[child]!) {
    if (isList) {
      if (index++ === step) return child;
    } else if (tree.keys[child] === step) {
      // The last one, as a key that is written twice is reported at its second place.
      found = child;
    }
  }
  return found ?? (isList ? undefined : mergedChildOf(tree, node, step));
}

function mergedChildOf(tree: PositionTree, node: number, step: string | number): number | undefined {
  const end = tree.ends[node]!;
  for (let child = node + 1; child < end; child = tree.ends[child]!) {
    if (tree.keys[child] !== MERGE) continue;
    const source = tree.targets[child]! >= 0 ? tree.targets[child]! : child;
    if (tree.lists[source] === 0) {
      const found = childOf(tree, source, step);
      if (found !== undefined) return found;
    } else {
      for (let item = source + 1; item < tree.ends[source]!; item = tree.ends[item]!) {
        const found = childOf(tree, item, step);
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}
