import { describe, expect, it } from "vitest";
import { readingProgress } from "./reading-progress.ts";

function terminal(isTTY: boolean): { isTTY: boolean; written: string[]; write(text: string): void } {
  const written: string[] = [];
  return { isTTY, written, write: (text) => written.push(text) };
}

describe("readingProgress", () => {
  it("says nothing in the first second, then how far it is, and wipes that away", () => {
    const stream = terminal(true);
    let time = 0;
    const progress = readingProgress(stream, () => time);
    time = 999;
    progress.show("big.json", 100e6, 300e6);
    expect(stream.written).toEqual([]);
    time = 1000;
    progress.show("big.json", 120e6, 300e6);
    progress.show("big.json", 121e6, 300e6);
    time = 1100;
    progress.show("-", 7e6);
    progress.clear();
    progress.clear();
    expect(stream.written).toEqual([
      "\r\u001b[Kreading big.json  120 of 300 MB",
      "\r\u001b[Kreading the standard input  7 MB",
      "\r\u001b[K",
    ]);
  });

  it("wipes nothing away if it has shown nothing", () => {
    const stream = terminal(true);
    readingProgress(stream, () => 0).clear();
    expect(stream.written).toEqual([]);
  });

  it("says nothing to what is no terminal", () => {
    const stream = terminal(false);
    let time = 0;
    const progress = readingProgress(stream, () => time);
    time = 5000;
    progress.show("big.json", 1, 2);
    progress.clear();
    expect(stream.written).toEqual([]);
  });
});
