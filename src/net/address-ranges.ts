import { addressBits, type Family } from "./address.ts";
import type { AddressRange } from "./address-partition.ts";
import { type Cidr, cidrOf } from "./cidr.ts";

/** Ranges of one family, ascending, disjoint and not touching. */
export type AddressRanges = readonly AddressRange[];

/** A block as a range. */
export function rangeOfCidr({ family, first, last }: Cidr): AddressRange {
  return { family, first, last };
}

/** The ranges in canonical form, whatever their order and however they overlap; all of one family. */
export function joinRanges(ranges: Iterable<AddressRange>): AddressRanges {
  const sorted = [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const joined: AddressRange[] = [];
  for (const range of sorted) {
    const before = joined.at(-1);
    if (before === undefined || range.first > before.last + 1n) joined.push(range);
    else if (range.last > before.last) joined[joined.length - 1] = { ...before, last: range.last };
  }
  return joined;
}

/** What is in `a` and in none of `b`. */
export function subtractAddresses(a: AddressRanges, b: AddressRanges): AddressRanges {
  const left: AddressRange[] = [];
  let j = 0;
  for (const { family, last, first } of a) {
    let next = first;
    while (j < b.length && b[j]!.last < next) j++;
    // The last of `b` that is looked at here may reach into the next of `a`.
    for (let i = j; i < b.length && b[i]!.first <= last && next <= last; i++) {
      if (b[i]!.first > next) left.push({ family, first: next, last: b[i]!.first - 1n });
      if (b[i]!.last >= next) next = b[i]!.last + 1n;
    }
    if (next <= last) left.push({ family, first: next, last });
  }
  return left;
}

/** What is in both. */
export function intersectAddresses(a: AddressRanges, b: AddressRanges): AddressRanges {
  const both: AddressRange[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const first = a[i]!.first > b[j]!.first ? a[i]!.first : b[j]!.first;
    const last = a[i]!.last < b[j]!.last ? a[i]!.last : b[j]!.last;
    if (first <= last) both.push({ family: a[i]!.family, first, last });
    if (a[i]!.last < b[j]!.last) i++;
    else j++;
  }
  return both;
}

/** No address of a family. */
export function noAddresses(): Record<Family, AddressRanges> {
  return { 4: [], 6: [] };
}

/** The fewest blocks that together are the ranges, ascending. */
export function cidrsOfRanges(ranges: AddressRanges): Cidr[] {
  const cidrs: Cidr[] = [];
  for (const { family, first, last } of ranges) {
    const bits = addressBits(family);
    let next = first;
    while (next <= last) {
      let hostBits = 0;
      // The largest block that begins here and ends within the range.
      while (hostBits < bits) {
        const size = 1n << BigInt(hostBits + 1);
        if (next % size !== 0n || next + size - 1n > last) break;
        hostBits++;
      }
      const cidr = cidrOf({ family, value: next }, bits - hostBits);
      cidrs.push(cidr);
      next = cidr.last + 1n;
    }
  }
  return cidrs;
}
