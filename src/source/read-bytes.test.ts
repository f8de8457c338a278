import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFileBytes, readStreamBytes } from "./read-bytes.ts";

let folder: string;
const content = Buffer.alloc(300_000, "0123456789");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "podwall-bytes-"));
  await writeFile(join(folder, "file"), content);
});
afterAll(() => rm(folder, { recursive: true }));

async function* inParts(size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}

describe("readFileBytes", () => {
  // A pipe says 0, and a file may grow or shrink between two looks at it.
  it.each([300_000, 0, 1000, 400_000])("reads all of a file that said it had %i bytes", async (size) => {
    const read = await readFileBytes(join(folder, "file"), size, 1e9);
    expect(Buffer.compare(read, content)).toBe(0);
  });

  it("stops one byte above the limit", async () => {
    expect(await readFileBytes(join(folder, "file"), 0, 300_000)).toHaveLength(300_000);
    expect(await readFileBytes(join(folder, "file"), 0, 299_999)).toHaveLength(300_000);
    expect(await readFileBytes(join(folder, "file"), 300_000, 5000)).toHaveLength(5001);
  });
});

describe("readStreamBytes", () => {
  it.each([7777, 300_000])("reads all, in parts of %i bytes, and says how much has come", async (size) => {
    const told: number[] = [];
    const read = await readStreamBytes(inParts(size), 1e9, (bytes) => told.push(bytes));
    expect(Buffer.compare(read, content)).toBe(0);
    expect(told.at(-1)).toBe(300_000);
    expect(told).toHaveLength(Math.ceil(300_000 / size));
  });

  it("stops above the limit", async () => {
    const read = await readStreamBytes(inParts(1000), 5000);
    expect(read.length).toBeGreaterThan(5000);
    expect(read.length).toBeLessThan(10_000);
  });
});
