import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import {
  type Address,
  compareAddresses,
  formatAddress,
  maxAddressValue,
  parseAddress,
  parseAddressSloppy,
} from "./address.ts";

const ipv4Value = fc.bigInt({ min: 0n, max: maxAddressValue(4) });
/** Groups that are zero more often than chance has it, so that `::` is met. */
const ipv6Value = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n));

function bytesOf(value: bigint, length: number): number[] {
  return Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn));
}

describe("parseAddress and formatAddress", () => {
  it("agree with ipaddr.js about IPv4", () => {
    fc.assert(
      fc.property(ipv4Value, (value) => {
        const text = formatAddress({ family: 4, value });
        expect(text).toBe(ipaddr.fromByteArray(bytesOf(value, 4)).toString());
        expect(parseAddress(text)).toEqual({ family: 4, value });
      }),
    );
  });

  it("agree with ipaddr.js about IPv6", () => {
    fc.assert(
      fc.property(ipv6Value, (value) => {
        const oracle = new ipaddr.IPv6(bytesOf(value, 16));
        const text = formatAddress({ family: 6, value });
        expect(text).toBe(oracle.toRFC5952String());
        const groups = oracle.parts.map((group) => group.toString(16).padStart(4, "0"));
        for (const spelling of [text, oracle.toNormalizedString(), groups.join(":").toUpperCase()]) {
          expect(parseAddress(spelling)).toEqual({ family: 6, value });
        }
      }),
    );
  });

  it("take and refuse the same IPv6 texts as the URL standard, with the same meaning", () => {
    const text = fc
      .array(fc.constantFrom("0", "1", "ab", "FFFF", "12345", ":", "::", ":", "1.2.3.4", "01.2.3.4", "g"), {
        maxLength: 17,
      })
      .map((parts) => parts.join(""))
      .filter((each) => each.includes(":"));
    fc.assert(
      fc.property(text, (each) => {
        const address = parseAddress(each);
        const host = address === undefined ? undefined : `[${formatAddress(address)}]`;
        expect(host).toBe(
          URL.canParse(`http://[${each}]`) ? new URL(`http://[${each}]`).hostname : undefined,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    "",
    "1.2.3",
    "1",
    "0x7f000001",
    "1.2.3.4.5",
    "1.2.3.4.",
    ".1.2.3.4",
    "1..2.3",
    "01.2.3.4",
    "1.2.3.00",
    "1.2.3.256",
    "1.2.3.-4",
    "1.2.3.+4",
    " 1.2.3.4",
    "1.2.3.4 ",
    "1.2.3.4/32",
    "1.2.3.0x4",
    "1.2.3.4e0",
    "١.2.3.4",
    "999999999999999999999.2.3.4",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4::5:6:7:8",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "12345::",
    "g::",
    "fe80::1%eth0",
    "[::1]",
    "::1.2.3",
    "::01.2.3.4",
    "::1.2.3.4:5",
    "1.2.3.4::",
    "1:2:3:4:5:6:7:1.2.3.4",
  ])("refuse %j", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it.each([
    ["::", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["1:0:0:2:3:0:0:4", "1::2:3:0:0:4"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["2001:DB8::A", "2001:db8::a"],
    ["::ffff:1.2.3.4", "::ffff:102:304"],
    ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
    ["1::", "1::"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ])("write %s as %s", (text, canonical) => {
    expect(formatAddress(parseAddress(text)!)).toBe(canonical);
  });
});

describe("parseAddressSloppy", () => {
  it("reads leading zeros as decimal", () => {
    expect(parseAddressSloppy("010.000.08.0001")).toEqual(parseAddress("10.0.8.1"));
  });

  it.each(["1.2.3", "0400.1.1.1", "0x1.2.3.4", "::01.2.3.4"])("refuses %s all the same", (text) => {
    expect(parseAddressSloppy(text)).toBeUndefined();
  });
});

describe("compareAddresses", () => {
  it("puts IPv4 before IPv6, then orders by value", () => {
    const texts = ["::1", "10.0.0.2", "::", "255.255.255.255", "10.0.0.1", "ff::"];
    const sorted = texts.map((text): Address => parseAddress(text)!).sort(compareAddresses);
    expect(sorted.map(formatAddress)).toEqual([
      "10.0.0.1",
      "10.0.0.2",
      "255.255.255.255",
      "::",
      "::1",
      "ff::",
    ]);
  });
});
