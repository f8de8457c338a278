/** The text of a file, or where and why it is none. */
export type DecodedText =
  | { readonly text: string }
  | { readonly text: undefined; readonly line: number; readonly column: number; readonly message: string };

/**
 * Decodes UTF-8, or UTF-16 where a byte order mark says so, as some editors and shells on Windows write it. Anything
 * else is refused rather than guessed.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? "utf-16le"
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? "utf-16be"
        : "utf-8";
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return notText(bytes, encoding);
  }
}

function notText(bytes: Uint8Array, encoding: string): DecodedText {
  if (bytes.includes(0) || encoding !== "utf-8") {
    return { text: undefined, line: 0, column: 0, message: "This is not a text file." };
  }
  const { line, column, byte } = firstFault(bytes);
  const message = `This is not UTF-8 text: there is a byte 0x${byte.toString(16)} that cannot stand here.`;
  return { text: undefined, line, column, message };
}

/** Finds the line that does not decode: a line of UTF-8 decodes on its own. */
function firstFault(bytes: Uint8Array): { line: number; column: number; byte: number } {
  const strict = new TextDecoder("utf-8", { fatal: true });
  let start = 0;
  for (let line = 1; ; line++) {
    const feed = bytes.indexOf(10, start);
    const end = feed < 0 ? bytes.length : feed;
    const part = bytes.subarray(start, end);
    try {
      strict.decode(part);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      // The replacement character stands where the first fault is; one written as such is three bytes long.
      const column = new TextDecoder("utf-8").decode(part).indexOf("\ufffd");
      const before = new TextEncoder().encode(new TextDecoder("utf-8").decode(part).slice(0, column)).length;
      return { line, column: column + 1, byte: part[before] ?? 0 };
    }
    if (feed < 0) return { line: 0, column: 0, byte: 0 };
    start = feed + 1;
  }
}
