import { describe, expect, it } from "vitest";
import { decodeText } from "./decode-text.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const join = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

describe("decodeText", () => {
  it("leaves a large text in bytes, without its mark", () => {
    const large = bytes("a: é\n".repeat(300_000));
    for (const given of [large, join(bytes("\ufeff"), large)]) {
      const { text } = decodeText(given);
      expect(text).toBeInstanceOf(Uint8Array);
      expect(Buffer.compare(text as Uint8Array, large)).toBe(0);
    }
    expect(decodeText(bytes("\ufeffa: é"))).toEqual({ text: "a: é" });
  });

  it("decodes a large text in UTF-16", () => {
    const text = "a: é\n".repeat(300_000);
    expect(decodeText(Buffer.from(`\ufeff${text}`, "utf16le")).text === text).toBe(true);
  });

  it.each<[string, Uint8Array, string]>([
    ["a byte that begins nothing", join(bytes("a: 1\nb: "), Uint8Array.of(0xfc, 0x6e)), "2:4 0xfc"],
    ["a character that is cut off", join(bytes("é: "), Uint8Array.of(0xe2, 0x82)), "1:4 0xe2"],
    ["a fault after the replacement character", join(bytes("\ufffd😀"), Uint8Array.of(0x80)), "1:4 0x80"],
    ["a fault far behind", join(bytes("é\n".repeat(100_001)), Uint8Array.of(0xff)), "100002:1 0xff"],
    ["a fault in a very long line", join(bytes("é".repeat(99_999)), Uint8Array.of(0xc0)), "1:100000 0xc0"],
  ])("finds %s", (_name, given, expected) => {
    const { text, ...fault } = decodeText(given);
    if (text !== undefined || !("line" in fault)) throw new Error("it was decoded");
    const { line, column, message } = fault;
    expect(`${line}:${column} ${/0x\w+/.exec(message)?.[0]}`).toBe(expected);
  });

  it("calls what has NUL bytes no text at all", () => {
    expect(decodeText(Uint8Array.of(0, 0xff, 1))).toMatchObject({ line: 0, column: 0 });
  });
});
