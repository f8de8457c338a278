import type { Protocol, RawContainerPort, RawPort } from "../reference/raw.ts";
import type { RawClusterProtocol, RawDestinationPort } from "../reference/raw-cluster-policy.ts";
import { randomPolicyPort } from "./ports.ts";
import type { Random } from "./random.ts";

/** What this API cannot say: items that a newer one may, as they are served with and without their new fields. */
const NEWER: readonly RawClusterProtocol[] = [
  {},
  { tcp: {} },
  { tcp: {} },
  { udp: { destinationPort: {} } },
  { icmp: { type: 8 } },
];

/**
 * One item of a rule's `protocols`; names are mostly those of the `served` container ports. The API refuses names
 * where a peer is something that has none, so `mayBeNamed` is for the peers to say.
 */
export function randomClusterProtocol(
  random: Random,
  served: readonly RawContainerPort[],
  mayBeNamed: boolean,
): RawClusterProtocol {
  if (random.chance(0.025)) {
    return structuredClone(random.pick(NEWER));
  }
  const item = randomPolicyPort(random, served);
  return fromNetworkPolicyPort(
    typeof item.port === "string" && !mayBeNamed ? { ...item, port: random.pick([53, 80, 8080]) } : item,
  );
}

/** A number, name or range as ClusterNetworkPolicy says it; a protocol without port is the range of all ports. */
function fromNetworkPolicyPort({ protocol = "TCP", port, endPort }: RawPort): RawClusterProtocol {
  if (typeof port === "string") {
    return { destinationNamedPort: port };
  }
  return transport(
    protocol,
    port === undefined ? { range: { start: 1, end: 65535 } } : numberOrRange(port, endPort ?? port),
  );
}

function transport(protocol: Protocol, destinationPort: RawDestinationPort): RawClusterProtocol {
  switch (protocol) {
    case "TCP":
      return { tcp: { destinationPort } };
    case "UDP":
      return { udp: { destinationPort } };
    case "SCTP":
      return { sctp: { destinationPort } };
  }
}

/** The API wants the start of a range below its end. */
function numberOrRange(start: number, end: number): RawDestinationPort {
  return start === end ? { number: start } : { range: { start, end } };
}

/** An item that shares some of the ports of another and has others besides; of a name, the item itself. */
export function overlappingProtocol(random: Random, item: RawClusterProtocol): RawClusterProtocol {
  const widened = (destinationPort: RawDestinationPort): RawDestinationPort => {
    const { start, end } = portsOf(destinationPort);
    return random.weighted([
      [2, numberOrRange(Math.max(1, start - 1), Math.min(65535, end + 1))],
      [1, numberOrRange(Math.max(1, start - 1), start)],
      [1, numberOrRange(end, Math.min(65535, end + 1))],
    ]);
  };
  if (item.tcp?.destinationPort) {
    return { tcp: { destinationPort: widened(item.tcp.destinationPort) } };
  }
  if (item.udp?.destinationPort) {
    return { udp: { destinationPort: widened(item.udp.destinationPort) } };
  }
  if (item.sctp?.destinationPort) {
    return { sctp: { destinationPort: widened(item.sctp.destinationPort) } };
  }
  return structuredClone(item);
}

function portsOf({ number, range }: RawDestinationPort): { start: number; end: number } {
  return range ?? { start: number ?? 1, end: number ?? 65535 };
}
