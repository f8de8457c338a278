import {
  type Cidr,
  cidrContains,
  type Family,
  formatAddress,
  parseAddress,
  parseCidr,
  widthOf,
} from "../reference/ip.ts";
import type { Random } from "./random.ts";

/** The family of an address or a CIDR in valid text. */
export function familyOfText(text: string): Family {
  return text.includes(":") ? 6 : 4;
}

/** Where pods live. */
export const POD_RANGES: Record<Family, string> = { 4: "10.244.0.0/16", 6: "fd00:10:244::/56" };

/** Where nodes live. */
export const NODE_RANGES: Record<Family, string> = { 4: "172.18.0.0/16", 6: "fd00:172:18::/64" };

/** Hosts outside of the cluster. */
export const EXTERNAL_ADDRESSES: Record<Family, readonly string[]> = {
  4: ["192.168.5.10", "203.0.113.7"],
  6: ["2001:db8::7", "2001:db8:5::10"],
};

/** Few and close together, so that small CIDRs catch some pods and miss others. */
const HOST_NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 16, 127, 128, 254];

/** An address for a pod on the node of this index (0-99), not yet in `used`; adds it there. */
export function podAddress(random: Random, family: Family, nodeIndex: number, used: Set<string>): string {
  const subnet = nodeIndex === 0 ? "fd00:10:244::" : `fd00:10:244:${nodeIndex}::`;
  const prefix = family === 4 ? `10.244.${nodeIndex}.` : subnet;
  const free = (numbers: readonly number[]) =>
    numbers.map((host) => prefix + host.toString(family === 4 ? 10 : 16)).filter((text) => !used.has(text));
  const dense = free(HOST_NUMBERS);
  const address = random.pick(dense.length > 0 ? dense : free(range(1, 254)));
  used.add(address);
  return address;
}

/** The pod CIDR of the node of this index. */
export function podCidr(family: Family, nodeIndex: number): string {
  return canonicalCidr(family === 4 ? `10.244.${nodeIndex}.0/24` : `fd00:10:244:${nodeIndex}::/64`);
}

/** The internal (`which` 0) or external (1) address of the node of this index. */
export function nodeAddress(family: Family, nodeIndex: number, which: 0 | 1): string {
  if (family === 4) {
    return `172.18.${which}.${nodeIndex + 2}`;
  }
  return which === 0 ? `fd00:172:18::${nodeIndex + 2}` : `fd00:172:18::1:${nodeIndex + 2}`;
}

/** The address in canonical text. @throws Error when the text is no address. */
export function canonicalAddress(text: string): string {
  return formatAddress(parseAddress(text));
}

/** The block with its host bits cleared and its address in canonical text. @throws Error when it is none. */
export function canonicalCidr(text: string): string {
  const cidr = parseCidr(text);
  const bits = cidr.bits.slice(0, cidr.prefix).padEnd(widthOf(cidr.family), "0");
  return `${formatAddress({ family: cidr.family, bits })}/${cidr.prefix}`;
}

/** Whether `inner` lies in `outer` and is smaller: what `except` demands. */
export function isStrictlyInside(inner: Cidr, outer: Cidr): boolean {
  return inner.prefix > outer.prefix && cidrContains(outer, inner);
}

/** The addresses where the answer of a block changes: its first and last, and those just outside, if there are. */
export function boundaryAddresses(cidrText: string): string[] {
  const { family, bits, prefix } = parseCidr(cidrText);
  const width = widthOf(family);
  const network = bits.slice(0, prefix);
  const first = BigInt(`0b${network.padEnd(width, "0")}`);
  const last = BigInt(`0b${network.padEnd(width, "1")}`);
  return [...new Set([first, last, first - 1n, last + 1n])]
    .filter((value) => value >= 0n && value < 1n << BigInt(width))
    .map((value) => formatAddress({ family, bits: value.toString(2).padStart(width, "0") }));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
