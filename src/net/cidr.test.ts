import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { type Address, addressBits, type Family, formatAddress, maxAddressValue } from "./address.ts";
import {
  type Cidr,
  cidrContains,
  cidrOf,
  cidrOfRange,
  cidrStrictlyInside,
  formatCidr,
  parseAddressOrCidr,
  parseCidr,
  wholeFamily,
} from "./cidr.ts";

const address: fc.Arbitrary<Address> = fc
  .constantFrom<Family>(4, 6)
  .chain((family) =>
    fc.bigInt({ min: 0n, max: maxAddressValue(family) }).map((value): Address => ({ family, value })),
  );
const block: fc.Arbitrary<Cidr> = address.chain((each) =>
  fc.integer({ min: 0, max: addressBits(each.family) }).map((prefix) => cidrOf(each, prefix)),
);

describe("parseCidr", () => {
  it("finds the block that ipaddr.js finds, and reads back what formatCidr writes", () => {
    fc.assert(
      fc.property(address, fc.nat({ max: 128 }), (each, prefix) => {
        const text = `${formatAddress(each)}/${prefix}`;
        const parsed = parseCidr(text);
        if (prefix > addressBits(each.family)) {
          expect(parsed).toBeUndefined();
          return;
        }
        const { cidr, canonical } = parsed!;
        const kind = each.family === 4 ? ipaddr.IPv4 : ipaddr.IPv6;
        expect(formatAddress({ family: each.family, value: cidr.first })).toBe(
          ipaddr.parse(kind.networkAddressFromCIDR(text).toString()).toString(),
        );
        expect(canonical).toBe(cidr.first === each.value);
        expect(parseCidr(formatCidr(cidr))).toEqual({ cidr, canonical: true });
      }),
    );
  });

  it.each([
    ["10.0.0.5/24", "10.0.0.0/24", false],
    ["010.0.0.0/8", "10.0.0.0/8", false],
    ["10.0.0.0/08", "10.0.0.0/8", false],
    ["::/0064", "::/64", false],
    ["10.0.0.0/8", "10.0.0.0/8", true],
    ["0.0.0.0/0", "0.0.0.0/0", true],
    ["::/0", "::/0", true],
    ["2001:DB8::/32", "2001:db8::/32", false],
    ["2001:db8:0:0::/32", "2001:db8::/32", false],
    ["2001:db8::1/128", "2001:db8::1/128", true],
  ])("reads %s as %s", (text, written, canonical) => {
    const parsed = parseCidr(text)!;
    expect(formatCidr(parsed.cidr)).toBe(written);
    expect(parsed.canonical).toBe(canonical);
  });

  it.each([
    "10.0.0.0",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/+8",
    "10.0.0.0/-1",
    "10.0.0.0/8.0",
    "10.0.0.0/255.0.0.0",
    "10.0.0/8",
    "10.0.0.0/8/8",
    "/8",
    "::/129",
    "::1%lo/128",
    "::ffff:10.0.0.0/104",
    " 10.0.0.0/8",
  ])("refuses %j", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });
});

describe("blocks", () => {
  it("hold what ipaddr.js says they hold", () => {
    fc.assert(
      fc.property(block, address, (cidr, each) => {
        const near: Address = { family: cidr.family, value: cidr.last };
        for (const candidate of [each, near]) {
          const parsed = ipaddr.parse(formatAddress(candidate));
          const range = ipaddr.parse(formatAddress({ family: cidr.family, value: cidr.first }));
          const expected = parsed.kind() === range.kind() && parsed.match(range, cidr.prefix);
          expect(cidrContains(cidr, candidate)).toBe(expected);
        }
      }),
    );
  });

  it("come back from their range, and no other range makes one", () => {
    fc.assert(
      fc.property(block, (cidr) => {
        expect(cidrOfRange(cidr.family, cidr.first, cidr.last)).toEqual(cidr);
      }),
    );
    expect(cidrOfRange(4, 0n, 2n)).toBeUndefined();
    expect(cidrOfRange(4, 1n, 2n)).toBeUndefined();
    expect(wholeFamily(6)).toEqual(parseCidr("::/0")!.cidr);
  });

  it.each([
    ["10.1.0.0/16", "10.0.0.0/8", true],
    ["10.0.0.0/8", "10.0.0.0/8", false],
    ["10.0.0.0/8", "10.1.0.0/16", false],
    ["11.0.0.0/16", "10.0.0.0/8", false],
    ["::/64", "0.0.0.0/0", false],
  ])("%s strictly inside %s: %s", (inner, outer, expected) => {
    expect(cidrStrictlyInside(parseCidr(inner)!.cidr, parseCidr(outer)!.cidr)).toBe(expected);
  });

  it("may be written as one address", () => {
    expect(formatCidr(parseAddressOrCidr("10.0.0.1")!)).toBe("10.0.0.1/32");
    expect(formatCidr(parseAddressOrCidr("::1")!)).toBe("::1/128");
    expect(formatCidr(parseAddressOrCidr("10.0.0.1/8")!)).toBe("10.0.0.0/8");
    expect(parseAddressOrCidr("010.0.0.1")).toBeUndefined();
  });
});
