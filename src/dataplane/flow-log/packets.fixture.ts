// Packets made by hand for tests.
import { parseAddress } from "../../net/address.ts";

/** The bytes of hexadecimal text; spaces and line breaks are for the reader. */
export function hex(...texts: readonly string[]): Buffer {
  return Buffer.from(texts.join("").replace(/\s/g, ""), "hex");
}

function bytesOf(text: string): Buffer {
  const { family, value } = parseAddress(text)!;
  return Buffer.from(value.toString(16).padStart(family === 4 ? 8 : 32, "0"), "hex");
}

/** What may differ from a plain packet. */
export interface PacketParts {
  /** IPv4: offset of a fragment in bytes. */
  readonly fragmentOffset?: number;
  /** IPv4 options, a multiple of four bytes. */
  readonly options?: Buffer;
  /** IPv6 extension headers: the first's number is `protocol`, and each tells the next itself. */
  readonly extensions?: Buffer;
}

/** An IPv4 or IPv6 packet of a protocol; lengths are right, checksums are not. */
export function ipPacket(
  source: string,
  destination: string,
  protocol: number,
  payload: Uint8Array,
  { fragmentOffset = 0, options = Buffer.alloc(0), extensions = Buffer.alloc(0) }: PacketParts = {},
): Buffer {
  if (source.includes(":")) {
    const head = Buffer.alloc(8);
    head[0] = 0x60;
    head.writeUInt16BE(extensions.length + payload.length, 4);
    head[6] = protocol;
    head[7] = 64;
    return Buffer.concat([head, bytesOf(source), bytesOf(destination), extensions, payload]);
  }
  const head = Buffer.alloc(12);
  head[0] = 0x45 + options.length / 4;
  head.writeUInt16BE(20 + options.length + payload.length, 2);
  head.writeUInt16BE(fragmentOffset / 8, 6);
  head[8] = 64;
  head[9] = protocol;
  return Buffer.concat([head, bytesOf(source), bytesOf(destination), options, payload]);
}

/** The head of a TCP segment that opens a connection. */
export function tcp(sourcePort: number, destinationPort: number): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt16BE(sourcePort, 0);
  bytes.writeUInt16BE(destinationPort, 2);
  bytes[12] = 0x50;
  bytes[13] = 0x02;
  return bytes;
}

/** A UDP datagram without data; the head of SCTP begins with the same two ports. */
export function udp(sourcePort: number, destinationPort: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16BE(sourcePort, 0);
  bytes.writeUInt16BE(destinationPort, 2);
  bytes.writeUInt16BE(8, 4);
  return bytes;
}
