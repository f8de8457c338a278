import { crc32c } from "./crc32c.ts";

/** Chunk types of RFC 9260 that a probe meets. */
export const SCTP_INIT = 1;
export const SCTP_INIT_ACK = 2;
export const SCTP_ABORT = 6;

/** What the lab reads from an SCTP packet: the common header and the first chunk. */
export interface SctpPacket {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly verificationTag: number;
  readonly chunk: number;
  /** Initiate Tag of an INIT or INIT ACK, 0 for other chunks. */
  readonly initiateTag: number;
}

/** Reads an SCTP packet; undefined if it is too short or its checksum is wrong. */
export function parseSctp(bytes: Buffer): SctpPacket | undefined {
  if (bytes.length < 16) return undefined;
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(0, 8);
  if (crc32c(copy) !== bytes.readUInt32LE(8)) return undefined;
  const chunk = bytes[12]!;
  const initiates = (chunk === SCTP_INIT || chunk === SCTP_INIT_ACK) && bytes.length >= 32;
  return {
    sourcePort: bytes.readUInt16BE(0),
    destinationPort: bytes.readUInt16BE(2),
    verificationTag: bytes.readUInt32BE(4),
    chunk,
    initiateTag: initiates ? bytes.readUInt32BE(16) : 0,
  };
}

/** An INIT that asks for an association; `tag` is what the answer must carry. */
export function sctpInit(sourcePort: number, destinationPort: number, tag: number): Buffer {
  const bytes = header(32, sourcePort, destinationPort, 0, SCTP_INIT);
  writeInitiation(bytes, tag);
  return seal(bytes);
}

/** The INIT ACK to an INIT, with a state cookie, which RFC 9260 (3.3.3) requires. */
export function sctpInitAck(init: SctpPacket, tag: number): Buffer {
  const cookie = 8;
  const bytes = header(32 + cookie, init.destinationPort, init.sourcePort, init.initiateTag, SCTP_INIT_ACK);
  writeInitiation(bytes, tag);
  bytes.writeUInt16BE(7, 32);
  bytes.writeUInt16BE(cookie, 34);
  bytes.writeUInt32BE(tag, 36);
  return seal(bytes);
}

/** The ABORT to an INIT for a port on which nobody listens (RFC 9260, 8.4). */
export function sctpAbort(init: SctpPacket): Buffer {
  return seal(header(16, init.destinationPort, init.sourcePort, init.initiateTag, SCTP_ABORT));
}

function header(length: number, source: number, destination: number, tag: number, chunk: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt16BE(source, 0);
  bytes.writeUInt16BE(destination, 2);
  bytes.writeUInt32BE(tag, 4);
  bytes[12] = chunk;
  bytes.writeUInt16BE(length - 12, 14);
  return bytes;
}

function writeInitiation(bytes: Buffer, tag: number): void {
  bytes.writeUInt32BE(tag, 16);
  bytes.writeUInt32BE(65536, 20); // receiver window
  bytes.writeUInt16BE(1, 24); // outbound streams
  bytes.writeUInt16BE(1, 26); // inbound streams
  bytes.writeUInt32BE(tag, 28); // initial TSN
}

function seal(bytes: Buffer): Buffer {
  // The CRC travels with its least significant byte first (RFC 9260, appendix A).
  bytes.writeUInt32LE(crc32c(bytes), 8);
  return bytes;
}
