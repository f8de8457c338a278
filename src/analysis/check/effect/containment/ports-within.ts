import {
  NO_PORTS,
  type PortSet,
  portsCovered,
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
  const [first] = outers;
  if (outers.length === 1 && first !== "all") {
    const numbers = numbersOf(first!);
    return areWithin(inner, first!, (ports) => portsWithin(ports, numbers));
  }
  return portMatchesWithin(
    inner,
    outers.flatMap((ports) => (ports === "all" ? [] : ports)),
  );
}

/** The same of entries. */
export function portMatchesWithin(inner: readonly PortMatch[], outer: readonly PortMatch[]): boolean {
  const numbers = outer.flatMap((match) => (match.kind === "numbers" ? [match.ports] : []));
  return areWithin(inner, outer, (ports) => portsCovered(ports, numbers));
}

function areWithin(
  inner: readonly PortMatch[],
  outer: readonly PortMatch[],
  areNumbers: (ports: PortSet) => boolean,
): boolean {
  return inner.every((match) =>
    match.kind === "numbers"
      ? areNumbers(match.ports)
      : isNamed(match, outer) || areNumbers(portsOfProtocol(match)),
  );
}

const knownNumbers = new WeakMap<readonly PortMatch[], PortSet>();

/** All numbers of the entries of a rule, which is asked again and again. */
function numbersOf(matches: readonly PortMatch[]): PortSet {
  let numbers = knownNumbers.get(matches);
  if (numbers === undefined) {
    numbers = NO_PORTS;
    for (const match of matches) if (match.kind === "numbers") numbers = unionPorts(numbers, match.ports);
    knownNumbers.set(matches, numbers);
  }
  return numbers;
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
