import {
  type Address,
  addressBits,
  type Family,
  formatAddress,
  maxAddressValue,
  parseAddress,
  parseAddressSloppy,
} from "./address.ts";

/** A block of addresses: `first` is its lowest, `prefix` its length in bits. */
export interface Cidr {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefix: number;
}

/** What {@link parseCidr} found: the block, and whether the text was its canonical form. */
export interface ParsedCidr {
  readonly cidr: Cidr;
  /** False for host bits set (`10.0.0.5/24`), leading zeros (`010.0.0.0/8`, `10.0.0.0/08`), an unusual IPv6 spelling. */
  readonly canonical: boolean;
}

/**
 * Reads `address/prefix` as the Kubernetes API does: host bits are cut off, leading zeros of IPv4 parts and
 * of the prefix are decimal. Returns undefined for anything that the API refuses, and for IPv4-mapped IPv6 blocks, whose meaning
 * there is unclear.
 */
export function parseCidr(text: string): ParsedCidr | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const address = parseAddressSloppy(text.slice(0, slash));
  const prefixText = text.slice(slash + 1);
  if (address === undefined || !/^[0-9]+$/.test(prefixText)) return undefined;
  const prefix = Number(prefixText);
  if (prefix > addressBits(address.family)) return undefined;
  if (address.family === 6 && address.value >> 32n === 0xffffn) return undefined;
  const cidr = cidrOf(address, prefix);
  return { cidr, canonical: formatCidr(cidr) === text };
}

/** The block of length `prefix` around an address. */
export function cidrOf(address: Address, prefix: number): Cidr {
  const size = 1n << BigInt(addressBits(address.family) - prefix);
  const first = (address.value / size) * size;
  return { family: address.family, first, last: first + size - 1n, prefix };
}

/** Reads a single address, or a block, as a block. Strict about addresses. */
export function parseAddressOrCidr(text: string): Cidr | undefined {
  const address = parseAddress(text);
  if (address !== undefined) return cidrOf(address, addressBits(address.family));
  return parseCidr(text)?.cidr;
}

/** The canonical text of a block. */
export function formatCidr(cidr: Cidr): string {
  return `${formatAddress({ family: cidr.family, value: cidr.first })}/${cidr.prefix}`;
}

/** True if the address lies in the block. */
export function cidrContains(cidr: Cidr, address: Address): boolean {
  return cidr.family === address.family && address.value >= cidr.first && address.value <= cidr.last;
}

/** True if `inner` lies in `outer` and is smaller: what the API asks of each `except` of an ipBlock. */
export function cidrStrictlyInside(inner: Cidr, outer: Cidr): boolean {
  return (
    inner.family === outer.family &&
    inner.prefix > outer.prefix &&
    inner.first >= outer.first &&
    inner.last <= outer.last
  );
}

/** The block that is exactly this range, if there is one. */
export function cidrOfRange(family: Family, first: bigint, last: bigint): Cidr | undefined {
  const size = last - first + 1n;
  if ((size & (size - 1n)) !== 0n || first % size !== 0n) return undefined;
  let hostBits = 0;
  for (let s = size; s > 1n; s >>= 1n) hostBits++;
  return { family, first, last, prefix: addressBits(family) - hostBits };
}

/** All addresses of a family. */
export function wholeFamily(family: Family): Cidr {
  return { family, first: 0n, last: maxAddressValue(family), prefix: 0 };
}
