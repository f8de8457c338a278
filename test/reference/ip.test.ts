import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { cidrContains, formatAddress, isSameAddress, parseAddress, parseCidr } from "./ip.ts";

describe("parseAddress", () => {
  it("reads both families", () => {
    expect(parseAddress("128.0.0.1")).toEqual({ family: 4, bits: `1${"0".repeat(30)}1` });
    expect(parseAddress("::1")).toEqual({ family: 6, bits: `${"0".repeat(127)}1` });
    expect(parseAddress("8000::")).toEqual({ family: 6, bits: `1${"0".repeat(127)}` });
    expect(isSameAddress(parseAddress("2001:DB8:0:0:0:0:0:7"), parseAddress("2001:db8::7"))).toBe(true);
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4 ",
    "1::2::3",
    "1:2:3:4:5:6:7",
    ":1:2:3:4:5:6:7",
  ])("refuses %j", (text) => expect(() => parseAddress(text)).toThrow(/is not an IPv[46] address/));

  it.each(["1:2:3:4:5:6:7:8::", "fffff::", "::ffff:10.0.0.1", "fe80::1%eth0", "1:2:3:4:5:6:7:8:9", "g::"])(
    "refuses %j",
    (text) => expect(() => parseAddress(text)).toThrow(/is not an IPv6 address/),
  );
});

describe("formatAddress", () => {
  it("writes IPv6 as RFC 5952 wants it", () => {
    const canonical = (text: string) => formatAddress(parseAddress(text));
    expect(canonical("2001:0DB8:0:0:1:0:0:1")).toBe("2001:db8::1:0:0:1");
    expect(canonical("2001:db8:0:1:1:1:1:1")).toBe("2001:db8:0:1:1:1:1:1");
    expect(canonical("0:0:0:0:0:0:0:0")).toBe("::");
  });

  it("agrees with ipaddr.js and is read back", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 0, 1, 0xff, 0xffff), { minLength: 8, maxLength: 8 }),
        (groups) => {
          const text = groups.map((group) => group.toString(16)).join(":");
          const address = parseAddress(text);
          expect(formatAddress(address)).toBe(new ipaddr.IPv6(groups).toRFC5952String());
          expect(parseAddress(formatAddress(address))).toEqual(address);
        },
      ),
    );
  });
});

describe("parseCidr", () => {
  it.each(["10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/8/8", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/"])(
    "refuses %j",
    (text) => expect(() => parseCidr(text)).toThrow(/is not a CIDR/),
  );
});

describe("cidrContains", () => {
  const contains = (cidr: string, address: string) => cidrContains(parseCidr(cidr), parseAddress(address));

  it("ends where the block ends", () => {
    expect(contains("10.244.4.0/22", "10.244.4.0")).toBe(true);
    expect(contains("10.244.4.0/22", "10.244.7.255")).toBe(true);
    expect(contains("10.244.4.0/22", "10.244.8.0")).toBe(false);
    expect(contains("10.244.4.0/22", "10.244.3.255")).toBe(false);
  });

  it("keeps families apart, even for everything", () => {
    expect(contains("0.0.0.0/0", "255.255.255.255")).toBe(true);
    expect(contains("0.0.0.0/0", "::")).toBe(false);
    expect(contains("::/0", "0.0.0.0")).toBe(false);
  });

  it("agrees with ipaddr.js", () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const dotted = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
    fc.assert(
      fc.property(
        word,
        word,
        fc.integer({ min: 0, max: 32 }),
        fc.integer({ min: 0, max: 32 }),
        (a, b, prefix, kept) => {
          const mixed =
            kept === 0 ? b : ((a >>> (32 - kept)) << (32 - kept)) | (kept === 32 ? 0 : b >>> kept);
          const expected = ipaddr.IPv4.parse(dotted(mixed)).match(ipaddr.IPv4.parse(dotted(a)), prefix);
          expect(contains(`${dotted(a)}/${prefix}`, dotted(mixed))).toBe(expected);
        },
      ),
    );
  });
});
