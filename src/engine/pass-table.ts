import { NO_PORTS } from "../net/port-set.ts";
import { forEachCell, type Row } from "./row.ts";

/**
 * One bit for every row and class: whether anything may pass at all. All rows lie in one flat array, so that the
 * question that most packets end with costs one step in memory.
 */
export interface PassTable {
  /** Writes a row down at a place, or at a new one; returns the place, -1 where the table would become too large. */
  put(row: Row, place: number): number;
  free(place: number): void;
  /** Makes room for all classes there are. False if the table had to be given up: then no place is good any more. */
  reserve(): boolean;
  /** `index` is the index of a class for which room was made. */
  passes(place: number, index: number): boolean;
}

/** 64 MiB: enough for ten thousand classes. Larger tables would no longer be fast, and cost too much memory. */
const MOST_WORDS = 2 ** 24;

/** `classCount` gives the number of class indexes that are, or were, in use. */
export function createPassTable(classCount: () => number): PassTable {
  let bits = new Uint32Array(0);
  /** Words a row. */
  let stride = 0;
  const rows: (Row | undefined)[] = [];
  const freePlaces: number[] = [];
  let isGivenUp = false;

  const write = (place: number, row: Row): void => {
    const start = place * stride;
    // Classes that come later are the rest, until the row is corrected.
    bits.fill(row.restOfClasses === NO_PORTS ? 0 : 0xffff_ffff, start, start + stride);
    forEachCell(row, (index, ports) => {
      const word = start + (index >>> 5);
      if (ports === NO_PORTS) bits[word]! &= ~(1 << (index & 31));
      else bits[word]! |= 1 << (index & 31);
    });
  };
  /** Makes room; false if that would be too much. */
  const grow = (): boolean => {
    const words = (classCount() + 31) >>> 5;
    const wider = words > stride ? Math.max(words, Math.ceil(stride * 1.5)) : stride;
    if (rows.length * wider > MOST_WORDS) return false;
    if (wider === stride && rows.length * stride <= bits.length) return true;
    const before = bits;
    bits = new Uint32Array(Math.min(MOST_WORDS, Math.ceil(rows.length * 1.5) * wider));
    if (wider === stride) {
      bits.set(before);
    } else {
      stride = wider;
      for (let place = 0; place < rows.length; place++) {
        const row = rows[place];
        if (row !== undefined) write(place, row);
      }
    }
    return true;
  };

  return {
    put: (row, place) => {
      if (isGivenUp) return -1;
      const at = place >= 0 ? place : (freePlaces.pop() ?? rows.length);
      rows[at] = row;
      if (grow()) {
        write(at, row);
        return at;
      }
      rows[at] = undefined;
      freePlaces.push(at);
      return -1;
    },
    free: (place) => {
      rows[place] = undefined;
      freePlaces.push(place);
    },
    reserve: () => {
      if (isGivenUp) return false;
      isGivenUp = rows.length > 0 && !grow();
      if (isGivenUp) bits = new Uint32Array(0);
      return !isGivenUp;
    },
    passes: (place, index) => ((bits[place * stride + (index >>> 5)]! >>> (index & 31)) & 1) === 1,
  };
}
