import { type Family, formatAddress, maxAddressValue } from "./address.ts";
import { type Cidr, cidrOfRange, formatCidr } from "./cidr.ts";

/** A range of addresses of one family, both ends included. */
export interface AddressRange {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * The whole address space of a family, cut at every boundary of some CIDRs into disjoint ranges. All addresses
 * of one range lie in the same CIDRs.
 */
export interface AddressPartition {
  readonly family: Family;
  /** First address of each range, ascending; the first is 0. */
  readonly starts: readonly bigint[];
}

/** Cuts the address space of `family` at the boundaries of those CIDRs that belong to it. */
export function partitionAddresses(family: Family, cidrs: Iterable<Cidr>): AddressPartition {
  const boundaries = new Set<bigint>([0n]);
  const max = maxAddressValue(family);
  for (const cidr of cidrs) {
    if (cidr.family !== family) continue;
    boundaries.add(cidr.first);
    if (cidr.last < max) boundaries.add(cidr.last + 1n);
  }
  return { family, starts: [...boundaries].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)) };
}

/** Index of the range that holds the address. */
export function rangeIndexOf(partition: AddressPartition, value: bigint): number {
  let low = 0;
  let high = partition.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (partition.starts[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The range of an index. */
export function rangeAt(partition: AddressPartition, index: number): AddressRange {
  const next = partition.starts[index + 1];
  return {
    family: partition.family,
    first: partition.starts[index]!,
    last: next === undefined ? maxAddressValue(partition.family) : next - 1n,
  };
}

/** `first-last`, both as addresses. */
export function formatRange(range: AddressRange): string {
  const text = (value: bigint): string => formatAddress({ family: range.family, value });
  return `${text(range.first)}-${text(range.last)}`;
}

/** The range as a CIDR where it is exactly one, else `first-last`. */
export function formatRangeShort(range: AddressRange): string {
  const cidr = cidrOfRange(range.family, range.first, range.last);
  return cidr === undefined ? formatRange(range) : formatCidr(cidr);
}
