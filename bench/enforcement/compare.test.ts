import { describe, expect, it } from "vitest";
import { compare, ratioOf } from "./compare.ts";

describe("compare", () => {
  it("compares neighbours, so that what slows both down does not count", () => {
    const { ours, theirs, ratio } = compare("conn/s", [90, 9, 45, 900, 90], [100, 10, 50, 1000, 100]);
    expect(ours.median).toBe(90);
    expect(theirs.median).toBe(100);
    expect(ratio).toEqual({ median: 0.9, low: 0.9, high: 0.9 });
  });

  it("refuses samples that are no pairs", () => {
    expect(() => compare("us", [1, 2], [1])).toThrow("2 samples beside 1");
    expect(() => compare("us", [], [])).toThrow(RangeError);
  });
});

describe("ratioOf", () => {
  it("is not impressed by a few rounds that something else disturbed", () => {
    const quiet = Array.from({ length: 57 }, (_, i) => 0.98 + i / 1000);
    const { median, low, high } = ratioOf([...quiet, 0.1, 7, 9]);
    expect(median).toBeCloseTo(1.008, 3);
    expect(low).toBeGreaterThan(0.99);
    expect(high).toBeLessThan(1.03);
  });

  it("gives the interval in which the median of a binomial sample lies", () => {
    // Sign test, n = 100: ranks 40 and 61.
    const { low, high } = ratioOf(Array.from({ length: 100 }, (_, i) => i + 1));
    expect([low, high]).toEqual([40, 61]);
  });

  it("knows nothing from two rounds but these", () => {
    expect(ratioOf([1, 2])).toEqual({ median: 1, low: 1, high: 2 });
  });
});
