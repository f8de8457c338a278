import type { PortRanges } from "../../net/port-ranges.ts";
import {
  ALL_PORTS,
  isWholeProtocol,
  type PortSet,
  portSetTokens,
  TRANSPORT_PROTOCOLS,
} from "../../net/port-set.ts";
import type { ProgramSet } from "../program/program.ts";
import { setHash } from "./names.ts";

/** How a rule asks for the packets of a PortSet. A packet of the set meets exactly one of the matches. */
export interface PortMatches {
  /** Expressions in nft's words; an empty one matches every packet. */
  readonly matches: readonly string[];
  /** The sets that the expressions name. */
  readonly sets: readonly ProgramSet[];
}

/**
 * A PortSet in nft's words. All ports of a protocol means every packet of it, port 0 included; any other range
 * is as written.
 */
export function portMatches(ports: PortSet): PortMatches {
  if (ports === ALL_PORTS) return { matches: [""], sets: [] };
  const used = TRANSPORT_PROTOCOLS.filter((protocol) => ports[protocol].length > 0);
  const matches: string[] = [];
  const sets: ProgramSet[] = [];
  const only = used.length === 1 ? used[0]! : undefined;
  if (only !== undefined && ports[only].length === 2) {
    matches.push(singleRange(only.toLowerCase(), ports[only]));
  } else if (used.length > 0) {
    const set = portSetOf(ports);
    sets.push(set);
    matches.push(`meta l4proto . th dport @${set.name}`);
  }
  if (ports.other) matches.push("meta l4proto != { tcp, udp, sctp }");
  return { matches, sets };
}

function singleRange(protocol: string, ranges: PortRanges): string {
  return isWholeProtocol(ranges)
    ? `meta l4proto ${protocol}`
    : `${protocol} dport ${rangeText(ranges[0]!, ranges[1]!)}`;
}

function rangeText(first: number, last: number): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function portSetOf(ports: PortSet): ProgramSet {
  const elements = new Map<string, string>();
  for (const protocol of TRANSPORT_PROTOCOLS) {
    const ranges = ports[protocol];
    for (let i = 0; i < ranges.length; i += 2) {
      const range = isWholeProtocol(ranges) ? "0-65535" : rangeText(ranges[i]!, ranges[i + 1]!);
      elements.set(`${protocol.toLowerCase()} . ${range}`, "");
    }
  }
  const withoutOther = portSetTokens(ports).filter((token) => token !== "other");
  return {
    name: `ports_${setHash(withoutOther.join(","))}`,
    kind: "set",
    type: "inet_proto . inet_service",
    interval: true,
    elements,
  };
}
