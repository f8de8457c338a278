import { type Bitset, emptyBitset } from "../net/bitset.ts";

/** A set of small integers that knows where its members lie, so that sets far apart are told apart at once. */
export interface SpannedBits {
  readonly bits: Bitset;
  /** The first word that has a member, and the one after the last. Both 0 for an empty set. */
  readonly start: number;
  readonly end: number;
}

export function spanned(bits: Bitset): SpannedBits {
  let start = 0;
  let end = bits.length;
  while (start < end && bits[start] === 0) start++;
  while (end > start && bits[end - 1] === 0) end--;
  return start === end ? { bits, start: 0, end: 0 } : { bits, start, end };
}

export const NOTHING_SPANNED: SpannedBits = spanned(emptyBitset(0));

export function isEmptySpan(set: SpannedBits): boolean {
  return set.end === 0;
}

/** True if the sets, of the same size, have a member in common. */
export function spansMeet(a: SpannedBits, b: SpannedBits): boolean {
  const end = Math.min(a.end, b.end);
  for (let i = Math.max(a.start, b.start); i < end; i++) if ((a.bits[i]! & b.bits[i]!) !== 0) return true;
  return false;
}

export function sameSpans(a: SpannedBits, b: SpannedBits): boolean {
  if (a.start !== b.start || a.end !== b.end) return false;
  for (let i = a.start; i < a.end; i++) if (a.bits[i] !== b.bits[i]) return false;
  return true;
}
