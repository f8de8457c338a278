import type { Address } from "../../net/address.ts";
import { attribute } from "../netlink.ts";
import { addressBytes } from "../sockaddr.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6 } from "../syscalls.ts";
import {
  type ConntrackEntry,
  CTA_IP_V4_DST,
  CTA_IP_V4_SRC,
  CTA_IP_V6_DST,
  CTA_IP_V6_SRC,
  CTA_PROTO_DST_PORT,
  CTA_PROTO_ICMP_CODE,
  CTA_PROTO_ICMP_ID,
  CTA_PROTO_ICMP_TYPE,
  CTA_PROTO_ICMPV6_CODE,
  CTA_PROTO_ICMPV6_ID,
  CTA_PROTO_ICMPV6_TYPE,
  CTA_PROTO_NUM,
  CTA_PROTO_SRC_PORT,
  CTA_TUPLE_IP,
  CTA_TUPLE_ORIG,
  CTA_TUPLE_PROTO,
  CTA_TUPLE_ZONE,
  CTA_ZONE,
} from "./conntrack-entry.ts";
import { byteAttribute, nested, shortAttribute } from "./message.ts";

/** The attributes that name a connection by its original direction, its zone included. */
export function originalTuple(entry: ConntrackEntry): Buffer[] {
  const { source, destination } = entry.original;
  const parts = [
    nested(CTA_TUPLE_IP, [sourceAttribute(source), destinationAttribute(destination)]),
    nested(CTA_TUPLE_PROTO, protocolAttributes(entry)),
  ];
  if (entry.zone === 0 || entry.zoneDirection === "reply") return [nested(CTA_TUPLE_ORIG, parts)];
  if (entry.zoneDirection === "original") {
    return [nested(CTA_TUPLE_ORIG, [...parts, shortAttribute(CTA_TUPLE_ZONE, entry.zone)])];
  }
  return [nested(CTA_TUPLE_ORIG, parts), shortAttribute(CTA_ZONE, entry.zone)];
}

/** The source of a tuple. */
export function sourceAttribute(address: Address): Buffer {
  return attribute(address.family === 4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, addressBytes(address));
}

/** The destination of a tuple. */
export function destinationAttribute(address: Address): Buffer {
  return attribute(address.family === 4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, addressBytes(address));
}

function protocolAttributes({ protocol, original }: ConntrackEntry): Buffer[] {
  const { sourcePort, destinationPort } = original;
  const number = byteAttribute(CTA_PROTO_NUM, protocol);
  switch (protocol) {
    case IPPROTO_ICMP:
      return [
        number,
        shortAttribute(CTA_PROTO_ICMP_ID, sourcePort),
        byteAttribute(CTA_PROTO_ICMP_TYPE, destinationPort >> 8),
        byteAttribute(CTA_PROTO_ICMP_CODE, destinationPort & 255),
      ];
    case IPPROTO_ICMPV6:
      return [
        number,
        shortAttribute(CTA_PROTO_ICMPV6_ID, sourcePort),
        byteAttribute(CTA_PROTO_ICMPV6_TYPE, destinationPort >> 8),
        byteAttribute(CTA_PROTO_ICMPV6_CODE, destinationPort & 255),
      ];
    default:
      // A protocol without ports takes them as zeros, or does not look at them.
      return [
        number,
        shortAttribute(CTA_PROTO_SRC_PORT, sourcePort),
        shortAttribute(CTA_PROTO_DST_PORT, destinationPort),
      ];
  }
}
