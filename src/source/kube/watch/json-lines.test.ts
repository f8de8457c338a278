import { expect, it } from "vitest";
import { createLineReader } from "./json-lines.ts";

function linesOf(chunks: readonly (Buffer | string)[], limit = 1000): string[] {
  const reader = createLineReader(limit);
  const lines: string[] = [];
  for (const chunk of chunks) reader.push(Buffer.from(chunk), (line) => lines.push(line));
  return lines;
}

it("gives whole lines only, wherever they were cut", () => {
  const text = '{"a":"é"}\n\n{"b":"☕🙂"}\r\nrest';
  const bytes = Buffer.from(text);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(linesOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(['{"a":"é"}', '{"b":"☕🙂"}\r']);
  }
  expect(linesOf([...bytes].map((byte) => Buffer.from([byte])))).toEqual(['{"a":"é"}', '{"b":"☕🙂"}\r']);
});

it("takes lines up to its limit", () => {
  expect(linesOf(["12345\n1234", "5\n"], 5)).toEqual(["12345", "12345"]);
  expect(() => linesOf(["123456\n"], 5)).toThrow(RangeError);
  expect(() => linesOf(["123", "456"], 5)).toThrow("a line is longer than 5 bytes");
});
