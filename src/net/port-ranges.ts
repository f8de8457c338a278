/**
 * A set of integers as ranges, flattened: `[first, last, first, last, ...]`, ascending, disjoint and not
 * touching, so that equal sets have equal arrays.
 */
export type PortRanges = readonly number[];

/** True if the port lies in one of the ranges. */
export function rangesHave(ranges: PortRanges, port: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    if (port < ranges[i]!) return false;
    if (port <= ranges[i + 1]!) return true;
  }
  return false;
}

/** All that is in `a` or in `b`. */
export function unionRanges(a: PortRanges, b: PortRanges): PortRanges {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const result: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const fromA = j >= b.length || (i < a.length && a[i]! <= b[j]!);
    const first = fromA ? a[i]! : b[j]!;
    const last = fromA ? a[i + 1]! : b[j + 1]!;
    if (fromA) i += 2;
    else j += 2;
    const end = result.length - 1;
    if (end > 0 && first <= result[end]! + 1) {
      if (last > result[end]!) result[end] = last;
    } else {
      result.push(first, last);
    }
  }
  return result;
}

/** All that is in both. */
export function intersectRanges(a: PortRanges, b: PortRanges): PortRanges {
  const result: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const first = Math.max(a[i]!, b[j]!);
    const last = Math.min(a[i + 1]!, b[j + 1]!);
    if (first <= last) result.push(first, last);
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return result;
}

/** All that is in `a` and not in `b`. */
export function subtractRanges(a: PortRanges, b: PortRanges): PortRanges {
  const result: number[] = [];
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    let first = a[i]!;
    const last = a[i + 1]!;
    while (j < b.length && b[j + 1]! < first) j += 2;
    for (let k = j; k < b.length && b[k]! <= last; k += 2) {
      if (b[k]! > first) result.push(first, b[k]! - 1);
      first = b[k + 1]! + 1;
    }
    if (first <= last) result.push(first, last);
  }
  return result;
}

/** True if all of `inner` is in `outer`. */
export function rangesWithin(inner: PortRanges, outer: PortRanges): boolean {
  let j = 0;
  for (let i = 0; i < inner.length; i += 2) {
    while (j < outer.length && outer[j + 1]! < inner[i]!) j += 2;
    // Ranges of a set do not touch: one of `inner` lies in one of `outer`, or not inside.
    if (j >= outer.length || outer[j]! > inner[i]! || outer[j + 1]! < inner[i + 1]!) return false;
  }
  return true;
}
