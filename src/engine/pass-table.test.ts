import { describe, expect, it } from "vitest";
import { ALL_PORTS, NO_PORTS, type PortSet, portRange } from "../net/port-set.ts";
import { createPassTable } from "./pass-table.ts";
import { createCells, createRow, portsAtIndex, type Row, uniformRow } from "./row.ts";

/** A row in which every `step`th class differs from the rest. */
function rowOf(rest: PortSet, differing: PortSet, step: number, classes: number): Row {
  const cells = createCells(rest, classes, Math.ceil(classes / step));
  for (let index = 0; index < classes; index += step) cells.set(index, differing);
  return createRow(uniformRow(rest), rest, cells.finish());
}

describe("the table of who may pass", () => {
  it("says of every row what its cells say, while rows and classes come and go", () => {
    let classes = 40;
    const table = createPassTable(() => classes);
    const places = new Map<number, Row>();
    const checkAll = (): void => {
      for (const [place, row] of places) {
        const wrong = Array.from({ length: classes }, (_, index) => index).filter(
          (index) => table.passes(place, index) !== (portsAtIndex(row, index) !== NO_PORTS),
        );
        expect(wrong).toEqual([]);
      }
    };
    for (let step = 1; step < 30; step++) {
      const row =
        step % 2 === 0
          ? rowOf(NO_PORTS, portRange("TCP", step), step, classes)
          : rowOf(ALL_PORTS, NO_PORTS, step, classes);
      const reused = step % 5 === 0 ? [...places.keys()][0]! : -1;
      places.set(table.put(row, reused), row);
      if (step % 7 === 0) {
        const [freed] = [...places.keys()].slice(1);
        table.free(freed!);
        places.delete(freed!);
      }
      // Classes that come after a row was written are the rest to it.
      classes += step % 3 === 0 ? 50 : 0;
      expect(table.reserve()).toBe(true);
      checkAll();
    }
  });

  it("is given up where it would become too large, and says so", () => {
    let classes = 32;
    const table = createPassTable(() => classes);
    expect(table.put(uniformRow(ALL_PORTS), -1)).toBe(0);
    classes = 2 ** 30;
    expect(table.reserve()).toBe(false);
    expect(table.put(uniformRow(ALL_PORTS), -1)).toBe(-1);
  });
});
