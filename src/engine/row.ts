import type { PortSet } from "../net/port-set.ts";
import type { Policy } from "../policy/policy.ts";
import type { Area } from "./areas.ts";
import type { PodClass } from "./classes.ts";

/** What one direction of a pod class lets pass, for every peer, after all tiers. Never changed once it is made. */
export interface Row extends ClassCells {
  /** The policies that shaped it, in the order of judgement. */
  readonly policies: readonly Policy[];
  /** True if a NetworkPolicy isolates the class for this direction. */
  readonly isolated: boolean;
  /** What the classes may do of which its cells say nothing. */
  readonly restOfClasses: PortSet;
  /** What the areas may do that lie in none of `areas`. */
  readonly restOfAreas: PortSet;
  /** The areas of the blocks that its rules name. An area within one of them is treated as the innermost of these. */
  readonly areas: ReadonlyMap<Area, PortSet>;
  /** The innermost of `areas` around the pods of the rest; undefined if they lie in none of them. */
  readonly home: Area | undefined;
}

/**
 * The classes that differ from the rest, by their index. A few are listed, sorted; where there are many, `dense` has a
 * place for every index up to its length.
 */
export interface ClassCells {
  /** The first is that of the rest. */
  readonly portSets: readonly PortSet[];
  /** Places in `portSets`, by class index; undefined if the classes are listed. */
  readonly dense: Places | undefined;
  readonly indexes: Uint32Array;
  /** Places in `portSets`, beside `indexes`. */
  readonly places: Places;
}

/** What a row lets pass for a class. */
export function portsOfClass(row: Row, podClass: PodClass): PortSet {
  return portsAtIndex(row, podClass.index);
}

/** As {@link portsOfClass}, by the index of the class. */
export function portsAtIndex(row: Row, index: number): PortSet {
  const { dense, indexes } = row;
  if (dense !== undefined) return index < dense.length ? row.portSets[dense[index]!]! : row.restOfClasses;
  let low = 0;
  let high = indexes.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = indexes[middle]!;
    if (found === index) return row.portSets[row.places[middle]!]!;
    if (found < index) low = middle + 1;
    else high = middle - 1;
  }
  return row.restOfClasses;
}

/** What a row lets pass for an area, given the areas around it, itself first. */
export function portsOfArea(row: Row, enclosing: readonly Area[]): PortSet {
  if (row.areas.size > 0) {
    for (const area of enclosing) {
      const ports = row.areas.get(area);
      if (ports !== undefined) return ports;
    }
  }
  return row.restOfAreas;
}

/** Calls back for every class index that may differ from the rest. */
export function forEachCell(row: Row, visit: (index: number, ports: PortSet) => void): void {
  const { portSets, dense, indexes, places } = row;
  if (dense !== undefined) {
    for (let index = 0; index < dense.length; index++) {
      const ports = portSets[dense[index]!]!;
      if (ports !== row.restOfClasses) visit(index, ports);
    }
    return;
  }
  for (let i = 0; i < indexes.length; i++) visit(indexes[i]!, portSets[places[i]!]!);
}

/**
 * Puts a row together. All rows are made here, with the same fields in the same order: engines read objects of one shape
 * several times as fast.
 */
export function createRow(
  about: Pick<Row, "policies" | "isolated" | "restOfAreas" | "areas" | "home">,
  restOfClasses: PortSet,
  cells: ClassCells,
): Row {
  return {
    restOfClasses,
    portSets: cells.portSets,
    dense: cells.dense,
    indexes: cells.indexes,
    places: cells.places,
    policies: about.policies,
    isolated: about.isolated,
    restOfAreas: about.restOfAreas,
    areas: about.areas,
    home: about.home,
  };
}

/** A row that says the same for every peer. */
export function uniformRow(ports: PortSet): Row {
  const about = { policies: [], isolated: false, restOfAreas: ports, areas: new Map(), home: undefined };
  return createRow(about, ports, createCells(ports, 0, 0).finish());
}

/** Above this share of the classes a listed cell takes more memory and time than a dense row. */
const DENSE_SHARE = 1 / 8;

/** Only good while a row is packed: the places of its classes, to be found again after sorting. */
let placeByIndex = new Uint32Array(1024);

/** Takes the classes that differ from the rest, each once and in any order. */
export interface CellsBuilder {
  set(index: number, ports: PortSet): void;
  finish(): ClassCells;
}

/**
 * Starts the cells of a row. `capacity` is the number of indexes that are, or were, given to classes; `expected` how
 * many of them may differ from the rest.
 */
export function createCells(rest: PortSet, capacity: number, expected: number): CellsBuilder {
  const portSets: PortSet[] = [rest];
  const placeOf = new Map<PortSet, number>([[rest, 0]]);
  let recent = rest;
  let recentPlace = 0;
  const place = (ports: PortSet): number => {
    if (ports !== recent) {
      let known = placeOf.get(ports);
      if (known === undefined) {
        known = portSets.length;
        placeOf.set(ports, known);
        portSets.push(ports);
      }
      recent = ports;
      recentPlace = known;
    }
    return recentPlace;
  };
  if (expected > capacity * DENSE_SHARE) {
    let dense = newPlaces(1, capacity);
    return {
      set: (index, ports) => {
        const at = place(ports);
        if (portSets.length > placesLimit(dense)) dense = widened(dense, portSets.length);
        dense[index] = at;
      },
      finish: () => ({ portSets, dense, indexes: NO_INDEXES, places: NO_INDEXES }),
    };
  }
  const indexes: number[] = [];
  const places: number[] = [];
  return {
    set: (index, ports) => {
      indexes.push(index);
      places.push(place(ports));
    },
    finish: () => {
      const sorted = Uint32Array.from(indexes).sort();
      if (placeByIndex.length < capacity) placeByIndex = new Uint32Array(capacity * 2);
      for (let i = 0; i < indexes.length; i++) placeByIndex[indexes[i]!] = places[i]!;
      const sortedPlaces = newPlaces(portSets.length, sorted.length);
      for (let i = 0; i < sorted.length; i++) sortedPlaces[i] = placeByIndex[sorted[i]!]!;
      return { portSets, dense: undefined, indexes: sorted, places: sortedPlaces };
    },
  };
}

/** Cells with some of them replaced. */
export function replaceCells(
  cells: ClassCells,
  replaced: ReadonlyMap<number, PortSet>,
  capacity: number,
): ClassCells {
  const portSets = [...cells.portSets];
  const placeOf = (ports: PortSet): number => {
    const place = portSets.indexOf(ports);
    return place >= 0 ? place : portSets.push(ports) - 1;
  };
  const places = new Map<number, number>();
  for (const [index, ports] of replaced) places.set(index, placeOf(ports));
  if (cells.dense !== undefined) {
    const dense = newPlaces(portSets.length, Math.max(capacity, cells.dense.length));
    dense.set(cells.dense);
    for (const [index, place] of places) dense[index] = place;
    return { portSets, dense, indexes: NO_INDEXES, places: NO_INDEXES };
  }
  // The rest has place 0, and is not listed.
  const kept: [number, number][] = [];
  for (const [i, index] of cells.indexes.entries()) {
    if (!places.has(index)) kept.push([index, cells.places[i]!]);
  }
  for (const entry of places) if (entry[1] !== 0) kept.push(entry);
  kept.sort(([a], [b]) => a - b);
  const indexes = Uint32Array.from(kept, ([index]) => index);
  return packCells(
    portSets,
    indexes,
    Uint32Array.from(kept, ([, place]) => place),
    capacity,
  );
}

function packCells(
  portSets: readonly PortSet[],
  indexes: Uint32Array,
  places: Uint32Array,
  capacity: number,
): ClassCells {
  if (indexes.length <= capacity * DENSE_SHARE || indexes.length === 0) {
    return { portSets, dense: undefined, indexes, places: widened(places, portSets.length) };
  }
  const dense = newPlaces(portSets.length, capacity);
  for (let i = 0; i < indexes.length; i++) dense[indexes[i]!] = places[i]!;
  return { portSets, dense, indexes: NO_INDEXES, places: NO_INDEXES };
}

const NO_INDEXES = new Uint32Array();

type Places = Uint8Array | Uint16Array | Uint32Array;

function newPlaces(sets: number, length: number): Places {
  if (sets <= 0x100) return new Uint8Array(length);
  return sets <= 0x1_0000 ? new Uint16Array(length) : new Uint32Array(length);
}

/** How many port sets the places can tell apart. */
function placesLimit(places: Places): number {
  return 256 ** places.BYTES_PER_ELEMENT;
}

function widened(places: Places, sets: number): Places {
  const result = newPlaces(sets, places.length);
  result.set(places);
  return result;
}
