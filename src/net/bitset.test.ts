import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addBit,
  type Bitset,
  emptyBitset,
  forEachBit,
  fullBitset,
  hasBit,
  intersectInto,
  subtractInto,
  unionInto,
} from "./bitset.ts";

function members(set: Bitset): number[] {
  const list: number[] = [];
  forEachBit(set, (index) => list.push(index));
  return list;
}

function bitsetOf(size: number, indexes: readonly number[]): Bitset {
  const set = emptyBitset(size);
  for (const index of indexes) addBit(set, index);
  return set;
}

describe("bitsets", () => {
  it("do what plain sets do", () => {
    const input = fc.integer({ min: 1, max: 100 }).chain((size) => {
      const indexes = fc.uniqueArray(fc.nat({ max: size - 1 }));
      return fc.tuple(fc.constant(size), indexes, indexes);
    });
    const ascending = (values: Iterable<number>): number[] => [...values].sort((x, y) => x - y);
    fc.assert(
      fc.property(input, ([size, a, b]) => {
        const changed = (change: (set: Bitset, other: Bitset) => void): number[] => {
          const set = bitsetOf(size, a);
          change(set, bitsetOf(size, b));
          return members(set);
        };
        expect(changed(unionInto)).toEqual(ascending(new Set([...a, ...b])));
        expect(changed(intersectInto)).toEqual(ascending(a.filter((index) => b.includes(index))));
        expect(changed(subtractInto)).toEqual(ascending(a.filter((index) => !b.includes(index))));
        const set = bitsetOf(size, a);
        for (let index = 0; index < size; index++) expect(hasBit(set, index)).toBe(a.includes(index));
      }),
    );
  });

  it.each([0, 1, 31, 32, 33, 64, 100])("are full at %i members", (size) => {
    expect(members(fullBitset(size))).toEqual([...Array(size).keys()]);
    expect(members(emptyBitset(size))).toEqual([]);
  });
});
