import type { Area } from "../../engine/areas.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Family } from "../../net/address.ts";
import { partitionAddresses } from "../../net/address-partition.ts";
import type { RangesOfSet } from "../decompile/set-contents.ts";

/** Addresses that neither engine tells apart: an area of each. */
export interface AreaPair {
  readonly area: Area;
  readonly unaudited?: Area;
}

/** The addresses of a family, cut wherever an area begins or ends, and perhaps in more places. */
export interface Segments {
  readonly family: Family;
  /** First address of each, ascending; the first is 0. */
  readonly starts: readonly bigint[];
  readonly placeOfStart: ReadonlyMap<bigint, number>;
  readonly pairs: readonly AreaPair[];
  /** By segment, its place among the pairs. */
  readonly pairOf: Uint32Array;
}

export function areaSegments(engine: Engine, unaudited: Engine | undefined, family: Family): Segments {
  const areas = engine.view(family).areas;
  const others = unaudited?.view(family).areas;
  const cidrs = [...areas.all(), ...(others?.all() ?? [])].map((area) => area.cidr);
  const { starts } = partitionAddresses(family, cidrs);
  const pairs: AreaPair[] = [];
  const places = new Map<string, number>();
  const pairOf = Uint32Array.from(starts, (start) => {
    const area = areas.areaAt(start);
    const other = others?.areaAt(start);
    const key = `${area.id} ${other?.id}`;
    let place = places.get(key);
    if (place === undefined) {
      place = pairs.push({ area, ...(other === undefined ? {} : { unaudited: other }) }) - 1;
      places.set(key, place);
    }
    return place;
  });
  return { family, starts, placeOfStart: placesOf(starts), pairs, pairOf };
}

function placesOf(starts: readonly bigint[]): Map<bigint, number> {
  return new Map(starts.map((start, place) => [start, place]));
}

/** The segment that holds an address. */
export function segmentAt({ starts }: Segments, value: bigint): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The segments, cut also where the ranges of a set begin or end. */
export function cutFurther(segments: Segments, sets: readonly RangesOfSet[]): Segments {
  const all = new Set(segments.starts);
  for (const { ranges } of sets) {
    for (const { first, last } of ranges) {
      all.add(first);
      all.add(last + 1n);
    }
  }
  all.delete(1n << (segments.family === 4 ? 32n : 128n));
  const starts = [...all].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const pairOf = Uint32Array.from(starts, (start) => segments.pairOf[segmentAt(segments, start)]!);
  return { ...segments, starts, placeOfStart: placesOf(starts), pairOf };
}

/** By segment, 1 where it is in the ranges, else 0. Undefined if a range begins or ends within a segment. */
export function segmentsWithin(segments: Segments, { ranges }: RangesOfSet): Uint8Array | undefined {
  const within = new Uint8Array(segments.starts.length);
  for (const { first, last } of ranges) {
    const from = segments.placeOfStart.get(first);
    const end = last + 1n;
    const isEndOfAll = end === 1n << (segments.family === 4 ? 32n : 128n);
    const to = isEndOfAll ? segments.starts.length : segments.placeOfStart.get(end);
    if (from === undefined || to === undefined) return undefined;
    within.fill(1, from, to);
  }
  return within;
}

/** By area pair: 0 if none of its segments is within, 1 if all are, 2 if some are. */
export function pairsWithin(segments: Segments, within: Uint8Array): Uint8Array {
  const states = new Uint8Array(segments.pairs.length).fill(3);
  for (let i = 0; i < within.length; i++) {
    const pair = segments.pairOf[i]!;
    const state = states[pair]!;
    if (state === 3) states[pair] = within[i]!;
    else if (state !== within[i]) states[pair] = 2;
  }
  return states;
}
