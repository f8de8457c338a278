// What a packet says of itself: the bytes from the IP header on, as NFLOG copies them, possibly cut short.
import type { Address, Family } from "../../net/address.ts";
import { transportOf } from "./ip-protocol.ts";
import { ipv6Payload } from "./ipv6-headers.ts";

/** The head of an IP packet, as far as the bytes go. */
export interface IpPacket {
  readonly family: Family;
  readonly source: Address;
  readonly destination: Address;
  /** IANA number, that behind the extension headers of IPv6; undefined where the bytes end before it is told. */
  readonly protocol?: number;
  /** Of TCP, UDP and SCTP, 0-65535; undefined in all but the first fragment, and where the bytes end before. */
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly icmp?: { readonly type: number; readonly code: number };
  /** Set on every fragment but the first: its place in the whole, in bytes. It has no ports. */
  readonly fragmentOffset?: number;
  /** The bytes end before all of the above could be read. */
  readonly truncated: boolean;
}

/** What follows the IP header, or its extension headers. */
export interface IpPayload {
  readonly protocol?: number;
  /** Where it begins. */
  readonly offset: number;
  readonly fragmentOffset?: number;
}

/**
 * Reads a packet that begins with its IP header (RFC 791, RFC 8200). Never throws. Undefined without both addresses,
 * since nothing can be said of such a packet: it is no IP, or it ends within them.
 */
export function parsePacket(bytes: Uint8Array): IpPacket | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4) return parseIpv4(bytes);
  return version === 6 ? parseIpv6(bytes) : undefined;
}

function parseIpv4(bytes: Uint8Array): IpPacket | undefined {
  if (bytes.length < 20) return undefined;
  const total = word(bytes, 2);
  const headerLength = (bytes[0]! & 15) * 4;
  // 0 stands for a length that 16 bits cannot hold (a joined packet of more than 64 KB).
  const end = total >= headerLength ? Math.min(total, bytes.length) : bytes.length;
  const fragmentOffset = (word(bytes, 6) & 0x1fff) * 8;
  const payload: IpPayload = {
    protocol: bytes[9]!,
    offset: headerLength,
    ...(fragmentOffset === 0 ? {} : { fragmentOffset }),
  };
  const source: Address = { family: 4, value: BigInt(doubleWord(bytes, 12)) };
  const destination: Address = { family: 4, value: BigInt(doubleWord(bytes, 16)) };
  // Such a header says that it ends before the addresses do: what follows it is anybody's guess.
  if (headerLength < 20) return { family: 4, source, destination, protocol: bytes[9]!, truncated: true };
  return { family: 4, source, destination, ...payloadFields(bytes, end, payload) };
}

function parseIpv6(bytes: Uint8Array): IpPacket | undefined {
  if (bytes.length < 40) return undefined;
  const length = word(bytes, 4);
  // 0 stands for a jumbogram (RFC 2675).
  const end = length === 0 ? bytes.length : Math.min(40 + length, bytes.length);
  const source: Address = { family: 6, value: address6(bytes, 8) };
  const destination: Address = { family: 6, value: address6(bytes, 24) };
  return { family: 6, source, destination, ...payloadFields(bytes, end, ipv6Payload(bytes, end)) };
}

type PayloadFields = Omit<IpPacket, "family" | "source" | "destination">;

const ICMP = 1;
const ICMPV6 = 58;

function payloadFields(bytes: Uint8Array, end: number, payload: IpPayload): PayloadFields {
  const { protocol, offset, fragmentOffset } = payload;
  if (fragmentOffset !== undefined) {
    return { ...(protocol === undefined ? {} : { protocol }), fragmentOffset, truncated: false };
  }
  if (protocol === undefined) return { truncated: true };
  if (transportOf(protocol) !== undefined) {
    return {
      protocol,
      ...(offset + 2 > end ? {} : { sourcePort: word(bytes, offset) }),
      ...(offset + 4 > end ? {} : { destinationPort: word(bytes, offset + 2) }),
      truncated: offset + 4 > end,
    };
  }
  if (protocol !== ICMP && protocol !== ICMPV6) return { protocol, truncated: false };
  if (offset + 2 > end) return { protocol, truncated: true };
  return { protocol, icmp: { type: bytes[offset]!, code: bytes[offset + 1]! }, truncated: false };
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function doubleWord(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function address6(bytes: Uint8Array, at: number): bigint {
  let value = 0n;
  for (let i = at; i < at + 16; i += 4) value = (value << 32n) | BigInt(doubleWord(bytes, i));
  return value;
}
