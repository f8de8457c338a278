import type { FlowEvent } from "../dataplane/flow-log/event.ts";
import { protocolName } from "../dataplane/flow-log/ip-protocol.ts";

/** What is told of a packet beside its ends. */
export interface Traffic extends Pick<FlowEvent, "protocol" | "icmp" | "family" | "fragment"> {
  readonly destination: { readonly port?: number };
}

/** `TCP 3306`, `ICMP echo-request`, `GRE`, `UDP fragment`. */
export function flowTraffic({ protocol, destination, icmp, family, fragment }: Traffic): string {
  if (protocol === undefined) return fragment === true ? "fragment" : "unknown protocol";
  const name = protocolName(protocol);
  if (fragment === true) return `${name} fragment`;
  if (destination.port !== undefined) return `${name} ${destination.port}`;
  if (icmp === undefined) return name;
  const type = ICMP_TYPES[family].get(icmp.type) ?? `type ${icmp.type}`;
  return `${name} ${type}${icmp.code === 0 ? "" : ` code ${icmp.code}`}`;
}

/** As nft calls them. */
const ICMP_TYPES = {
  4: new Map([
    [0, "echo-reply"],
    [3, "destination-unreachable"],
    [5, "redirect"],
    [8, "echo-request"],
    [11, "time-exceeded"],
    [12, "parameter-problem"],
  ]),
  6: new Map([
    [1, "destination-unreachable"],
    [2, "packet-too-big"],
    [3, "time-exceeded"],
    [4, "parameter-problem"],
    [128, "echo-request"],
    [129, "echo-reply"],
  ]),
} as const;
