/**
 * What is written where in one document: the values as a tree, each with its place in the text. Offsets are UTF-16 code
 * units from the start of the document's text.
 */
export type TextNode = ScalarText | AliasText | MapText | ListText;

interface Written {
  /** Where the value begins: its first character, bracket, key or dash. */
  readonly start: number;
  /** After its last character that is no space, line end or comment. */
  readonly end: number;
  /** Where `Origin.position` says that it is: as `start`, but for an empty value where its key or its dash is. */
  readonly place: number;
  /** The name of the anchor before it. */
  readonly anchor?: string;
  /** True if a tag stands before it, such as `!!str`. */
  readonly tagged: boolean;
}

/** How a scalar is written. `block` is one behind `|` or `>`, `empty` one of which there is nothing. */
export type ScalarStyle = "plain" | "single" | "double" | "block" | "empty";

export interface ScalarText extends Written {
  readonly kind: "scalar";
  readonly style: ScalarStyle;
}

export interface AliasText extends Written {
  readonly kind: "alias";
  readonly name: string;
}

export interface MapText extends Written {
  readonly kind: "map";
  /** True if it is written in braces. */
  readonly flow: boolean;
  readonly fields: readonly FieldText[];
}

/** A key and its value. It begins at its key and ends where its value does. */
export interface FieldText {
  readonly key: ScalarText;
  /** The key as it is read; undefined for `<<` and for a key that is written in a way that is not edited. */
  readonly name: string | undefined;
  /** After the colon. */
  readonly colonEnd: number;
  readonly value: TextNode;
  readonly start: number;
  readonly end: number;
}

export interface ListText extends Written {
  readonly kind: "list";
  /** True if it is written in brackets. */
  readonly flow: boolean;
  readonly items: readonly ItemText[];
}

/** An item of a list. It begins at its dash, if it has one, and ends where its value does. */
export interface ItemText {
  readonly value: TextNode;
  readonly start: number;
  readonly end: number;
}

/** A step from a value to one inside it. */
export type Step =
  | { readonly parent: MapText; readonly index: number }
  | { readonly parent: ListText; readonly index: number };

/** A value and the steps that lead to it from the document's own. */
export interface FoundNode {
  readonly node: TextNode;
  readonly steps: readonly Step[];
}

/** All values whose place is `offset`, outer ones first: a mapping begins where its first key does. */
export function valuesAt(root: TextNode, offset: number): readonly FoundNode[] {
  const found: FoundNode[] = [];
  visitAround(root, offset, [], (node, steps) => {
    if (node.place === offset) found.push({ node, steps });
  });
  return found;
}

/** The field whose key begins at `offset`: its mapping is `steps.at(-1).parent`. */
export function fieldAt(root: TextNode, offset: number): readonly Step[] | undefined {
  let found: readonly Step[] | undefined;
  visitAround(root, offset, [], (node, steps) => {
    if (node.kind !== "map") return;
    const index = node.fields.findIndex(({ start }) => start === offset);
    if (index >= 0) found = [...steps, { parent: node, index }];
  });
  return found;
}

/** Visits the values that `offset` lies in or at, outer ones first. */
export function visitAround(
  node: TextNode,
  offset: number,
  steps: readonly Step[],
  visit: (node: TextNode, steps: readonly Step[]) => void,
): void {
  visit(node, steps);
  if (node.kind === "map") {
    for (const [index, { start, end, value }] of node.fields.entries()) {
      if (start <= offset && offset <= end)
        visitAround(value, offset, [...steps, { parent: node, index }], visit);
    }
  } else if (node.kind === "list") {
    for (const [index, { start, end, value }] of node.items.entries()) {
      if (start <= offset && offset <= end)
        visitAround(value, offset, [...steps, { parent: node, index }], visit);
    }
  }
}

/** Visits a value and all in it. */
export function visitAll(node: TextNode, visit: (node: TextNode) => void): void {
  visit(node);
  if (node.kind === "map") for (const { value } of node.fields) visitAll(value, visit);
  else if (node.kind === "list") for (const { value } of node.items) visitAll(value, visit);
}

/** The names of the aliases in a value. */
export function aliasesIn(root: TextNode): ReadonlySet<string> {
  const names = new Set<string>();
  visitAll(root, (node) => {
    if (node.kind === "alias") names.add(node.name);
  });
  return names;
}
