import type { FieldPath } from "./location.ts";
import { MAX_DEPTH, TOO_DEEP } from "./nesting.ts";
import {
  closeNode,
  newPositionTree,
  openNode,
  type PositionTree,
  type PositionTreeBuilder,
} from "./position-tree.ts";

/** A key that an object has twice: where the second is, and the way to it. */
export interface JsonDuplicate {
  readonly offset: number;
  readonly path: FieldPath;
}

/** What a JSON text holds. `text.slice(start, end)` is what `JSON.parse` understands. */
export interface JsonScan {
  readonly start: number;
  readonly end: number;
  readonly tree: PositionTree;
  readonly duplicates: readonly JsonDuplicate[];
}

/** Where a JSON text is faulty, or where the value ends that begins at or after `from`. */
export function findJsonFault(
  text: string,
  from: number,
): JsonFault | { readonly start: number; readonly end: number } {
  return scan(text, from, undefined);
}

/** Why a text is not JSON (RFC 8259), and where. */
export interface JsonFault {
  readonly offset: number;
  readonly message: string;
  readonly help?: string;
}

class FaultAt extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault.message);
    this.fault = fault;
  }
}

interface Scanner {
  readonly text: string;
  readonly tree: PositionTreeBuilder | undefined;
  readonly duplicates: JsonDuplicate[];
  readonly path: (string | number)[];
  at: number;
}

/** Reads one JSON value that begins at or after `from`, with the place of everything in it. */
export function scanJson(text: string, from: number): JsonScan | JsonFault {
  const tree = newPositionTree();
  const found = scan(text, from, tree);
  return "message" in found ? found : { ...found, tree };
}

function scan(
  text: string,
  from: number,
  tree: PositionTreeBuilder | undefined,
): Omit<JsonScan, "tree"> | JsonFault {
  const scanner: Scanner = { text, tree, duplicates: [], path: [], at: from };
  skipSpace(scanner);
  const start = scanner.at;
  try {
    scanValue(scanner, undefined, undefined);
  } catch (error) {
    if (error instanceof FaultAt) return error.fault;
    throw error;
  }
  return { start, end: scanner.at, duplicates: scanner.duplicates };
}

/** The offset of the first character from `from` on that is not JSON's white space. */
export function skipJsonSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at;
    at++;
  }
}

function skipSpace(scanner: Scanner): void {
  scanner.at = skipJsonSpace(scanner.text, scanner.at);
}

function fail(offset: number, message: string, help?: string): never {
  throw new FaultAt(help === undefined ? { offset, message } : { offset, message, help });
}

function scanValue(scanner: Scanner, key: string | undefined, keyOffset: number | undefined): void {
  const { text, tree } = scanner;
  const offset = scanner.at;
  const first = text.charAt(offset);
  const node = tree === undefined ? 0 : openNode(tree, key, keyOffset ?? offset, offset, first === "[");
  if (scanner.path.length >= MAX_DEPTH && (first === "{" || first === "[")) fail(offset, TOO_DEEP);
  if (first === "{") scanObject(scanner);
  else if (first === "[") scanArray(scanner);
  else if (first === '"') scanString(scanner);
  else {
    scanWord(scanner);
    if (tree !== undefined) tree.textEnds[node] = scanner.at;
  }
  if (tree !== undefined) closeNode(tree, node);
}

function scanObject(scanner: Scanner): void {
  const { text } = scanner;
  const opened = scanner.at++;
  const seen = new Set<string>();
  skipSpace(scanner);
  if (text.charAt(scanner.at) === "}") {
    scanner.at++;
    return;
  }
  for (;;) {
    const keyOffset = scanner.at;
    if (text.charAt(keyOffset) !== '"') missingKey(scanner, opened);
    const key = scanString(scanner);
    skipSpace(scanner);
    if (text.charAt(scanner.at) !== ":") {
      fail(scanner.at, `There is no colon after the key ${JSON.stringify(key)}.`, "Write a colon.");
    }
    scanner.at++;
    skipSpace(scanner);
    scanner.path.push(key);
    if (seen.has(key)) scanner.duplicates.push({ offset: keyOffset, path: [...scanner.path] });
    seen.add(key);
    scanValue(scanner, key, keyOffset);
    scanner.path.pop();
    if (!nextEntry(scanner, "}", opened)) return;
  }
}

function missingKey(scanner: Scanner, opened: number): never {
  const { text, at } = scanner;
  if (at >= text.length) fail(opened, "The { that is opened here is never closed.", "Add the missing }.");
  if (text.charAt(at) === "}") {
    fail(lastComma(text, at), "There is a comma after the last entry.", "Remove the comma.");
  }
  fail(at, `A key in double quotes belongs here, not ${shown(text, at)}.`, "Put the key in double quotes.");
}

function scanArray(scanner: Scanner): void {
  const { text } = scanner;
  const opened = scanner.at++;
  skipSpace(scanner);
  if (text.charAt(scanner.at) === "]") {
    scanner.at++;
    return;
  }
  for (let index = 0; ; index++) {
    if (text.charAt(scanner.at) === "]") {
      fail(lastComma(text, scanner.at), "There is a comma after the last item.", "Remove the comma.");
    }
    scanner.path.push(index);
    scanValue(scanner, undefined, undefined);
    scanner.path.pop();
    if (!nextEntry(scanner, "]", opened)) return;
  }
}

/** Steps over the comma to the next entry, or over the closing bracket: then there is none. */
function nextEntry(scanner: Scanner, closing: "}" | "]", opened: number): boolean {
  const { text } = scanner;
  const before = scanner.at;
  skipSpace(scanner);
  const next = text.charAt(scanner.at);
  if (next === closing) {
    scanner.at++;
    return false;
  }
  if (next === ",") {
    scanner.at++;
    skipSpace(scanner);
    return true;
  }
  const bracket = text.charAt(opened);
  if (scanner.at >= text.length) {
    fail(opened, `The ${bracket} that is opened here is never closed.`, `Add the missing ${closing}.`);
  }
  fail(
    next === "}" || next === "]" || next === ":" ? scanner.at : before,
    `A comma or ${closing} belongs here, not ${shown(text, scanner.at)}.`,
    `Add the missing comma or ${closing}.`,
  );
}

function lastComma(text: string, from: number): number {
  return text.lastIndexOf(",", from);
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function scanString(scanner: Scanner): string {
  const { text } = scanner;
  const start = scanner.at;
  let at = start + 1;
  let escaped = false;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 34) break;
    if (code === 92) {
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(text)) {
        fail(at, "The backslash begins no escape that JSON knows.", "Write \\\\ for a backslash.");
      }
      at = ESCAPE.lastIndex;
      escaped = true;
    } else if (code < 32 || Number.isNaN(code)) {
      fail(start, "The text that begins here is not closed on its line.", "Add the missing double quote.");
    } else {
      at++;
    }
  }
  scanner.at = at + 1;
  return escaped ? (JSON.parse(text.slice(start, at + 1)) as string) : text.slice(start + 1, at);
}

const WORD = /(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null)(?![\w.+-])/y;

function scanWord(scanner: Scanner): void {
  const { text, at } = scanner;
  WORD.lastIndex = at;
  if (WORD.test(text)) {
    scanner.at = WORD.lastIndex;
    return;
  }
  if (at >= text.length) fail(Math.max(0, at - 1), "The text ends where a value belongs.");
  fail(at, `${shown(text, at)} is no JSON value.`, "Put text in double quotes.");
}

function shown(text: string, at: number): string {
  if (at >= text.length) return "the end of the text";
  return /^(?:"[^"\n]{0,18}"?|[\w.+-]{1,20}|.)/s.exec(text.slice(at, at + 20))![0];
}
