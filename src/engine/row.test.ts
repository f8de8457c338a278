import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_PORTS, type PortSet, portRange } from "../net/port-set.ts";
import { createCells, forEachCell, portsAtIndex, type Row, replaceCells, uniformRow } from "./row.ts";

const SETS: readonly PortSet[] = [
  NO_PORTS,
  ...Array.from({ length: 300 }, (_, i) => portRange("TCP", i + 1)),
];

function rowOf(cells: ReadonlyMap<number, PortSet>, capacity: number): Row {
  const builder = createCells(NO_PORTS, capacity, cells.size);
  for (const [index, ports] of cells) builder.set(index, ports);
  return { ...uniformRow(NO_PORTS), ...builder.finish() };
}

const capacity = fc.constantFrom(10, 200, 3000);
const cellsFor = (size: number): fc.Arbitrary<Map<number, PortSet>> =>
  fc
    .array(fc.tuple(fc.nat({ max: size - 1 }), fc.constantFrom(...SETS.slice(1))), { maxLength: 400 })
    .map((entries) => new Map(entries));

describe("the cells of a row", () => {
  it("say what was put in, listed or dense, and the rest of all others", () => {
    fc.assert(
      fc.property(
        capacity.chain((size) => fc.tuple(fc.constant(size), cellsFor(size))),
        ([size, cells]) => {
          const row = rowOf(cells, size);
          const all = [...Array(size + 5).keys()];
          expect(all.filter((i) => portsAtIndex(row, i) !== (cells.get(i) ?? NO_PORTS))).toEqual([]);
          const seen = new Map<number, PortSet>();
          forEachCell(row, (index, ports) => seen.set(index, ports));
          expect(seen).toEqual(cells);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("are dense where many classes differ", () => {
    const half = new Map(Array.from({ length: 50 }, (_, i) => [i * 2, portRange("TCP", 80)]));
    expect(rowOf(half, 100).dense).toBeInstanceOf(Uint8Array);
    expect(rowOf(new Map([[7, portRange("TCP", 80)]]), 100).dense).toBeUndefined();
  });

  it("can be replaced, by the rest too, and for classes that were not there before", () => {
    fc.assert(
      fc.property(
        capacity.chain((size) =>
          fc.tuple(
            fc.constant(size),
            cellsFor(size),
            fc.array(fc.tuple(fc.nat({ max: size + 20 }), fc.constantFrom(...SETS)), { maxLength: 20 }),
          ),
        ),
        ([size, cells, replaced]) => {
          const before = rowOf(cells, size);
          const after = { ...before, ...replaceCells(before, new Map(replaced), size + 21) };
          const expected = new Map([...cells, ...replaced]);
          const all = [...Array(size + 30).keys()];
          expect(all.filter((i) => portsAtIndex(after, i) !== (expected.get(i) ?? NO_PORTS))).toEqual([]);
          expect(all.filter((i) => portsAtIndex(before, i) !== (cells.get(i) ?? NO_PORTS))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
