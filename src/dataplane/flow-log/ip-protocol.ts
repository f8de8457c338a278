import type { Transport } from "../../net/port-set.ts";

/** Names of IP protocols (IANA, "Assigned Internet Protocol Numbers") that a person may meet in a cluster. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [1, "ICMP"],
  [2, "IGMP"],
  [4, "IPv4 in IP"],
  [6, "TCP"],
  [17, "UDP"],
  [33, "DCCP"],
  [41, "IPv6 in IP"],
  [46, "RSVP"],
  [47, "GRE"],
  [50, "ESP"],
  [51, "AH"],
  [58, "ICMPv6"],
  [59, "no payload"],
  [89, "OSPF"],
  [103, "PIM"],
  [112, "VRRP"],
  [132, "SCTP"],
  [136, "UDP-Lite"],
]);

/** `TCP`, `GRE`, `protocol 253`. */
export function protocolName(protocol: number): string {
  return NAMES.get(protocol) ?? `protocol ${protocol}`;
}

/** The protocol as rules tell ports apart in it; undefined for all that policies call `other`. */
export function transportOf(protocol: number): Transport | undefined {
  switch (protocol) {
    case 6:
      return "TCP";
    case 17:
      return "UDP";
    case 132:
      return "SCTP";
    default:
      return undefined;
  }
}
