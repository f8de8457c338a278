import { copyOf } from "./intern.ts";
import { MAX_DEPTH } from "./nesting.ts";
import { keyText, resolvePlainScalar } from "./yaml-scalar.ts";

/** Says that a text has to be read by the full parser. */
export const NOT_PLAIN: unique symbol = Symbol("not plain");

/**
 * Reads the YAML that programs such as kubectl print: block mappings and lists of one-line scalars in ASCII, and
 * literal blocks. Many times as fast as the full parser. At anything else, however harmless, and at anything that may be wrong, it
 * gives up with {@link NOT_PLAIN}: what it does return is what the full parser returns, without a problem.
 */
export function readPlainYaml(text: string): unknown {
  const reader: PlainReader = { text, at: 0, column: 0 };
  if (text.startsWith("---\n")) reader.at = 3;
  else reader.at = -1;
  nextLine(reader);
  if (reader.column !== 0 && !isDash(reader)) return NOT_PLAIN;
  const value = readBlock(reader, 0);
  return reader.column < 0 ? value : NOT_PLAIN;
}

/** A text that is being read, and how far. */
export interface PlainReader {
  readonly text: string;
  /** Within a line; between two values, where the next line has its first character that is no space. */
  at: number;
  /** The column of that character, from 0; -1 at the end of the text. */
  column: number;
}

const FEED = 10;
const SPACE = 32;
const DASH = 45;
const COLON = 58;
const HASH = 35;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const BACKSLASH = 92;

/** Characters that may stand in an unquoted scalar here, and those that may begin one. */
const INNER = 1;
const FIRST = 2;
const CHARACTERS = new Uint8Array(128);
for (let code = 33; code < 127; code++) CHARACTERS[code] = INNER;
for (const c of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+~$(=^") {
  CHARACTERS[c.charCodeAt(0)] = FIRST;
}

/** From the end of a line to the first character of the next one that has any. */
export function nextLine(reader: PlainReader): void {
  const { text } = reader;
  let at = reader.at + 1;
  for (;;) {
    const start = at;
    while (text.charCodeAt(at) === SPACE) at++;
    if (at >= text.length) {
      reader.at = at;
      reader.column = -1;
      return;
    }
    if (text.charCodeAt(at) !== FEED) {
      reader.at = at;
      reader.column = at - start;
      return;
    }
    at++;
  }
}

export function isLineEnd(code: number): boolean {
  // At the end of the text there is no code.
  return code === FEED || Number.isNaN(code);
}

/** True if a list item begins here. */
export function isDash({ text, at }: PlainReader): boolean {
  return text.charCodeAt(at) === DASH && text.charCodeAt(at + 1) === SPACE;
}

function readBlock(reader: PlainReader, depth: number): unknown {
  if (depth > MAX_DEPTH / 2) return NOT_PLAIN;
  return isDash(reader)
    ? readList(reader, reader.column, depth)
    : readMapping(reader, reader.column, readKey(reader), depth);
}

function readMapping(
  reader: PlainReader,
  column: number,
  firstKey: string | undefined,
  depth: number,
): unknown {
  const object: Record<string, unknown> = {};
  for (let key = firstKey; key !== undefined; key = readKey(reader)) {
    // Also true for what every object has, `__proto__` above all.
    if (object[key] !== undefined) return NOT_PLAIN;
    const value = readFieldValue(reader, column, depth);
    if (value === NOT_PLAIN) return NOT_PLAIN;
    object[key] = value;
    if (reader.column < column) return object;
    if (reader.column > column) return NOT_PLAIN;
  }
  return NOT_PLAIN;
}

function readFieldValue(reader: PlainReader, column: number, depth: number): unknown {
  const { text } = reader;
  while (text.charCodeAt(reader.at) === SPACE) reader.at++;
  if (!isLineEnd(text.charCodeAt(reader.at))) return readLastOfLine(reader, column);
  nextLine(reader);
  if (reader.column > column) return readBlock(reader, depth + 1);
  return reader.column === column && isDash(reader) ? readList(reader, column, depth + 1) : null;
}

function readList(reader: PlainReader, column: number, depth: number): unknown {
  const { text } = reader;
  const items: unknown[] = [];
  do {
    const dash = reader.at++;
    while (text.charCodeAt(reader.at) === SPACE) reader.at++;
    if (isLineEnd(text.charCodeAt(reader.at))) return NOT_PLAIN;
    const item = readItem(reader, column, column + reader.at - dash, depth + 1);
    if (item === NOT_PLAIN || reader.column > column) return NOT_PLAIN;
    items.push(item);
  } while (reader.column === column && isDash(reader));
  return items;
}

function readItem(reader: PlainReader, dashColumn: number, column: number, depth: number): unknown {
  if (depth > MAX_DEPTH / 2) return NOT_PLAIN;
  if (isDash(reader)) return readList(reader, column, depth);
  const start = reader.at;
  const key = readKey(reader);
  if (key !== undefined) return readMapping(reader, column, key, depth);
  reader.at = start;
  return readLastOfLine(reader, dashColumn);
}

/** Reads a scalar and goes to the next line, which must not be indented more than what the scalar belongs to. */
function readLastOfLine(reader: PlainReader, column: number): unknown {
  const value = readScalar(reader, column);
  if (value === NOT_PLAIN || !isLineEnd(reader.text.charCodeAt(reader.at))) return NOT_PLAIN;
  nextLine(reader);
  return reader.column > column ? NOT_PLAIN : value;
}

function readScalar(reader: PlainReader, column: number): unknown {
  const { text, at } = reader;
  const code = text.charCodeAt(at);
  switch (code) {
    case DOUBLE_QUOTE:
      return readDoubleQuoted(reader);
    case SINGLE_QUOTE:
      return readSingleQuoted(reader);
    case 123: // {}
    case 91: // []
      if (text.charCodeAt(at + 1) !== code + 2) return NOT_PLAIN;
      reader.at = at + 2;
      return code === 91 ? [] : {};
    case 124: // |
      return readLiteral(reader, column);
    case DASH:
      return CHARACTERS[text.charCodeAt(at + 1)] === FIRST ? readUnquoted(reader) : NOT_PLAIN;
    default:
      return CHARACTERS[code] === FIRST ? readUnquoted(reader) : NOT_PLAIN;
  }
}

function readUnquoted(reader: PlainReader): unknown {
  const { text, at: start } = reader;
  let at = start + 1;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (CHARACTERS[code]! > 0) {
      if (code !== COLON) continue;
      const after = text.charCodeAt(at + 1);
      if (after === SPACE || isLineEnd(after)) return NOT_PLAIN;
    } else if (code === SPACE) {
      const after = text.charCodeAt(at + 1);
      if (after === HASH || isLineEnd(after)) return NOT_PLAIN;
    } else {
      break;
    }
  }
  reader.at = at;
  return resolvePlainScalar(text.slice(start, at));
}

function readDoubleQuoted(reader: PlainReader): unknown {
  const { text, at: start } = reader;
  let escaped = false;
  for (let at = start + 1; ; at++) {
    const code = text.charCodeAt(at);
    if (code === DOUBLE_QUOTE) {
      reader.at = at + 1;
      return escaped ? JSON.parse(text.slice(start, at + 1)) : text.slice(start + 1, at);
    }
    // These escapes mean the same in JSON.
    if (code === BACKSLASH) {
      escaped = true;
      const letter = text.charCodeAt(++at);
      if (letter !== DOUBLE_QUOTE && letter !== BACKSLASH && letter !== 110 && letter !== 116)
        return NOT_PLAIN;
    } else if (!(code >= SPACE && code < 127)) {
      return NOT_PLAIN;
    }
  }
}

function readSingleQuoted(reader: PlainReader): unknown {
  const { text, at: start } = reader;
  let doubled = false;
  for (let at = start + 1; ; at++) {
    const code = text.charCodeAt(at);
    if (code === SINGLE_QUOTE) {
      if (text.charCodeAt(at + 1) !== SINGLE_QUOTE) {
        reader.at = at + 1;
        const inner = text.slice(start + 1, at);
        return doubled ? inner.replaceAll("''", "'") : inner;
      }
      doubled = true;
      at++;
    } else if (!(code >= SPACE && code < 127)) {
      return NOT_PLAIN;
    }
  }
}

/** Reads `|` or `|-` and the lines after it that are indented more than `column`. Stops at the end of the last. */
function readLiteral(reader: PlainReader, column: number): unknown {
  const { text } = reader;
  const strips = text.charCodeAt(reader.at + 1) === DASH;
  let at = reader.at + (strips ? 2 : 1);
  if (text.charCodeAt(at) !== FEED) return NOT_PLAIN;
  let value = "";
  let indent = -1;
  for (;;) {
    const line = at + 1;
    let start = line;
    while (text.charCodeAt(start) === SPACE) start++;
    const spaces = start - line;
    if (indent < 0) indent = spaces;
    if (indent <= column) return NOT_PLAIN;
    const code = text.charCodeAt(start);
    // Empty lines count or not by what comes after them.
    if (isLineEnd(code)) return NOT_PLAIN;
    if (spaces < indent) break;
    let end = start;
    for (let c = code; c !== FEED; c = text.charCodeAt(++end)) if (!(c >= SPACE && c < 127)) return NOT_PLAIN;
    value += text.slice(line + indent, end + 1);
    at = end;
    if (end + 1 >= text.length) break;
  }
  reader.at = at;
  return strips ? value.slice(0, -1) : value;
}

/** Keys that were read before, by a hash: to compare with one is faster than to make another. */
const KEYS: { readonly written: string; readonly key: string }[] = [];
const KEY_SLOTS = 8192;

/** Reads a key with its colon. Undefined if there is none here, or none that is plain. */
export function readKey(reader: PlainReader): string | undefined {
  const { text, at: start } = reader;
  const first = text.charCodeAt(start);
  if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) return readQuotedKey(reader, first);
  if (CHARACTERS[first] !== FIRST) return undefined;
  let hash = first;
  let at = start + 1;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (!(CHARACTERS[code]! > 0)) return undefined;
    if (code === COLON) {
      const after = text.charCodeAt(at + 1);
      if (after === SPACE || isLineEnd(after)) break;
    }
    hash = (Math.imul(hash, 31) + code) | 0;
  }
  // Longer ones must not be keys without a question mark.
  if (at - start > 1000) return undefined;
  reader.at = at + 1;
  const slot = (hash ^ (hash >>> 13)) & (KEY_SLOTS - 1);
  const known = KEYS[slot];
  if (known !== undefined && known.written.length === at - start && text.startsWith(known.written, start)) {
    return known.key;
  }
  const written = text.slice(start, at);
  const key = keyText(resolvePlainScalar(written));
  // No parts of the text are kept: they would keep all of it.
  if (key !== undefined && key.length < 40) KEYS[slot] = { written: copyOf(written), key: copyOf(key) };
  return key;
}

function readQuotedKey(reader: PlainReader, quote: number): string | undefined {
  const { text } = reader;
  const start = reader.at;
  const key = quote === DOUBLE_QUOTE ? readDoubleQuoted(reader) : readSingleQuoted(reader);
  if (typeof key !== "string" || reader.at - start > 1000) return undefined;
  if (text.charCodeAt(reader.at) !== COLON) return undefined;
  const after = text.charCodeAt(++reader.at);
  return after === SPACE || isLineEnd(after) ? key : undefined;
}
