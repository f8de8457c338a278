import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineColumnAt, lineStarts } from "./line-index.ts";
import { bytesText, lineColumns, stringText } from "./source-text.ts";

describe("lineColumns", () => {
  it("counts UTF-16 code units, in a string and in its UTF-8 bytes", () => {
    const character = fc.constantFrom("a", "é", "€", "😀", "\n", "\r\n", "\r", " ");
    fc.assert(
      fc.property(fc.array(character), (characters) => {
        const text = characters.join("");
        const ofString = lineColumns(stringText(text));
        const ofBytes = lineColumns(bytesText(new TextEncoder().encode(text)));
        const starts = lineStarts(text);
        let at = 0;
        let byte = 0;
        for (const one of characters) {
          expect(ofString(at)).toEqual(lineColumnAt(starts, at));
          expect(ofBytes(byte)).toEqual(lineColumnAt(starts, at));
          at += one.length;
          byte += new TextEncoder().encode(one).length;
        }
      }),
    );
  });

  it("finds its way in long lines and in many lines", () => {
    const text = `${"x".repeat(100_000)}\n${"abc\n".repeat(50_000)}end`;
    const find = lineColumns(stringText(text));
    expect(find(99_999)).toEqual({ line: 1, column: 100_000 });
    expect(find(100_001)).toEqual({ line: 2, column: 1 });
    expect(find(text.length - 1)).toEqual({ line: 50_002, column: 3 });
    expect(find(text.length)).toEqual({ line: 50_002, column: 4 });
  });
});

describe("parts of a text", () => {
  it.each([
    ["a string", stringText("aé😀b{}")],
    ["bytes", bytesText(new TextEncoder().encode("aé😀b{}"))],
  ])("are the same of %s", (_name, text) => {
    const brace = text.indexOf("{".charCodeAt(0), 0);
    expect(text.slice(0, brace)).toBe("aé😀b");
    expect(text.join([0, 1, brace, text.length])).toBe("a{}");
    expect(text.indexOf(1, 0)).toBe(-1);
    expect(text.units()[brace]).toBe(text.at(brace));
  });

  it("joins more than fits at first", () => {
    const bytes = new TextEncoder().encode("x".repeat(100_000));
    expect(bytesText(bytes).join([0, 60_000, 60_000, 100_000])).toHaveLength(100_000);
  });

  it("keeps a byte order mark that is not the first of a file", () => {
    expect(bytesText(new TextEncoder().encode("\ufeffa")).slice(0, 4)).toBe("\ufeffa");
  });
});
