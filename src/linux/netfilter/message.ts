import { align, attribute } from "../netlink.ts";

// linux/netlink.h, linux/netfilter/nfnetlink.h
export const NLM_F_REQUEST = 1;
export const NLM_F_ACK = 4;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
const NLA_F_NESTED = 0x8000;
const NLA_TYPE_MASK = 0x3fff;

/** Bytes of a message before its attributes: struct nlmsghdr and struct nfgenmsg. */
export const NETFILTER_HEADER = 20;

/** What stands in the headers of a request to a netfilter subsystem. */
export interface NetfilterRequest {
  /** The subsystem in the upper byte, its message in the lower one. */
  readonly type: number;
  /** Flags beside NLM_F_REQUEST. */
  readonly flags: number;
  /** An address family, 0 for all. */
  readonly family: number;
  /** What `nfgenmsg.res_id` means to the subsystem, such as the number of an NFLOG group. */
  readonly resource?: number;
  readonly attributes: readonly Buffer[];
}

/** The bytes of a request. */
export function netfilterMessage(request: NetfilterRequest, sequence: number): Buffer {
  const header = Buffer.alloc(NETFILTER_HEADER);
  const bytes = Buffer.concat([header, ...request.attributes]);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(request.type, 4);
  bytes.writeUInt16LE(request.flags | NLM_F_REQUEST, 6);
  bytes.writeUInt32LE(sequence, 8);
  bytes[16] = request.family;
  bytes.writeUInt16BE(request.resource ?? 0, 18);
  return bytes;
}

/** An attribute that holds attributes. */
export function nested(type: number, parts: readonly Buffer[]): Buffer {
  return attribute(type | NLA_F_NESTED, Buffer.concat(parts));
}

/** An attribute of one byte. */
export function byteAttribute(type: number, value: number): Buffer {
  return attribute(type, Uint8Array.of(value));
}

/** A 16-bit number in network byte order, as netfilter has its numbers (rtnetlink has them in the machine's own). */
export function shortAttribute(type: number, value: number): Buffer {
  return attribute(type, Uint8Array.of(value >> 8, value));
}

/** A 32-bit number in network byte order. */
export function wordAttribute(type: number, value: number): Buffer {
  return attribute(type, Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
}

/** Calls `visit` for each attribute between two offsets, with the offsets of its value. */
export function visitAttributes(
  bytes: Buffer,
  from: number,
  to: number,
  visit: (type: number, start: number, end: number) => void,
): void {
  for (let at = from; at + 4 <= to; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4 || at + length > to) return;
    visit(bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK, at + 4, at + length);
    at += align(length);
  }
}

/** A text that the kernel ended with a zero byte. */
export function zeroEndedText(bytes: Buffer, start: number, end: number): string {
  const zero = bytes.indexOf(0, start);
  return bytes.toString("utf8", start, zero < 0 || zero > end ? end : zero);
}
