import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AddressRange } from "./address-partition.ts";
import {
  type AddressRanges,
  cidrsOfRanges,
  intersectAddresses,
  joinRanges,
  rangeOfCidr,
  subtractAddresses,
} from "./address-ranges.ts";
import { parseCidr } from "./cidr.ts";

const SIZE = 24;

/** Ranges over a space so small that all its addresses can be looked at. */
const someRanges = fc.array(fc.tuple(fc.nat(SIZE - 1), fc.nat(5))).map((pairs) =>
  joinRanges(
    pairs.map(
      ([first, length]): AddressRange => ({
        family: 4,
        first: BigInt(first),
        last: BigInt(Math.min(SIZE - 1, first + length)),
      }),
    ),
  ),
);

function members(ranges: AddressRanges): number[] {
  return Array.from({ length: SIZE }, (_, i) => i).filter((i) =>
    ranges.some(({ first, last }) => first <= BigInt(i) && BigInt(i) <= last),
  );
}

describe("ranges of addresses", () => {
  it("are the sets that they stand for", () => {
    fc.assert(
      fc.property(someRanges, someRanges, (a, b) => {
        const [inA, inB] = [members(a), members(b)];
        expect(members(subtractAddresses(a, b))).toEqual(inA.filter((each) => !inB.includes(each)));
        expect(members(intersectAddresses(a, b))).toEqual(inA.filter((each) => inB.includes(each)));
      }),
    );
  });

  it("stay in canonical form", () => {
    fc.assert(
      fc.property(someRanges, someRanges, (a, b) => {
        for (const ranges of [a, subtractAddresses(a, b), intersectAddresses(a, b)]) {
          expect(joinRanges(ranges)).toEqual(ranges);
          for (const { first, last } of ranges) expect(first <= last).toBe(true);
        }
      }),
    );
  });

  it("come apart into blocks, and together again", () => {
    fc.assert(
      fc.property(someRanges, (ranges) => {
        const blocks = cidrsOfRanges(ranges);
        expect(joinRanges(blocks.map(rangeOfCidr))).toEqual(ranges);
        expect(blocks.reduce((sum, { first, last }) => sum + Number(last - first) + 1, 0)).toBe(
          members(ranges).length,
        );
      }),
    );
    const all = parseCidr("::/0")!.cidr;
    expect(cidrsOfRanges([rangeOfCidr(all)])).toEqual([all]);
  });

  it("take a block out of another one", () => {
    const [outer, inner] = ["10.0.0.0/30", "10.0.0.1/32"].map((text) => rangeOfCidr(parseCidr(text)!.cidr));
    const base = 10n << 24n;
    expect(subtractAddresses([outer!], [inner!])).toEqual([
      { family: 4, first: base, last: base },
      { family: 4, first: base + 2n, last: base + 3n },
    ]);
  });
});
