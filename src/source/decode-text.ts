import { isUtf8 } from "node:buffer";
import { bytesText, LONGEST_STRING, lineColumns } from "../k8s/source-text.ts";

/** The text of a file, or where and why it is none. Bytes are UTF-8 without a byte order mark. */
export type DecodedText =
  | { readonly text: string | Uint8Array }
  | { readonly text: undefined; readonly line: number; readonly column: number; readonly message: string };

/** From so many bytes on, a text is left in bytes: as a string it would take as much again, and may be too long. */
const LARGE = 2 ** 20;

/**
 * Decodes UTF-8, or UTF-16 where a byte order mark says so, as some editors and shells on Windows write it. Anything
 * else is refused rather than guessed.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeUtf16(bytes, "utf-16le");
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeUtf16(bytes, "utf-16be");
  if (!isUtf8(bytes)) return notUtf8(bytes);
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const body = hasMark ? bytes.subarray(3) : bytes;
  return { text: body.length < LARGE ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(body) : body };
}

function decodeUtf16(bytes: Uint8Array, encoding: "utf-16le" | "utf-16be"): DecodedText {
  if (bytes.length / 2 > LONGEST_STRING) {
    return notText(0, 0, "This text in UTF-16 is too long to be read. Convert it to UTF-8.");
  }
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return notText(0, 0, "This is not a text file.");
  }
}

function notText(line: number, column: number, message: string): DecodedText {
  return { text: undefined, line, column, message };
}

function notUtf8(bytes: Uint8Array): DecodedText {
  if (bytes.includes(0)) return notText(0, 0, "This is not a text file.");
  const fault = firstFault(bytes);
  const { line, column } = lineColumns(bytesText(bytes))(fault);
  const byte = bytes[fault]!.toString(16);
  return notText(line, column, `This is not UTF-8 text: there is a byte 0x${byte} that cannot stand here.`);
}

/** How many bytes are looked at once for a fault. */
const WINDOW = 2 ** 16;

/** The offset of the first byte that is not UTF-8. There must be one. */
function firstFault(bytes: Uint8Array): number {
  for (let start = 0; ; ) {
    let end = Math.min(start + WINDOW, bytes.length);
    // No character is cut in two: it has at most three bytes after its first one.
    for (let back = 0; back < 4 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80; back++) end--;
    const window = bytes.subarray(start, end);
    if (!isUtf8(window)) return start + faultIn(window);
    start = end;
  }
}

function faultIn(window: Uint8Array): number {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(window);
  let offset = 0;
  let from = 0;
  for (;;) {
    // The replacement character stands where a fault is, or was written as such: then it is three bytes long.
    const index = text.indexOf("\ufffd", from);
    offset += new TextEncoder().encode(text.slice(from, index)).length;
    const isWritten = window[offset] === 0xef && window[offset + 1] === 0xbf && window[offset + 2] === 0xbd;
    if (!isWritten) return offset;
    offset += 3;
    from = index + 1;
  }
}
