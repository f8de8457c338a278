import { addressBytes } from "../../../src/linux/sockaddr.ts";
import { IPPROTO_TCP, IPPROTO_UDP } from "../../../src/linux/syscalls.ts";
import type { Address } from "../../../src/net/address.ts";

/** A packet that can be sent again and again as that of another connection. */
export interface FloodPacket {
  /** From the IP header on. */
  readonly bytes: Buffer;
  /** Makes it the first packet of a connection between these ports, with the right checksum. */
  readonly setPorts: (source: number, destination: number) => void;
}

const PAYLOAD = "flooding";
const SEQUENCE = 1;

/** True for what {@link floodPacket} makes, after the IP header: other packets are from somebody else. */
export function isFloodPacket(protocol: number, payload: Buffer): boolean {
  if (protocol === IPPROTO_UDP) return payload.toString("latin1", 8) === PAYLOAD;
  return payload.length === 20 && payload.readUInt32BE(4) === SEQUENCE && payload[13] === 0x02;
}

/** A UDP datagram of 8 bytes, or a TCP segment that asks for a connection. Both addresses are of one family. */
export function floodPacket(protocol: "TCP" | "UDP", from: Address, to: Address): FloodPacket {
  const header = from.family === 4 ? 20 : 40;
  const length = protocol === "UDP" ? 16 : 20;
  const number = protocol === "UDP" ? IPPROTO_UDP : IPPROTO_TCP;
  const bytes = Buffer.alloc(header + length);
  if (from.family === 4) {
    // The kernel fills in length, identification and checksum of an IPv4 header.
    bytes[0] = 0x45;
    bytes.writeUInt16BE(bytes.length, 2);
    bytes[8] = 64;
    bytes[9] = number;
  } else {
    bytes[0] = 0x60;
    bytes.writeUInt16BE(length, 4);
    bytes[6] = number;
    bytes[7] = 64;
  }
  const size = from.family === 4 ? 4 : 16;
  addressBytes(from).copy(bytes, header - 2 * size);
  addressBytes(to).copy(bytes, header - size);
  let checksumAt = header + 6;
  if (protocol === "UDP") {
    bytes.writeUInt16BE(length, header + 4);
    bytes.write(PAYLOAD, header + 8);
  } else {
    bytes.writeUInt32BE(SEQUENCE, header + 4);
    bytes[header + 12] = 0x50;
    bytes[header + 13] = 0x02;
    bytes.writeUInt16BE(0xffff, header + 14);
    checksumAt = header + 16;
  }
  // The addresses, and all after the header, are what both checksums are over (RFC 768, RFC 9293, RFC 8200).
  let sum = number + length;
  for (let i = header - 2 * size; i < bytes.length; i += 2) sum += bytes.readUInt16BE(i);
  return {
    bytes,
    setPorts(source, destination) {
      bytes.writeUInt16BE(source, header);
      bytes.writeUInt16BE(destination, header + 2);
      let folded = sum + source + destination;
      while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
      const checksum = ~folded & 0xffff;
      bytes.writeUInt16BE(checksum === 0 ? 0xffff : checksum, checksumAt);
    },
  };
}
