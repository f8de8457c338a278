import type { Protocol, RawContainerPort, RawPort } from "../reference/raw.ts";
import type { Random } from "./random.ts";

/** Neighbours among them, so that ranges begin, end and overlap near each other. */
const NUMBERS = [53, 80, 81, 82, 443, 8080, 8081];

/** IANA service names: at most 15 characters, with a letter. */
const NAMES = ["http", "dns", "api-2", "metrics-and-more".slice(0, 15)];

function randomProtocol(random: Random): Protocol {
  return random.weighted<Protocol>([
    [6, "TCP"],
    [3, "UDP"],
    [1, "SCTP"],
  ]);
}

/**
 * Ports of one container. The API server refuses a name twice in one container only, so a pod may well have it twice.
 * `siblings` are the ports of the pod's containers so far: their names are taken up again, with other numbers.
 * On the host network, `taken` ("TCP/80") keeps the ports of the whole pod apart, as host ports must be.
 */
export function randomContainerPorts(
  random: Random,
  siblings: readonly RawContainerPort[],
  taken: Set<string>,
): RawContainerPort[] {
  const named = siblings.filter((port) => port.name !== undefined);
  const ports: RawContainerPort[] = [];
  const names = new Set<string>();
  for (let count = random.int(0, 3); count > 0; count--) {
    const sibling = named.length > 0 && random.chance(0.5) ? random.pick(named) : undefined;
    const protocol =
      sibling === undefined || random.chance(0.25) ? randomProtocol(random) : (sibling.protocol ?? "TCP");
    const containerPort = random.pick(NUMBERS);
    const name =
      sibling?.name ??
      random.weighted([
        [4, NAMES[0]],
        [3, NAMES[1]],
        [1, NAMES[2]],
        [1, NAMES[3]],
        [3, undefined],
      ]);
    const id = `${protocol}/${containerPort}`;
    if (taken.has(id) || (name !== undefined && names.has(name))) {
      continue;
    }
    taken.add(id);
    const isImplied = protocol === "TCP" && random.chance(0.2);
    ports.push({
      ...(name === undefined ? {} : { name }),
      containerPort,
      ...(isImplied ? {} : { protocol }),
    });
    if (name !== undefined) {
      names.add(name);
    }
  }
  return ports;
}

/** One item of a rule's `ports`. A name is mostly that of one of the `served` container ports, with its protocol. */
export function randomPolicyPort(random: Random, served: readonly RawContainerPort[]): RawPort {
  const chosen = randomProtocol(random);
  const protocol = chosen === "TCP" && random.chance(0.4) ? {} : { protocol: chosen };
  const port = random.pick(NUMBERS);
  const shape = random.weighted([
    [4, "number"],
    [6, "name"],
    [2, "range"],
    [2, "protocol"],
  ]);
  switch (shape) {
    case "number":
      return { ...protocol, port };
    case "name":
      return randomNamedPort(random, served) ?? { ...protocol, port: random.pick(NAMES) };
    case "range":
      return { ...protocol, ...randomRange(random, port) };
    default:
      return protocol;
  }
}

function randomNamedPort(random: Random, served: readonly RawContainerPort[]): RawPort | undefined {
  const named = served.filter((port) => port.name !== undefined);
  if (named.length === 0 || random.chance(0.2)) {
    return undefined;
  }
  const { name, protocol } = random.pick(named);
  return { ...(protocol === undefined ? {} : { protocol }), port: name! };
}

function randomRange(random: Random, port: number): { port: number; endPort: number } {
  return random.weighted([
    [2, { port, endPort: port }],
    [4, { port, endPort: port + random.int(1, 3) }],
    [1, { port, endPort: 65535 }],
    [1, { port: 1, endPort: port }],
  ]);
}
