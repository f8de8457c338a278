import type { Family } from "../net/address.ts";

/** An ICMP or ICMPv6 message, as far as a probe cares. */
export type IcmpMessage =
  | { readonly kind: "echo-reply"; readonly id: number; readonly sequence: number }
  | {
      readonly kind: "error";
      readonly type: number;
      readonly code: number;
      /** The protocol number of the packet that caused the error, and the first 8 bytes after its IP header. */
      readonly protocol: number;
      readonly cause: Buffer;
    };

const ECHO_REQUEST: Record<Family, number> = { 4: 8, 6: 128 };
const ECHO_REPLY: Record<Family, number> = { 4: 0, 6: 129 };

/** An echo request. The kernel fills in the checksum of ICMPv6; that of ICMP is ours. */
export function echoRequest(family: Family, id: number, sequence: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes[0] = ECHO_REQUEST[family];
  bytes.writeUInt16BE(id, 4);
  bytes.writeUInt16BE(sequence, 6);
  bytes.write("podwall", 8);
  if (family === 4) bytes.writeUInt16BE(internetChecksum(bytes), 2);
  return bytes;
}

/** The Internet checksum (RFC 1071). */
export function internetChecksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The payload of a packet read from a raw socket: IPv4 delivers the IP header too, IPv6 does not. */
export function rawPayload(family: Family, packet: Buffer): Buffer {
  return family === 6 ? packet : packet.subarray((packet[0]! & 15) * 4);
}

/** Reads an echo reply or an error (destination unreachable, parameter problem); undefined for the rest. */
export function parseIcmp(family: Family, bytes: Buffer): IcmpMessage | undefined {
  if (bytes.length < 8) return undefined;
  const type = bytes[0]!;
  if (type === ECHO_REPLY[family]) {
    return { kind: "echo-reply", id: bytes.readUInt16BE(4), sequence: bytes.readUInt16BE(6) };
  }
  if (family === 4 ? type !== 3 : type !== 1 && type !== 4) return undefined;
  const inner = bytes.subarray(8);
  if (inner.length < (family === 4 ? 20 : 40)) return undefined;
  const cause = inner.subarray(family === 4 ? (inner[0]! & 15) * 4 : 40);
  if (cause.length < 8) return undefined;
  return { kind: "error", type, code: bytes[1]!, protocol: inner[family === 4 ? 9 : 6]!, cause };
}

/**
 * True for errors that the destination itself sends because nobody is there to take the packet: protocol or
 * port unreachable. The packet has passed.
 */
export function meansNobodyListens(family: Family, type: number, code: number): boolean {
  if (family === 4) return type === 3 && (code === 2 || code === 3);
  return (type === 1 && code === 4) || (type === 4 && code === 1);
}

/** Value for the ICMP_FILTER socket option: lets pass echo replies and destination unreachable only. */
export function icmpFilter(family: Family): Buffer {
  const wanted = family === 4 ? [0, 3] : [1, 4, 129];
  // A set bit blocks the type; ICMP has one word of them, ICMPv6 eight.
  const filter = Buffer.alloc(family === 4 ? 4 : 32, 0xff);
  for (const type of wanted) {
    const byte = (type >> 5) * 4 + ((type & 31) >> 3);
    filter[byte] = filter[byte]! & ~(1 << (type & 7));
  }
  return filter;
}
