import { isShortEscape, stringEnd, wordEnd } from "./json-tokens.ts";
import { MAX_DEPTH } from "./nesting.ts";
import type { Units } from "./source-text.ts";
import { isUnreadField } from "./unread-fields.ts";

/** Where a value is in a JSON text, and what to know before it is parsed. */
export interface JsonSpan {
  readonly start: number;
  readonly end: number;
  /** True if an object in it may have a key twice. */
  readonly suspect: boolean;
  /** Start and end of the contents of the lists and objects that nobody reads: they may be left out. */
  readonly unread: readonly number[];
}

/** One of the values of a text. */
export interface JsonOutline {
  readonly start: number;
  readonly end: number;
  /** True if an object in it, but not in one of `items`, may have a key twice. */
  readonly suspect: boolean;
  /** As in a {@link JsonSpan}; of an object with items, those of the items are there with them. */
  readonly unread: readonly number[];
  /** What is in the list `items`, and the start and end of what is between its brackets; undefined without one. */
  readonly items: readonly JsonSpan[] | undefined;
  readonly itemsStart: number;
  readonly itemsEnd: number;
}

/** With more keys in one object than these, comparing each with each takes too long here. */
const MANY_KEYS = 256;

/**
 * Finds the objects and lists that follow each other in a JSON text, and in each the items of its list `items`, without
 * reading any. Undefined if there is anything that `JSON.parse` refuses, or nesting that is too deep: whoever
 * reads on from here can rely on that. One pass over the units without recursion, as the text may be all of a cluster;
 * the loops over white space are spelt out, as that is 1.6 times as fast as a function of its own.
 */
export function outlineJson(units: Units): readonly JsonOutline[] | undefined {
  const { length } = units;
  const values: JsonOutline[] = [];
  const isList = new Uint8Array(MAX_DEPTH + 2);
  const firstKeys = new Int32Array(MAX_DEPTH + 2);
  let keyHashes = new Int32Array(4096);
  let keyStarts = new Float64Array(4096);
  let keys = 0;
  let depth = 0;
  let at = 0;

  let start = 0;
  let suspect = false;
  let headSuspect = false;
  let items: JsonSpan[] | undefined;
  let itemsStart = -1;
  let itemsEnd = -1;
  let inItems = false;
  let itemStart = -1;
  let unread: number[] = [];
  let headUnread = unread;
  /** The depth of the list or object that nobody reads and that holds what is read now; 0 if there is none. */
  let unreadDepth = 0;
  let unreadNext = false;

  for (;;) {
    // A value begins here, after space.
    let unit = 0;
    for (; at < length; at++) {
      unit = units[at]!;
      if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) break;
    }
    if (at >= length) return depth === 0 ? values : undefined;
    if (depth === 0) {
      if (unit !== 123 && unit !== 91) return undefined;
      start = at;
      suspect = false;
      headUnread = unread = [];
      items = undefined;
      inItems = false;
      itemsStart = -1;
    } else if (inItems && depth === 2 && itemStart < 0) {
      itemStart = at;
      unread = [];
      headSuspect = suspect;
      suspect = false;
    }
    let opened = false;
    if (unit === 34) {
      at = stringEnd(units, at);
      if (at < 0) return undefined;
    } else if (unit === 123 || unit === 91) {
      if (++depth > MAX_DEPTH) return undefined;
      at++;
      isList[depth] = unit === 91 ? 1 : 0;
      firstKeys[depth] = keys;
      if (unreadNext) {
        unreadDepth = depth;
        unread.push(at);
      }
      opened = true;
    } else {
      at = wordEnd(units, at);
      if (at < 0) return undefined;
    }
    unreadNext = false;

    // After a value, or after the bracket that opens one: a comma, closing brackets, or the first entry.
    for (;;) {
      for (; at < length; at++) {
        unit = units[at]!;
        if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) break;
      }
      if (depth === 0) break;
      if (at >= length) return undefined;
      const list = isList[depth] === 1;
      if (unit === (list ? 93 : 125)) {
        if (!opened && inItems && depth === 2 && itemStart >= 0) {
          items!.push({ start: itemStart, end: lastEnd(units, at), suspect, unread });
          suspect = headSuspect;
          unread = headUnread;
          itemStart = -1;
        }
        if (inItems && depth === 2) {
          inItems = false;
          itemsEnd = at;
        }
        if (unreadDepth === depth) {
          unreadDepth = 0;
          unread.push(at);
        }
        keys = firstKeys[depth]!;
        depth--;
        at++;
        opened = false;
        if (depth > 0) continue;
        values.push({ start, end: at, suspect, unread, items, itemsStart, itemsEnd });
        break;
      }
      if (!opened) {
        if (unit !== 44) return undefined;
        if (inItems && depth === 2) {
          items!.push({ start: itemStart, end: lastEnd(units, at), suspect, unread });
          suspect = headSuspect;
          unread = headUnread;
          itemStart = -1;
        }
        at++;
        for (; at < length; at++) {
          unit = units[at]!;
          if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) break;
        }
        if (at >= length) return undefined;
      }
      opened = false;
      if (list) break;

      // A key.
      if (unit !== 34) return undefined;
      const keyStart = at + 1;
      let hash = 0;
      for (at = keyStart; ; at++) {
        unit = units[at]!;
        if (unit === 34) break;
        // Beyond the end there is no unit, and no comparison holds.
        if (!(unit >= 32)) return undefined;
        if (unit === 92) {
          unit = units[++at]!;
          if (unit === 117 || unit === 47) {
            // The one way in which a key can be written differently and still be the same.
            suspect = true;
            at = stringEnd(units, keyStart - 1) - 1;
            if (at < 0) return undefined;
            break;
          }
          if (!isShortEscape(unit)) return undefined;
          hash = (Math.imul(hash, 31) + 92) | 0;
        }
        hash = (Math.imul(hash, 31) + unit) | 0;
      }
      const keyEnd = at++;
      for (; at < length; at++) {
        unit = units[at]!;
        if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) break;
      }
      if (unit !== 58 || at >= length) return undefined;
      at++;
      const first = firstKeys[depth]!;
      if (keys - first >= MANY_KEYS) suspect = true;
      else {
        for (let i = first; i < keys; i++) {
          if (keyHashes[i] === hash && sameKey(units, keyStarts[i]!, keyStart, keyEnd)) suspect = true;
        }
        if (keys === keyHashes.length) {
          keyHashes = grown(keyHashes, new Int32Array(keys * 2));
          keyStarts = grown(keyStarts, new Float64Array(keys * 2));
        }
        keyHashes[keys] = hash;
        keyStarts[keys++] = keyStart;
      }
      for (; at < length; at++) {
        unit = units[at]!;
        if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) break;
      }
      if (at >= length) return undefined;
      if (unit === 91 || unit === 123) {
        if (depth === 1 && unit === 91 && keyEnd - keyStart === 5 && isItems(units, keyStart)) {
          // A second list of items makes the object suspect.
          items = [];
          inItems = true;
          itemsStart = at + 1;
          itemStart = -1;
        } else if (unreadDepth === 0) {
          unreadNext = isUnreadField(units, keyStart, keyEnd, hash);
        }
      }
      break;
    }
    if (depth === 0 && at >= length) return values;
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** The offset after the last unit before `at` that is no space. */
function lastEnd(units: Units, at: number): number {
  let end = at;
  for (; ; end--) {
    const unit = units[end - 1];
    if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) return end;
  }
}

function isItems(units: Units, start: number): boolean {
  return (
    units[start] === 105 &&
    units[start + 1] === 116 &&
    units[start + 2] === 101 &&
    units[start + 3] === 109 &&
    units[start + 4] === 115
  );
}

function sameKey(units: Units, one: number, other: number, otherEnd: number): boolean {
  const length = otherEnd - other;
  for (let i = 0; i < length; i++) if (units[one + i] !== units[other + i]) return false;
  return units[one + length] === 34;
}
