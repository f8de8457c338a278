import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxAddressValue, parseAddress } from "./address.ts";
import {
  formatRange,
  formatRangeShort,
  partitionAddresses,
  rangeAt,
  rangeIndexOf,
} from "./address-partition.ts";
import { type Cidr, cidrContains, cidrOf, parseCidr } from "./cidr.ts";

const cidr = fc
  .tuple(fc.bigInt({ min: 0n, max: maxAddressValue(4) }), fc.integer({ min: 0, max: 32 }))
  .map(([value, prefix]) => cidrOf({ family: 4, value }, prefix));

const blocks = (...texts: string[]): Cidr[] => texts.map((text) => parseCidr(text)!.cidr);

describe("partitionAddresses", () => {
  it("cuts the whole space into ranges whose ends lie in the same blocks", () => {
    fc.assert(
      fc.property(fc.array(cidr, { maxLength: 6 }), (cidrs) => {
        const partition = partitionAddresses(4, cidrs);
        let next = 0n;
        for (let index = 0; index < partition.starts.length; index++) {
          const { family, first, last } = rangeAt(partition, index);
          expect(first).toBe(next);
          expect(last >= first).toBe(true);
          expect(rangeIndexOf(partition, first)).toBe(index);
          expect(rangeIndexOf(partition, last)).toBe(index);
          for (const each of cidrs) {
            expect(cidrContains(each, { family, value: first })).toBe(
              cidrContains(each, { family, value: last }),
            );
          }
          next = last + 1n;
        }
        expect(next).toBe(maxAddressValue(4) + 1n);
      }),
    );
  });

  it("is one range without blocks, and leaves the other family alone", () => {
    expect(partitionAddresses(6, blocks("10.0.0.0/8")).starts).toEqual([0n]);
    expect(partitionAddresses(4, blocks("0.0.0.0/0")).starts).toEqual([0n]);
  });

  it("writes ranges, in short where they are a block", () => {
    const partition = partitionAddresses(4, blocks("10.0.0.0/8"));
    const at = (text: string): number => rangeIndexOf(partition, parseAddress(text)!.value);
    expect(formatRangeShort(rangeAt(partition, at("10.1.2.3")))).toBe("10.0.0.0/8");
    expect(formatRange(rangeAt(partition, at("10.1.2.3")))).toBe("10.0.0.0-10.255.255.255");
    expect(formatRangeShort(rangeAt(partition, at("9.9.9.9")))).toBe("0.0.0.0-9.255.255.255");
    expect(formatRangeShort(rangeAt(partition, at("11.0.0.0")))).toBe("11.0.0.0-255.255.255.255");
  });
});
