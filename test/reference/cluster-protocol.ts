import { namedPortNumbers } from "./pod.ts";
import type { Question } from "./question.ts";
import type { RawClusterProtocol, RawTransport } from "./raw-cluster-policy.ts";

/**
 * Whether the item says something that v1alpha2 can say. `tcp: {}` does not: a newer API would have said in there
 * what it narrows TCP down to.
 * @throws Error on an item of several fields, which the API server refuses.
 */
export function isKnownProtocol(item: RawClusterProtocol): boolean {
  const fields = presentFields(item);
  if (fields.length > 1) {
    throw new Error(`a protocol has several fields, ${fields.join(" and ")}; the API server refuses that`);
  }
  switch (fields[0]) {
    case "destinationNamedPort":
      return true;
    case "tcp":
    case "udp":
    case "sctp":
      return isKnownTransport(item[fields[0]] as RawTransport);
    default:
      return false;
  }
}

function isKnownTransport(transport: RawTransport): boolean {
  const fields = presentFields(transport);
  if (fields.length !== 1 || !transport.destinationPort) {
    return false;
  }
  const kinds = presentFields(transport.destinationPort);
  if (kinds.length > 1) {
    throw new Error(
      `a destinationPort has several fields, ${kinds.join(" and ")}; the API server refuses that`,
    );
  }
  return kinds[0] === "number" || kinds[0] === "range";
}

function presentFields(object: Record<string, unknown>): string[] {
  return Object.keys(object).filter((field) => object[field] !== undefined && object[field] !== null);
}

/** Whether the connection is one that a known item means. None means ICMP and its like. */
export function clusterProtocolMatches(
  item: RawClusterProtocol,
  { traffic, destination }: Question,
): boolean {
  const { protocol, port } = traffic;
  if (protocol === "other" || port === undefined) {
    return false;
  }
  if (item.destinationNamedPort) {
    // The name stands for the port with the protocol that the pod gives it, whichever that is.
    return (
      destination.pod !== undefined &&
      namedPortNumbers(destination.pod, item.destinationNamedPort, protocol).includes(port)
    );
  }
  const transports = { TCP: item.tcp, UDP: item.udp, SCTP: item.sctp };
  const destinationPort = transports[protocol]?.destinationPort;
  if (!destinationPort) {
    return false;
  }
  const { number, range } = destinationPort;
  if (range) {
    if (range.start > range.end) {
      throw new Error(`a port range from ${range.start} to ${range.end}; the API server refuses that`);
    }
    return range.start <= port && port <= range.end;
  }
  return number === port;
}
