import { internetChecksum } from "../../../src/lab/icmp.ts";
import { addressBytes, addressOf } from "../../../src/linux/sockaddr.ts";

/** Protocol numbers that these tests send. */
export const ICMP = 1;
export const UDP = 17;
export const GRE = 47;
export const ICMPV6 = 58;
export const UDP_LITE = 136;
const FRAGMENT_HEADER = 44;

/** The part of a datagram that a fragment carries: `offset` in bytes, a multiple of 8. */
export interface FragmentPlace {
  readonly id: number;
  readonly offset: number;
  readonly more: boolean;
}

/** An IP packet, its family being that of its addresses. */
export function ipPacket(
  from: string,
  to: string,
  protocol: number,
  payload: Buffer,
  fragment?: FragmentPlace,
): Buffer {
  const [source, destination] = [addressBytes(addressOf(from)), addressBytes(addressOf(to))];
  if (source.length === 4) {
    const header = Buffer.alloc(20);
    header[0] = 0x45;
    header.writeUInt16BE(20 + payload.length, 2);
    header.writeUInt16BE(fragment?.id ?? 0, 4);
    header.writeUInt16BE(fragment === undefined ? 0 : fragmentWord(fragment, 13, 0), 6);
    header[8] = 64;
    header[9] = protocol;
    source.copy(header, 12);
    destination.copy(header, 16);
    header.writeUInt16BE(internetChecksum(header), 10);
    return Buffer.concat([header, payload]);
  }
  const extension = fragment === undefined ? Buffer.alloc(0) : Buffer.alloc(8);
  if (fragment !== undefined) {
    extension[0] = protocol;
    extension.writeUInt16BE(fragmentWord(fragment, 0, 3), 2);
    extension.writeUInt32BE(fragment.id, 4);
  }
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(extension.length + payload.length, 4);
  header[6] = fragment === undefined ? protocol : FRAGMENT_HEADER;
  header[7] = 255;
  source.copy(header, 8);
  destination.copy(header, 24);
  return Buffer.concat([header, extension, payload]);
}

/** Offset in units of 8 bytes, and the bit that more follows: RFC 791 and RFC 8200, 4.5 place them differently. */
function fragmentWord({ offset, more }: FragmentPlace, moreBit: number, offsetShift: number): number {
  return ((offset / 8) << offsetShift) | (more ? 1 << moreBit : 0);
}

/** A UDP datagram with its checksum. */
export function udp(from: string, to: string, sourcePort: number, port: number, payload: Buffer): Buffer {
  const datagram = Buffer.concat([Buffer.alloc(8), payload]);
  datagram.writeUInt16BE(sourcePort, 0);
  datagram.writeUInt16BE(port, 2);
  datagram.writeUInt16BE(datagram.length, 4);
  datagram.writeUInt16BE(transportChecksum(from, to, UDP, datagram), 6);
  return datagram;
}

/** A UDP-Lite datagram whose checksum covers all of it (RFC 3828). */
export function udpLite(from: string, to: string, sourcePort: number, port: number, payload: Buffer): Buffer {
  const datagram = Buffer.concat([Buffer.alloc(8), payload]);
  datagram.writeUInt16BE(sourcePort, 0);
  datagram.writeUInt16BE(port, 2);
  datagram.writeUInt16BE(transportChecksum(from, to, UDP_LITE, datagram), 6);
  return datagram;
}

/** A GRE packet without key or sequence number (RFC 2784), saying that it carries IPv4. */
export function gre(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, 0, 0x08, 0x00]), payload]);
}

/** An ICMP or ICMPv6 message; `word` is what stands after the checksum: an MTU, or nothing. */
export function icmp(
  from: string,
  to: string,
  type: number,
  code: number,
  word: number,
  body: Buffer,
): Buffer {
  const message = Buffer.concat([Buffer.alloc(8), body]);
  message[0] = type;
  message[1] = code;
  message.writeUInt32BE(word, 4);
  const sum = from.includes(":") ? transportChecksum(from, to, ICMPV6, message) : internetChecksum(message);
  message.writeUInt16BE(sum, 2);
  return message;
}

/** The checksum over the pseudo header too (RFC 768; RFC 8200, 8.1), with 0xffff for zero. */
function transportChecksum(from: string, to: string, protocol: number, segment: Buffer): number {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(segment.length);
  const ends = [addressBytes(addressOf(from)), addressBytes(addressOf(to))];
  return (
    internetChecksum(Buffer.concat([...ends, length, Buffer.from([0, 0, 0, protocol]), segment])) || 0xffff
  );
}

/** Cuts what an IP packet carries into fragments of at most `size` bytes, a multiple of 8. */
export function fragments(
  from: string,
  to: string,
  protocol: number,
  payload: Buffer,
  size: number,
  id: number,
): Buffer[] {
  const packets: Buffer[] = [];
  for (let offset = 0; offset < payload.length; offset += size) {
    const more = offset + size < payload.length;
    packets.push(ipPacket(from, to, protocol, payload.subarray(offset, offset + size), { id, offset, more }));
  }
  return packets;
}
