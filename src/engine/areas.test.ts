import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../net/address.ts";
import { type Cidr, formatCidr, parseCidr } from "../net/cidr.ts";
import { type Area, createAreas } from "./areas.ts";

const cidr = (text: string): Cidr => parseCidr(text)!.cidr;
const value = (text: string): bigint => parseAddress(text)!.value;

/** Few enough that blocks repeat, nest and lie side by side. */
const block = fc
  .tuple(
    fc.constantFrom("10.0.0.0", "10.0.0.7", "10.0.1.0", "10.128.0.0", "11.0.0.0"),
    fc.integer({ min: 6, max: 32 }),
  )
  .map(([address, prefix]) => cidr(`${address}/${prefix}`));
const ADDRESSES = [
  "9.255.255.255",
  "10.0.0.0",
  "10.0.0.7",
  "10.0.0.8",
  "10.0.1.0",
  "10.128.0.1",
  "11.0.0.0",
  "255.1.1.1",
];

/** The blocks around an address, the smallest first. */
function around(blocks: Iterable<Cidr>, address: bigint): string[] {
  const distinct = new Map([...blocks].map((each) => [formatCidr(each), each]));
  return [...distinct.values()]
    .filter((each) => each.first <= address && address <= each.last)
    .sort((a, b) => b.prefix - a.prefix)
    .map(formatCidr);
}

describe("areas", () => {
  it("are found as the smallest block around an address, with all blocks around that, through any uses and releases", () => {
    const steps = fc.array(fc.tuple(block, fc.boolean()), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (each) => {
        const areas = createAreas(4);
        const used: Area[] = [];
        for (const [wanted, isRelease] of each) {
          if (!isRelease || used.length === 0) {
            const wasKnown = used.some((area) => formatCidr(area.cidr) === formatCidr(wanted));
            const { area, isNew } = areas.use(wanted);
            expect(isNew).toBe(!wasKnown);
            used.push(area);
          } else {
            const [area] = used.splice(wanted.prefix % used.length, 1);
            expect(areas.release(area!)).toBe(!used.includes(area!));
          }
          const blocks = [areas.root.cidr, ...used.map((area) => area.cidr)];
          for (const text of ADDRESSES) {
            const found = areas.enclosing(areas.areaAt(value(text))).map((area) => formatCidr(area.cidr));
            expect(found).toEqual(around(blocks, value(text)));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("keep the block of the whole family, however often it is released", () => {
    const areas = createAreas(6);
    const { area, isNew } = areas.use(cidr("::/0"));
    expect([area, isNew]).toEqual([areas.root, false]);
    expect(areas.release(area)).toBe(false);
    expect(areas.areaAt(value("fd00::1"))).toBe(areas.root);
  });

  it("of IPv6 nest as those of IPv4 do", () => {
    const areas = createAreas(6);
    const outer = areas.use(cidr("fd00::/16")).area;
    const inner = areas.use(cidr("fd00:10:244::/48")).area;
    expect(areas.areaAt(value("fd00:10:244::5"))).toBe(inner);
    expect(areas.areaAt(value("fd00:10:245::5"))).toBe(outer);
    expect(areas.enclosing(inner)).toEqual([inner, outer, areas.root]);
  });
});
