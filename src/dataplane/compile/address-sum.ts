import type { AddressHash } from "./address-hash.ts";

/** What is known of a set of addresses without listing them: equal sets have equal sums, unequal ones practically not. */
export interface AddressSum {
  count: number;
  low: number;
  high: number;
}

export function emptySum(): AddressSum {
  return { count: 0, low: 0, high: 0 };
}

/** Adds an address, or takes one away with `count` -1. */
export function addAddress(sum: AddressSum, { low, high }: AddressHash, count: 1 | -1): void {
  sum.count += count;
  sum.low ^= low;
  sum.high ^= high;
}

/** Adds all addresses of another sum, of which none may be in this one. */
export function addSum(sum: AddressSum, other: AddressSum): void {
  sum.count += other.count;
  sum.low ^= other.low;
  sum.high ^= other.high;
}

export function sameSum(a: AddressSum, b: AddressSum): boolean {
  return a.count === b.count && a.low === b.low && a.high === b.high;
}

/** Twelve hexadecimal digits and the count: a key for maps, and a name. */
export function sumKey({ count, low, high }: AddressSum): string {
  const hex = (value: number, digits: number): string =>
    (value >>> 0).toString(16).padStart(8, "0").slice(-digits);
  return `${hex(high, 8)}${hex(low, 8)}_${count}`;
}
