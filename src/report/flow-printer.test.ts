import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { FlowLogEvent } from "../dataplane/flow-log/event.ts";
import { DB_POLICY } from "../dataplane/flow-log/flow-log.fixture.ts";
import { ADDRESSES, engineOf, flowsOf, SUPPRESSED, syn } from "./flow.fixture.ts";
import { printFlows } from "./flow-printer.ts";

/** A stream that takes a line only when it is told to. */
function slowStream(highWaterMark: number): {
  stream: Writable;
  lines: () => string[];
  release: () => Promise<void>;
} {
  let text = "";
  let done: (() => void) | undefined;
  let isOpen = false;
  const stream = new Writable({
    highWaterMark,
    decodeStrings: false,
    write(chunk, _, callback) {
      text += chunk;
      if (isOpen) callback();
      else done = callback;
    },
  });
  return {
    stream,
    lines: () => text.split("\n").slice(0, -1),
    release: async () => {
      isOpen = true;
      done?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const { web, db } = ADDRESSES;
const [flow] = flowsOf(engineOf(DB_POLICY), syn(web, db, 3306));
const at = (seconds: number, repeated = 0): FlowLogEvent => ({
  ...flow!,
  time: `2030-01-01T00:00:0${seconds}.000Z`,
  repeated,
});

describe("printFlows", () => {
  it("writes an object a line, or text", async () => {
    for (const [output, pattern] of [
      ["json", /^\{"schema":"podwall.flow\/v1",.*\}$/],
      ["text", /^00:00:0[12].000Z /],
    ] as const) {
      const { stream, lines, release } = slowStream(1_000_000);
      await release();
      const printer = printFlows(stream, output);
      printer.print(at(2));
      printer.print(SUPPRESSED);
      expect(lines()).toHaveLength(2);
      for (const line of lines()) expect(line).toMatch(pattern);
    }
  });

  it("drops what a full stream does not take, keeps nothing of it, and says how much it was", async () => {
    const { stream, lines, release } = slowStream(1);
    const printer = printFlows(stream, "json");
    printer.print(at(1));
    const buffered = stream.writableLength;
    for (let i = 0; i < 10_000; i++) printer.print(at(2, 9));
    printer.print({ ...SUPPRESSED, time: "2030-01-01T00:00:05.500Z", count: 7 });
    expect(stream.writableLength).toBe(buffered);
    expect(printer.dropped).toBe(100_007);
    await release();
    expect(printer.dropped).toBe(0);
    expect(lines().map((line) => JSON.parse(line))).toMatchObject([
      { kind: "flow" },
      { kind: "suppressed", count: 100_007, seconds: 3.5, cause: "slow-reader" },
    ]);
    printer.print(at(6));
    expect(lines()).toHaveLength(3);
  });

  it("drops what comes after the end of the stream", async () => {
    const { stream, lines, release } = slowStream(1_000_000);
    await release();
    const printer = printFlows(stream, "text");
    stream.end();
    printer.print(at(1));
    expect(lines()).toEqual([]);
    expect(printer.dropped).toBe(1);
  });
});
