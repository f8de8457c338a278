/** A fixed-size set of small integers. Operations that change it say so in their name. */
export type Bitset = Uint32Array;

export function emptyBitset(size: number): Bitset {
  return new Uint32Array((size + 31) >>> 5);
}

/** All of 0 .. size-1. */
export function fullBitset(size: number): Bitset {
  const set = emptyBitset(size).fill(0xffff_ffff);
  if ((size & 31) !== 0) set[set.length - 1] = 2 ** (size & 31) - 1;
  return set;
}

export function addBit(set: Bitset, index: number): void {
  set[index >>> 5]! |= 1 << (index & 31);
}

export function hasBit(set: Bitset, index: number): boolean {
  return ((set[index >>> 5]! >>> (index & 31)) & 1) === 1;
}

/** Adds all of `other` to `set`. */
export function unionInto(set: Bitset, other: Bitset): void {
  for (let i = 0; i < set.length; i++) set[i]! |= other[i]!;
}

/** Leaves in `set` only what is in `other` too. */
export function intersectInto(set: Bitset, other: Bitset): void {
  for (let i = 0; i < set.length; i++) set[i]! &= other[i]!;
}

/** Takes all of `other` out of `set`. */
export function subtractInto(set: Bitset, other: Bitset): void {
  for (let i = 0; i < set.length; i++) set[i]! &= ~other[i]!;
}

/** Calls `visit` for each member, ascending. */
export function forEachBit(set: Bitset, visit: (index: number) => void): void {
  for (let word = 0; word < set.length; word++) {
    for (let bits = set[word]!; bits !== 0; bits &= bits - 1) {
      visit((word << 5) + 31 - Math.clz32(bits & -bits));
    }
  }
}
