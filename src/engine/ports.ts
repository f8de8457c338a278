import type { ContainerPort } from "../k8s/objects.ts";
import { ALL_PORTS, NO_PORTS, type PortSet, portRange, unionPorts } from "../net/port-set.ts";
import type { NamedPortMatch, Rule } from "../policy/policy.ts";

/** The ports that a destination pod declares under a name and protocol; all of them, where there are several. */
export function resolveNamedPort(
  match: Pick<NamedPortMatch, "name" | "protocol">,
  declared: readonly ContainerPort[],
): PortSet {
  let ports = NO_PORTS;
  for (const port of declared) {
    if (port.name === match.name && (match.protocol === "any" || port.protocol === match.protocol)) {
      ports = unionPorts(ports, portRange(port.protocol, port.port));
    }
  }
  return ports;
}

/** The ports of a rule that need no pod to be known. */
export function numericPorts(rule: Rule): PortSet {
  if (rule.ports === "all") return ALL_PORTS;
  let ports = NO_PORTS;
  for (const match of rule.ports) if (match.kind === "numbers") ports = unionPorts(ports, match.ports);
  return ports;
}

/** The named ports of a rule. */
export function namedPorts(rule: Rule): NamedPortMatch[] {
  return rule.ports === "all" ? [] : rule.ports.filter((match) => match.kind === "name");
}

/** All ports of a rule towards a destination that declares these ports (none, if it is no pod). */
export function rulePorts(rule: Rule, declared: readonly ContainerPort[]): PortSet {
  let ports = numericPorts(rule);
  for (const match of namedPorts(rule)) ports = unionPorts(ports, resolveNamedPort(match, declared));
  return ports;
}
