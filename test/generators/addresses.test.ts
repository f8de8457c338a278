import { describe, expect, it } from "vitest";
import { parseCidr } from "../reference/ip.ts";
import { boundaryAddresses, canonicalCidr, isStrictlyInside } from "./addresses.ts";

describe("canonicalCidr", () => {
  it("clears host bits and shortens", () => {
    expect(canonicalCidr("10.244.3.7/22")).toBe("10.244.0.0/22");
    expect(canonicalCidr("fd00:10:0244:0:0:0:0:ff/121")).toBe("fd00:10:244::80/121");
    expect(canonicalCidr("203.0.113.7/0")).toBe("0.0.0.0/0");
  });
});

describe("isStrictlyInside", () => {
  const inside = (inner: string, outer: string) => isStrictlyInside(parseCidr(inner), parseCidr(outer));

  it("is not the block itself, nor a larger, nor another one", () => {
    expect(inside("10.0.0.0/9", "10.0.0.0/8")).toBe(true);
    expect(inside("10.0.0.0/8", "10.0.0.0/8")).toBe(false);
    expect(inside("10.0.0.0/7", "10.0.0.0/8")).toBe(false);
    expect(inside("11.0.0.0/9", "10.0.0.0/8")).toBe(false);
    expect(inside("::/64", "0.0.0.0/0")).toBe(false);
  });
});

describe("boundaryAddresses", () => {
  it("gives first, last, and one outside on either side", () => {
    expect(boundaryAddresses("10.244.1.0/30")).toEqual([
      "10.244.1.0",
      "10.244.1.3",
      "10.244.0.255",
      "10.244.1.4",
    ]);
    expect(boundaryAddresses("fd00::8/125")).toEqual(["fd00::8", "fd00::f", "fd00::7", "fd00::10"]);
  });

  it("stays within the address space, and names a single address once", () => {
    expect(boundaryAddresses("0.0.0.0/0")).toEqual(["0.0.0.0", "255.255.255.255"]);
    expect(boundaryAddresses("::/128")).toEqual(["::", "::1"]);
  });
});
