import { describe, expect, it } from "vitest";
import { formatNumber, formatQuantity } from "./format.ts";

describe("formatNumber", () => {
  it.each([
    [0, "0"],
    [7, "7"],
    [0.01234, "0.012"],
    [4.567, "4.57"],
    [45.67, "45.7"],
    [12_345.6, "12,346"],
  ])("%d is %s", (value, text) => expect(formatNumber(value)).toBe(text));
});

describe("formatQuantity", () => {
  it("takes the unit in which people would say it", () => {
    expect(formatQuantity(12.34, "us")).toBe("12.3 us");
    expect(formatQuantity(12_345, "us")).toBe("12.3 ms");
    expect(formatQuantity(1_234_567, "us")).toBe("1.23 s");
    expect(formatQuantity(5_000_000, "verdicts/s")).toBe("5 M/s");
    expect(formatQuantity(750_000, "verdicts/s")).toBe("750 k/s");
  });
});
