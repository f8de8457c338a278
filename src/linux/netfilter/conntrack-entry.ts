import type { Address } from "../../net/address.ts";
import { align } from "../netlink.ts";
import { AF_INET, AF_INET6 } from "../syscalls.ts";
import { NETFILTER_HEADER } from "./message.ts";

/** The ends of one direction of a connection. */
export interface Tuple {
  readonly source: Address;
  readonly destination: Address;
  /** 0 for protocols without ports. ICMP and ICMPv6: the identifier of the echo. */
  readonly sourcePort: number;
  /** 0 for protocols without ports. ICMP and ICMPv6: type * 256 + code, where the kernel keeps them too. */
  readonly destinationPort: number;
}

/** One tracked connection. */
export interface ConntrackEntry {
  readonly family: 4 | 6;
  /** IP protocol number. */
  readonly protocol: number;
  /** As its first packet was sent. */
  readonly original: Tuple;
  /** As its answers are sent: after DNAT `reply.source` is who serves, after SNAT `reply.destination` who is answered. */
  readonly reply: Tuple;
  /** Bits IPS_* of linux/netfilter/nf_conntrack_common.h, such as {@link IPS_ASSURED}. */
  readonly status: number;
  /** 0 where the kernel has no marks. */
  readonly mark: number;
  /** 0: the connections of everybody who set no zone. */
  readonly zone: number;
  /** The direction that the zone is about, if it is not about both. */
  readonly zoneDirection?: "original" | "reply";
  /**
   * Of this very connection. A later one with the same ends has another, unless the kernel happens to keep it at the
   * same place in memory: the id is a hash of the two.
   */
  readonly id: number;
}

export const IPS_SEEN_REPLY: number = 1 << 1;
export const IPS_ASSURED: number = 1 << 2;
export const IPS_CONFIRMED: number = 1 << 3;
export const IPS_SRC_NAT: number = 1 << 4;
export const IPS_DST_NAT: number = 1 << 5;

// linux/netfilter/nfnetlink_conntrack.h
export const CTA_TUPLE_ORIG = 1;
export const CTA_TUPLE_REPLY = 2;
const CTA_STATUS = 3;
const CTA_MARK = 8;
export const CTA_ID = 12;
export const CTA_ZONE = 18;
export const CTA_TUPLE_IP = 1;
export const CTA_TUPLE_PROTO = 2;
export const CTA_TUPLE_ZONE = 3;
export const CTA_IP_V4_SRC = 1;
export const CTA_IP_V4_DST = 2;
export const CTA_IP_V6_SRC = 3;
export const CTA_IP_V6_DST = 4;
export const CTA_PROTO_NUM = 1;
export const CTA_PROTO_SRC_PORT = 2;
export const CTA_PROTO_DST_PORT = 3;
export const CTA_PROTO_ICMP_ID = 4;
export const CTA_PROTO_ICMP_TYPE = 5;
export const CTA_PROTO_ICMP_CODE = 6;
export const CTA_PROTO_ICMPV6_ID = 7;
export const CTA_PROTO_ICMPV6_TYPE = 8;
export const CTA_PROTO_ICMPV6_CODE = 9;

const TYPE_MASK = 0x3fff;
const NOWHERE: Address = { family: 4, value: 0n };

// A tuple is read into these, so that nothing is allocated for what is only passed on.
let source: Address = NOWHERE;
let destination: Address = NOWHERE;
let sourcePort = 0;
let destinationPort = 0;
let protocol = 0;
let tupleZone = 0;

/** Reads the message of length `length` at `at`; undefined if it is not about a connection of IPv4 or IPv6. */
export function readEntry(view: DataView, at: number, length: number): ConntrackEntry | undefined {
  const family = view.getUint8(at + 16) === AF_INET ? 4 : view.getUint8(at + 16) === AF_INET6 ? 6 : undefined;
  if (family === undefined) return undefined;
  let original: Tuple | undefined;
  let reply: Tuple | undefined;
  let status = 0;
  let mark = 0;
  let zone = 0;
  let id = 0;
  let zoneDirection: "original" | "reply" | undefined;
  const to = at + length;
  for (let a = at + NETFILTER_HEADER; a + 4 <= to; ) {
    const size = view.getUint16(a, true);
    if (size < 4) break;
    switch (view.getUint16(a + 2, true) & TYPE_MASK) {
      case CTA_TUPLE_ORIG:
        original = readTuple(view, a + 4, a + size);
        if (tupleZone !== 0) {
          zone = tupleZone;
          zoneDirection = "original";
        }
        break;
      case CTA_TUPLE_REPLY:
        reply = readTuple(view, a + 4, a + size);
        if (tupleZone !== 0) {
          zone = tupleZone;
          zoneDirection = "reply";
        }
        break;
      case CTA_STATUS:
        status = view.getUint32(a + 4);
        break;
      case CTA_MARK:
        mark = view.getUint32(a + 4);
        break;
      case CTA_ZONE:
        zone = view.getUint16(a + 4);
        break;
      case CTA_ID:
        id = view.getUint32(a + 4);
        break;
    }
    a += align(size);
  }
  if (original === undefined || reply === undefined) return undefined;
  const entry = { family, protocol, original, reply, status, mark, zone, id } as const;
  return zoneDirection === undefined ? entry : { ...entry, zoneDirection };
}

function readTuple(view: DataView, from: number, to: number): Tuple {
  sourcePort = 0;
  destinationPort = 0;
  tupleZone = 0;
  for (let at = from; at + 4 <= to; ) {
    const size = view.getUint16(at, true);
    if (size < 4) break;
    const type = view.getUint16(at + 2, true) & TYPE_MASK;
    if (type === CTA_TUPLE_IP) readAddresses(view, at + 4, at + size);
    else if (type === CTA_TUPLE_PROTO) readProtocol(view, at + 4, at + size);
    else if (type === CTA_TUPLE_ZONE) tupleZone = view.getUint16(at + 4);
    at += align(size);
  }
  return { source, destination, sourcePort, destinationPort };
}

function readAddresses(view: DataView, from: number, to: number): void {
  for (let at = from; at + 4 <= to; ) {
    const size = view.getUint16(at, true);
    if (size < 4) break;
    switch (view.getUint16(at + 2, true) & TYPE_MASK) {
      case CTA_IP_V4_SRC:
        source = ipv4(view.getUint32(at + 4));
        break;
      case CTA_IP_V4_DST:
        destination = ipv4(view.getUint32(at + 4));
        break;
      case CTA_IP_V6_SRC:
        source = ipv6(view, at + 4);
        break;
      case CTA_IP_V6_DST:
        destination = ipv6(view, at + 4);
        break;
    }
    at += align(size);
  }
}

// The ends of the reply are mostly those of the original: two addresses are remembered, which saves half of them.
let newer: Address = NOWHERE;
let older: Address = NOWHERE;
let newerBits = -1;
let olderBits = -1;

function ipv4(bits: number): Address {
  if (bits === newerBits) return newer;
  if (bits === olderBits) return older;
  older = newer;
  olderBits = newerBits;
  newer = { family: 4, value: BigInt(bits) };
  newerBits = bits;
  return newer;
}

function ipv6(view: DataView, at: number): Address {
  return { family: 6, value: (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8) };
}

function readProtocol(view: DataView, from: number, to: number): void {
  for (let at = from; at + 4 <= to; ) {
    const size = view.getUint16(at, true);
    if (size < 4) break;
    switch (view.getUint16(at + 2, true) & TYPE_MASK) {
      case CTA_PROTO_NUM:
        protocol = view.getUint8(at + 4);
        break;
      case CTA_PROTO_SRC_PORT:
      case CTA_PROTO_ICMP_ID:
      case CTA_PROTO_ICMPV6_ID:
        sourcePort = view.getUint16(at + 4);
        break;
      case CTA_PROTO_DST_PORT:
        destinationPort = view.getUint16(at + 4);
        break;
      case CTA_PROTO_ICMP_TYPE:
      case CTA_PROTO_ICMPV6_TYPE:
        destinationPort |= view.getUint8(at + 4) << 8;
        break;
      case CTA_PROTO_ICMP_CODE:
      case CTA_PROTO_ICMPV6_CODE:
        destinationPort |= view.getUint8(at + 4);
        break;
    }
    at += align(size);
  }
}
