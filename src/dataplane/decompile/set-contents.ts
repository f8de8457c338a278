import { type Family, maxAddressValue, parseAddress } from "../../net/address.ts";
import { parseCidr } from "../../net/cidr.ts";
import {
  MAX_PORT,
  NO_PORTS,
  type PortSet,
  portRange,
  type Transport,
  unionPorts,
} from "../../net/port-set.ts";
import type { ProgramSet } from "../program/program.ts";

/** Ranges of addresses, sorted, and the elements that are none. */
export interface RangesOfSet {
  readonly ranges: readonly { readonly first: bigint; readonly last: bigint }[];
  readonly unknown: readonly string[];
}

/** The ranges of a set of type `address . inet_proto`, of which every element is for all protocols. */
export function rangesOfSet(set: ProgramSet, family: Family): RangesOfSet {
  const ranges: { first: bigint; last: bigint }[] = [];
  const unknown: string[] = [];
  for (const element of set.elements.keys()) {
    const range = element.endsWith(" . 0-255")
      ? rangeOf(element.slice(0, -" . 0-255".length), family)
      : undefined;
    if (range === undefined) unknown.push(element);
    else ranges.push(range);
  }
  ranges.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  return { ranges, unknown };
}

function rangeOf(text: string, family: Family): { first: bigint; last: bigint } | undefined {
  const dash = text.indexOf("-");
  if (dash < 0) {
    // `0.0.0.0/0` of IPv4-mapped addresses is no block that policies have, but one that the kernel can hold.
    const cidr = parseCidr(text)?.cidr ?? mappedBlock(text);
    return cidr?.family === family ? cidr : undefined;
  }
  const first = parseAddress(text.slice(0, dash));
  const last = parseAddress(text.slice(dash + 1));
  if (first?.family !== family || last?.family !== family || first.value > last.value) return undefined;
  return { first: first.value, last: last.value };
}

function mappedBlock(text: string): { family: Family; first: bigint; last: bigint } | undefined {
  const [address, prefix] = text.split("/");
  const first = parseAddress(address ?? "");
  const length = Number(prefix);
  if (first?.family !== 6 || !(length >= 0 && length <= 128)) return undefined;
  const last = first.value | (maxAddressValue(6) >> BigInt(length));
  return { family: 6, first: first.value, last };
}

/** True if the value lies in one of the ranges. */
export function rangesHold({ ranges }: RangesOfSet, value: bigint): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle]!;
    if (value < range.first) high = middle - 1;
    else if (value > range.last) low = middle + 1;
    else return true;
  }
  return false;
}

/** The port of an element such as `tcp . 443`; undefined for anything else, port 0 too, which no port set tells. */
export function portOfElement(element: string): PortSet | undefined {
  const match = /^(tcp|udp|sctp) \. (\d+)$/.exec(element);
  const port = Number(match?.[2] ?? 0);
  if (match === null || port < 1 || port > MAX_PORT) return undefined;
  return portRange(match[1]!.toUpperCase() as Transport, port);
}

/** The ports of a set of type `inet_proto . inet_service`; undefined if it holds what no port set can. */
export function portsOfSet(set: ProgramSet): PortSet | undefined {
  let ports: PortSet = NO_PORTS;
  const withZero = new Set<Transport>();
  for (const element of set.elements.keys()) {
    const match = /^(tcp|udp|sctp) \. (\d+)(?:-(\d+))?$/.exec(element);
    if (match === null) return undefined;
    const protocol = match[1]!.toUpperCase() as Transport;
    const first = Number(match[2]);
    const last = Number(match[3] ?? first);
    if (first > last || last > MAX_PORT || last === 0) return undefined;
    if (first === 0) withZero.add(protocol);
    ports = unionPorts(ports, portRange(protocol, Math.max(first, 1), last));
  }
  // Port 0 is told by no port set: it goes with its whole protocol.
  for (const protocol of ["TCP", "UDP", "SCTP"] as const) {
    const ranges = ports[protocol];
    const isWhole = ranges.length === 2 && ranges[0] === 1 && ranges[1] === MAX_PORT;
    if (isWhole !== withZero.has(protocol)) return undefined;
  }
  return ports;
}
