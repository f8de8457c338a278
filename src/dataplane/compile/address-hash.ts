/**
 * Two 32-bit hashes of an address, to be combined by XOR: the hash of a set of addresses is then the same in whatever
 * order they came, and costs one step when one comes or goes.
 */
export interface AddressHash {
  readonly low: number;
  readonly high: number;
}

/** Of an address as {@link import("../../net/address.ts").addressKey} gives it: a number for IPv4, a bigint for IPv6. */
export function addressHash(key: number | bigint): AddressHash {
  if (typeof key === "number") return { low: mix(key | 0, SEED_LOW), high: mix(key | 0, SEED_HIGH) };
  let low = SEED_LOW;
  let high = SEED_HIGH;
  for (let shift = 96n; shift >= 0n; shift -= 32n) {
    const word = Number((key >> shift) & 0xffff_ffffn) | 0;
    low = mix(word, low);
    high = mix(word, high);
  }
  return { low, high };
}

// Any two odd numbers without a pattern will do.
const SEED_LOW = 0x9e37_79b9;
const SEED_HIGH = 0x85eb_ca6b;

/** Spreads every bit of a word over all bits of the result: the finalizer of MurmurHash3. */
function mix(word: number, seed: number): number {
  let hash = Math.imul(word ^ seed, 0xcc9e_2d51);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16) ^ seed) | 0;
}
