import { expect, it } from "vitest";
import { jsonLines } from "./json-lines.ts";

async function read(...chunks: readonly Buffer[]): Promise<unknown[]> {
  const values: unknown[] = [];
  async function* stream(): AsyncGenerator<Buffer> {
    yield* chunks;
  }
  for await (const value of jsonLines(stream())) values.push(value);
  return values;
}

it("reads a value a line, wherever the chunks end", async () => {
  const bytes = Buffer.from('\n{"pod":"é"}\n\n{"n":2}\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(await read(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([{ pod: "é" }, { n: 2 }]);
  }
});

it("does not take an unfinished line for a value", async () => {
  expect(await read(Buffer.from('{"n":1}\n{"n":2}'))).toEqual([{ n: 1 }]);
});

it("refuses what is no JSON, and what has no line breaks", async () => {
  await expect(read(Buffer.from("<html>\n"))).rejects.toThrow(SyntaxError);
  await expect(read(Buffer.alloc(2 << 20, "x"))).rejects.toThrow("a line without an end");
});
