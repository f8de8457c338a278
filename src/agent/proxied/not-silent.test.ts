import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { notSilentFor } from "./not-silent.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

it("ends a stream that has become silent, and no earlier", async () => {
  const stream = new PassThrough();
  const chunks = notSilentFor(1000, stream);
  for (let i = 0; i < 3; i++) {
    const next = chunks.next();
    vi.advanceTimersByTime(999);
    stream.write("x");
    expect((await next).value?.toString()).toBe("x");
  }
  const next = chunks.next();
  vi.advanceTimersByTime(1000);
  await expect(next).rejects.toThrow("nothing came for 1 s");
  expect(stream.destroyed).toBe(true);
});

it("does not blame a stream for its reader", async () => {
  const stream = new PassThrough();
  const chunks = notSilentFor(1000, stream);
  stream.write("x");
  await chunks.next();
  // The reader is busy with the chunk, for ever so long.
  vi.advanceTimersByTime(60_000);
  stream.end("y");
  expect((await chunks.next()).value?.toString()).toBe("y");
  expect((await chunks.next()).done).toBe(true);
});

it("leaves no timer behind when the reader has enough", async () => {
  const stream = new PassThrough();
  stream.write("x");
  for await (const _ of notSilentFor(1000, stream)) break;
  expect(vi.getTimerCount()).toBe(0);
  expect(stream.destroyed).toBe(true);
});
