/** An IP address family, by its version number. */
export type Family = 4 | 6;

/** The families in the order in which everything lists them. */
export const FAMILIES: readonly Family[] = [4, 6];

/** An IPv4 or IPv6 address. `value` is the address as an unsigned integer of 32 or 128 bits. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** Width of an address in bits. */
export function addressBits(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** A key of maps for an address: a number for IPv4, which hashes much faster than the bigint of IPv6. */
export function addressKey({ family, value }: Address): number | bigint {
  return family === 4 ? Number(value) : value;
}

/** The highest address of a family, as an integer. */
export function maxAddressValue(family: Family): bigint {
  return family === 4 ? 0xffff_ffffn : (1n << 128n) - 1n;
}

/**
 * Reads an IPv4 or IPv6 address in its usual text form. Strict: four decimal parts without leading zeros for
 * IPv4, RFC 4291 forms for IPv6, no zone. Returns undefined for anything else.
 */
export function parseAddress(text: string): Address | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text, false);
}

/**
 * As {@link parseAddress}, and accepts leading zeros in IPv4 parts, read as decimal: what the Kubernetes API
 * still accepts in older fields (`netutils.ParseIPSloppy`).
 */
export function parseAddressSloppy(text: string): Address | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text, true);
}

function parseIpv4(text: string, leadingZeros: boolean): Address | undefined {
  let value = 0;
  let parts = 0;
  let part = -1;
  let digits = 0;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 46;
    if (code === 46) {
      if (part < 0 || part > 255) return undefined;
      if (digits > 1 && !leadingZeros && text.charCodeAt(i - digits) === 48) return undefined;
      value = value * 256 + part;
      parts++;
      part = -1;
      digits = 0;
    } else if (code >= 48 && code <= 57 && digits < 16) {
      part = Math.max(part, 0) * 10 + (code - 48);
      digits++;
    } else {
      return undefined;
    }
  }
  return parts === 4 ? { family: 4, value: BigInt(value) } : undefined;
}

function parseIpv6(text: string): Address | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseIpv6Groups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseIpv6Groups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  // "::" stands for at least one group of zeros (RFC 4291, 2.2).
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...new Array<number>(missing).fill(0), ...tail]) {
    value = (value << 16n) | BigInt(group);
  }
  return { family: 6, value };
}

function parseIpv6Groups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else if (mayEndInIpv4 && i === parts.length - 1) {
      const ipv4 = parseIpv4(part, false);
      if (ipv4 === undefined) return undefined;
      groups.push(Number(ipv4.value >> 16n), Number(ipv4.value & 0xffffn));
    } else {
      return undefined;
    }
  }
  return groups;
}

/** The canonical text of an address: dotted decimal, or RFC 5952 for IPv6. */
export function formatAddress(address: Address): string {
  return address.family === 4 ? formatIpv4(address.value) : formatIpv6(address.value);
}

function formatIpv4(value: bigint): string {
  const n = Number(value);
  return `${Math.floor(n / 0x1000000)}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
}

function formatIpv6(value: bigint): string {
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((value >> shift) & 0xffffn));
  // RFC 5952: the longest run of two or more zero groups becomes "::"; the first of equals.
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; ) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > bestLength) {
      best = i;
      bestLength = end - i;
    }
    i = end + 1;
  }
  const hex = (part: number[]): string => part.map((group) => group.toString(16)).join(":");
  if (best < 0) return hex(groups);
  return `${hex(groups.slice(0, best))}::${hex(groups.slice(best + bestLength))}`;
}

/** Orders addresses: IPv4 before IPv6, then by value. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}
