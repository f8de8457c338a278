import { describe, expect, it } from "vitest";
import { measureOf, percentile } from "./stats.ts";

describe("percentile", () => {
  it("is the nearest rank", () => {
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
    expect(percentile([1, 2, 3], 0.5)).toBe(2);
    expect(percentile([1, 2, 3], 0)).toBe(1);
    expect(percentile([1, 2, 3], 1)).toBe(3);
  });

  it("of nothing is an error", () => {
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });
});

describe("measureOf", () => {
  it("sorts numbers as numbers", () => {
    expect(measureOf("ms", [10, 9, 100])).toEqual({ unit: "ms", median: 10, min: 9, max: 100, samples: 3 });
  });

  it("tells a 99th percentile from 100 samples on", () => {
    const samples = Array.from({ length: 200 }, (_, i) => i + 1);
    expect(measureOf("us", samples).p99).toBe(198);
    expect(measureOf("us", samples.slice(0, 99))).not.toHaveProperty("p99");
  });
});
