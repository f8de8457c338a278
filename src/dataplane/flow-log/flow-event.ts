import type { AddressBook } from "../../engine/end.ts";
import type { FlowEvent, FlowReason } from "./event.ts";
import { type NamedEnd, nameEnd } from "./flow-end.ts";
import { decidingPolicies } from "./flow-reason.ts";
import { transportOf } from "./ip-protocol.ts";
import type { LoggedVerdict } from "./logged-packet.ts";
import type { IpPacket } from "./packet.ts";

/** Who sent a packet, and whom it was for. */
export interface NamedEnds {
  readonly source: NamedEnd;
  readonly destination: NamedEnd;
}

export function nameEnds(book: AddressBook, packet: IpPacket): NamedEnds {
  const { protocol, sourcePort, destinationPort } = packet;
  const transport = protocol === undefined ? undefined : transportOf(protocol);
  return {
    source: nameEnd(book, packet.source, sourcePort, transport),
    destination: nameEnd(book, packet.destination, destinationPort, transport),
  };
}

/** What is told of a packet beside what it says itself. */
export interface FlowFacts {
  readonly node: string;
  readonly logged: LoggedVerdict;
  /** When it came, in milliseconds since 1970. */
  readonly date: number;
  readonly repeated: number;
  readonly ends: NamedEnds;
  readonly reason: FlowReason;
}

export function flowEvent(packet: IpPacket, facts: FlowFacts): FlowEvent {
  const { family, protocol, icmp, fragmentOffset, truncated } = packet;
  return {
    kind: "flow",
    time: new Date(facts.date).toISOString(),
    node: facts.node,
    direction: facts.logged.direction,
    verdict: facts.logged.verdict,
    family,
    source: facts.ends.source.told,
    destination: facts.ends.destination.told,
    ...(protocol === undefined ? {} : { protocol }),
    ...(icmp === undefined ? {} : { icmp }),
    ...(fragmentOffset === undefined ? {} : { fragment: true }),
    ...(truncated ? { truncated: true } : {}),
    repeated: facts.repeated,
    policies: decidingPolicies(facts.reason),
    reason: facts.reason,
  };
}
