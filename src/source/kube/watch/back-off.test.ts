import { expect, it } from "vitest";
import { createBackOff } from "./back-off.ts";

const TIMES = { backOff: 1000, longestBackOff: 30_000 };

it("grows to its limit, and begins again after a success", () => {
  const backOff = createBackOff(TIMES, () => 0.999_999);
  const waits = Array.from({ length: 8 }, () => Math.round(backOff.next() / 1000));
  expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  for (let n = 0; n < 2000; n++) backOff.next();
  expect(backOff.next()).toBeLessThanOrEqual(30_000);
  backOff.reset();
  expect(backOff.next()).toBeLessThanOrEqual(1000);
});

it("spreads clients that failed together", () => {
  const first = Array.from({ length: 1000 }, () => createBackOff(TIMES, Math.random).next());
  const inTenths = new Map<number, number>();
  for (const wait of first) {
    const tenth = Math.floor(wait / 50);
    inTenths.set(tenth, (inTenths.get(tenth) ?? 0) + 1);
  }
  expect(Math.min(...first)).toBeGreaterThanOrEqual(500);
  expect([...inTenths.keys()].sort((a, b) => a - b)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  expect(Math.max(...inTenths.values())).toBeLessThan(200);
});

it("waits as long as the server asks, and not all for the same time", () => {
  expect(createBackOff(TIMES, () => 0).next(20_000)).toBe(20_000);
  expect(createBackOff(TIMES, () => 0.5).next(20_000)).toBe(25_000);
});
