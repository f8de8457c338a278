import { expect, it } from "vitest";
import { compareResourceVersions } from "./resource-version.ts";

it.each([
  ["9", "10", -1],
  ["10", "9", 1],
  ["10", "10", 0],
  ["99999999999999999999", "100000000000000000000", -1],
  ["100000000000000000001", "100000000000000000000", 1],
])("%s against %s: %s", (a, b, order) => {
  expect(Math.sign(compareResourceVersions(a, b)!)).toBe(order);
});

it("does not compare what is no number", () => {
  expect(compareResourceVersions("a1", "2")).toBeUndefined();
  expect(compareResourceVersions("", "2")).toBeUndefined();
});
