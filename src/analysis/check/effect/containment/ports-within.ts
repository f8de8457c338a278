import {
  NO_PORTS,
  type PortSet,
  portsWithin,
  TRANSPORT_PROTOCOLS,
  unionPorts,
  wholeProtocol,
} from "../../../../net/port-set.ts";
import type { NamedPortMatch, PortMatch, Rule } from "../../../../policy/policy.ts";

/**
 * True if all ports of a rule are among those of the others together, whatever pods call their ports. False may only
 * mean that it is not plain to see.
 */
export function rulePortsWithin(inner: Rule["ports"], outers: readonly Rule["ports"][]): boolean {
  if (outers.includes("all")) return true;
  if (inner === "all") return false;
  return portMatchesWithin(
    inner,
    outers.flatMap((ports) => (ports === "all" ? [] : ports)),
  );
}

/** The same of entries. */
export function portMatchesWithin(inner: readonly PortMatch[], outer: readonly PortMatch[]): boolean {
  const numbers = numbersOf(outer);
  return inner.every((match) =>
    match.kind === "numbers"
      ? portsWithin(match.ports, numbers)
      : isNamed(match, outer) || portsWithin(portsOfProtocol(match), numbers),
  );
}

function numbersOf(matches: readonly PortMatch[]): PortSet {
  return matches.reduce(
    (sum, match) => (match.kind === "numbers" ? unionPorts(sum, match.ports) : sum),
    NO_PORTS,
  );
}

function isNamed({ name, protocol }: NamedPortMatch, outer: readonly PortMatch[]): boolean {
  return outer.some(
    (match) =>
      match.kind === "name" &&
      match.name === name &&
      (match.protocol === protocol || match.protocol === "any"),
  );
}

/** All ports that a name could stand for. */
function portsOfProtocol({ protocol }: NamedPortMatch): PortSet {
  const protocols = protocol === "any" ? TRANSPORT_PROTOCOLS : [protocol];
  return protocols.map(wholeProtocol).reduce(unionPorts, NO_PORTS);
}
