import type { LineColumn } from "./line-index.ts";

/**
 * A text that is being read: a JavaScript string, or UTF-8 bytes, which may be far longer than a string can be and
 * take half the memory of one that is not plain ASCII. Offsets and lengths count units: UTF-16 code units of a
 * string, bytes of bytes.
 */
export interface SourceText {
  readonly length: number;
  /** The units themselves, for scanners. */
  units(): Units;
  /** The unit at an offset that is below the length. */
  at(offset: number): number;
  /** The offset of a unit from `from` on, or -1. */
  indexOf(unit: number, from: number): number;
  /** A part as a string; at most {@link LONGEST_STRING} units. */
  slice(start: number, end: number): string;
  /** Several parts as one string. `spans` holds the start and the end of each. */
  join(spans: readonly number[]): string;
  /** Where `to` is, if `from` is at `place`. Columns count UTF-16 code units, of bytes too. */
  advance(from: number, to: number, place: LineColumn): LineColumn;
}

/** Code units or bytes. */
export type Units = Uint8Array | Uint16Array;

/** The longest string that V8 holds on 64 bits, in UTF-16 code units. */
export const LONGEST_STRING: number = 2 ** 29 - 24;

/** The text of a string. */
export function stringText(text: string): SourceText {
  let units: Units | undefined;
  return {
    length: text.length,
    units: () => {
      units ??= unitsOf(text);
      return units;
    },
    at: (offset) => text.charCodeAt(offset),
    indexOf: (unit, from) => text.indexOf(String.fromCharCode(unit), from),
    slice: (start, end) => text.slice(start, end),
    join(spans) {
      let joined = "";
      for (let i = 0; i < spans.length; i += 2) joined += text.slice(spans[i], spans[i + 1]);
      return joined;
    },
    advance: (from, to, place) => advanceInString(text, from, to, place),
  };
}

function advanceInString(text: string, from: number, to: number, { line, column }: LineColumn): LineColumn {
  const part = text.slice(from, to);
  let lineNumber = line;
  let lineStart = from - (column - 1);
  if (!part.includes("\r")) {
    for (let at = part.indexOf("\n"); at >= 0; at = part.indexOf("\n", at + 1)) {
      lineNumber++;
      lineStart = from + at + 1;
    }
  } else {
    for (let at = from; at < to; at++) {
      const code = text.charCodeAt(at);
      if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) {
        lineNumber++;
        lineStart = at + 1;
      }
    }
  }
  return { line: lineNumber, column: to - lineStart + 1 };
}

function unitsOf(text: string): Units {
  const bytes = new TextEncoder().encode(text);
  // Only plain ASCII has one byte for each code unit.
  if (bytes.length === text.length) return bytes;
  const units = new Uint16Array(text.length);
  for (let i = 0; i < units.length; i++) units[i] = text.charCodeAt(i);
  return units;
}

/** The text of bytes, which must be UTF-8 without a byte order mark. */
export function bytesText(bytes: Uint8Array): SourceText {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let scratch = new Uint8Array(16_384);
  return {
    length: bytes.length,
    units: () => bytes,
    at: (offset) => bytes[offset]!,
    indexOf: (unit, from) => bytes.indexOf(unit, from),
    slice: (start, end) => decoder.decode(bytes.subarray(start, end)),
    join(spans) {
      let length = 0;
      for (let i = 0; i < spans.length; i += 2) length += spans[i + 1]! - spans[i]!;
      if (length > scratch.length) scratch = new Uint8Array(length * 2);
      let filled = 0;
      for (let i = 0; i < spans.length; i += 2) {
        scratch.set(bytes.subarray(spans[i]!, spans[i + 1]!), filled);
        filled += spans[i + 1]! - spans[i]!;
      }
      return decoder.decode(scratch.subarray(0, filled));
    },
    advance: (from, to, place) => advanceInBytes(bytes, from, to, place),
  };
}

function advanceInBytes(bytes: Uint8Array, from: number, to: number, place: LineColumn): LineColumn {
  let { line, column } = place;
  const part = bytes.subarray(from, to);
  let rest = 0;
  if (!part.includes(13)) {
    for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, rest)) {
      line++;
      column = 1;
      rest = at + 1;
    }
  }
  for (let at = rest; at < part.length; at++) {
    const byte = part[at]!;
    if (byte === 10 || (byte === 13 && bytes[from + at + 1] !== 10)) {
      line++;
      column = 1;
    } else {
      column += (byte & 0xc0) === 0x80 ? 0 : byte >= 0xf0 ? 2 : 1;
    }
  }
  return { line, column };
}

/** Units between two places that are remembered: a place is found by looking at no more than so many. */
const STRIDE = 1024;

/** Finds lines and columns. */
export type FindLineColumn = (offset: number) => LineColumn;

/** Finds lines and columns in a text. It is read once, when first asked. Lines end with LF, CRLF or a lone CR. */
export function lineColumns(text: SourceText): FindLineColumn {
  let lines: Float64Array | undefined;
  let columns: Float64Array | undefined;
  return (offset) => {
    if (lines === undefined || columns === undefined) {
      const count = Math.floor(text.length / STRIDE) + 1;
      lines = new Float64Array(count);
      columns = new Float64Array(count);
      let place = { line: 1, column: 1 };
      for (let block = 0; block < count; block++) {
        lines[block] = place.line;
        columns[block] = place.column;
        place = text.advance(block * STRIDE, Math.min(text.length, (block + 1) * STRIDE), place);
      }
    }
    const block = Math.floor(offset / STRIDE);
    return text.advance(block * STRIDE, Math.min(offset, text.length), {
      line: lines[block]!,
      column: columns[block]!,
    });
  };
}
