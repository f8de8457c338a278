import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareCodePoints } from "./order.ts";

describe("compareCodePoints", () => {
  it("orders as the lists of code points are ordered", () => {
    const points = (text: string): number[] => Array.from(text, (each) => each.codePointAt(0)!);
    const expected = (a: number[], b: number[]): number => {
      const i = a.findIndex((point, place) => point !== b[place]);
      return i < 0 ? a.length - b.length : i >= b.length ? 1 : a[i]! - b[i]!;
    };
    const text = fc.string({ unit: "binary", maxLength: 6 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(expected(points(a), points(b))));
      }),
      { numRuns: 2000 },
    );
    expect(compareCodePoints("\u{1F600}", "\uFFFD")).toBeGreaterThan(0);
    expect(compareCodePoints("a", "ab")).toBeLessThan(0);
  });
});
