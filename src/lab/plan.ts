import type { ClusterNode, ClusterPod } from "../cluster/cluster.ts";
import { UNNAMED_NODE } from "../cluster/cluster-node.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../dataplane/config.ts";
import type { End } from "../engine/end.ts";
import { enforcedPorts } from "../engine/enforced-ports.ts";
import type { Engine } from "../engine/engine.ts";
import { type Address, FAMILIES, type Family, formatAddress } from "../net/address.ts";
import { ALL_PORTS, portSetHas, type Traffic } from "../net/port-set.ts";
import { chosenNodes } from "./chosen-nodes.ts";
import { MOST_LAB_NODES } from "./most-nodes.ts";
import type { ProbeResult } from "./probe.ts";
import type { LabExternal, LabPort, LabTopology } from "./topology.ts";

/** The node of the lab that runs pods whose manifest names none; the only one of these unless more are asked for. */
export const LAB_NODE: string = UNNAMED_NODE;

/** The nodes over which the pods whose manifests name none are spread: `node`, `node-2`, and so on. */
export function labNodes(count: number): string[] {
  return Array.from({ length: count }, (_, i) => (i === 0 ? LAB_NODE : `${LAB_NODE}-${i + 1}`));
}

/** One packet to send, and what the engine says of it: with policies in audit mode, whether it passes all the same. */
export interface PlannedProbe {
  /** Pod id, or the address of an external host. */
  readonly from: string;
  /** The same, or the address of a node. */
  readonly to: string;
  readonly address: string;
  readonly family: Family;
  readonly protocol: "TCP" | "UDP" | "SCTP" | "ICMP";
  readonly port?: number;
  readonly predicted: "allow" | "deny";
}

/** The lab's network for the cluster of an engine. */
export function topologyOf(engine: Engine, externals: readonly Address[]): LabTopology {
  const { cluster } = engine;
  const nodes = new Set(cluster.pods.map((pod) => pod.node ?? LAB_NODE));
  for (const { name } of chosenNodes(engine)) nodes.add(name);
  // Those that were asked for are there also where no pod came to them.
  for (const name of labNodes(MOST_LAB_NODES)) if (cluster.nodes.has(name)) nodes.add(name);
  if (nodes.size === 0) nodes.add(LAB_NODE);
  return {
    nodes: [...nodes].map((name) => ({
      name,
      addresses: primaryAddresses(cluster.nodes.get(name)).map(formatAddress),
    })),
    pods: cluster.pods.map((pod) => ({
      id: pod.id,
      node: pod.node ?? LAB_NODE,
      addresses: Object.values(pod.addresses).map(formatAddress),
      hostNetwork: pod.hostNetwork,
      ports: distinctPorts(pod),
    })),
    externals: externals.map((address): LabExternal => ({ address: formatAddress(address) })),
  };
}

/** The addresses of its own that a node has in the lab: the first of each family. */
function primaryAddresses(node: ClusterNode | undefined): Address[] {
  return FAMILIES.flatMap((family) => {
    const first = node?.addresses.find((address) => address.family === family);
    return first === undefined ? [] : [first];
  });
}

function distinctPorts(pod: ClusterPod): LabPort[] {
  const ports = new Map(pod.ports.map((port) => [`${port.protocol}/${port.port}`, port]));
  return [...ports.values()].map(({ protocol, port }) => ({ protocol, port }));
}

interface ProbeEnd {
  readonly name: string;
  readonly end: End;
  /** Ends of one network namespace reach each other without meeting a rule. */
  readonly place: string;
  readonly addresses: Readonly<Partial<Record<Family, Address>>>;
  readonly ports: readonly LabPort[];
  /** True if it listens on these ports. */
  readonly listens: boolean;
  /** True for a node, which is a receiver only: what it sends to its own pods no rule decides. */
  readonly onlyReceives?: boolean;
}

/**
 * Every probe of a run: each pod and external host to each other, in every family that both have: every port
 * that the receiver declares, one port that nothing mentions, and a ping. External hosts receive on the ports
 * that egress rules mention, and so do nodes where rules name nodes. Where denied packets are rejected, no TCP is sent
 * where nobody listens: a reset would not tell whether it came from a rule or from the receiver. What policies in audit
 * mode deny is predicted to pass.
 */
export function planProbes(
  engine: Engine,
  externals: readonly Address[],
  { deny, audit }: Pick<EnforcementConfig, "deny" | "audit"> = DEFAULT_ENFORCEMENT,
): PlannedProbe[] {
  const { cluster } = engine;
  const passing = audit ? () => ALL_PORTS : enforcedPorts(engine);
  const egressPorts = mentionedEgressPorts(engine);
  const unmentioned = unmentionedPort(engine);
  const ends: ProbeEnd[] = [
    ...cluster.pods.map((pod) => ({
      name: pod.id,
      end: { kind: "pod", pod } as const,
      place: pod.hostNetwork ? `node ${pod.node ?? LAB_NODE}` : pod.id,
      addresses: pod.addresses,
      ports: distinctPorts(pod),
      listens: true,
    })),
    ...externals.map((address) => ({
      name: formatAddress(address),
      end: { kind: "address", address } as const,
      place: formatAddress(address),
      addresses: { [address.family]: address },
      ports: egressPorts,
      listens: false,
    })),
    ...chosenNodes(engine).flatMap((node) =>
      primaryAddresses(node).map((address) => ({
        name: formatAddress(address),
        end: { kind: "address", address } as const,
        place: `node ${node.name}`,
        addresses: { [address.family]: address },
        ports: egressPorts,
        listens: false,
        onlyReceives: true,
      })),
    ),
  ];
  const probes: PlannedProbe[] = [];
  for (const from of ends) {
    if (from.onlyReceives === true) continue;
    for (const to of ends) {
      if (from.place === to.place || (from.end.kind === "address" && to.end.kind === "address")) continue;
      for (const family of FAMILIES) {
        const address = to.addresses[family];
        if (address === undefined || from.addresses[family] === undefined) continue;
        const allowed = passing(from.end, to.end, family);
        const add = (protocol: PlannedProbe["protocol"], traffic: Traffic, listens = to.listens): void => {
          if (deny === "reject" && protocol === "TCP" && !listens) return;
          probes.push({
            from: from.name,
            to: to.name,
            address: formatAddress(address),
            family,
            protocol,
            ...(traffic.protocol === "other" ? {} : { port: traffic.port }),
            predicted: portSetHas(allowed, traffic) ? "allow" : "deny",
          });
        };
        for (const { protocol, port } of to.ports) add(protocol, { protocol, port });
        if (!to.ports.some(({ protocol, port }) => protocol === "TCP" && port === unmentioned)) {
          add("TCP", { protocol: "TCP", port: unmentioned }, false);
        }
        add("ICMP", { protocol: "other" });
      }
    }
  }
  return probes;
}

/**
 * True if a rule stopped a probe that had this outcome. Where denied packets are rejected, TCP is sent only to where it
 * is accepted if it arrives: a reset is then a rule's.
 */
export function isStopped(
  protocol: PlannedProbe["protocol"],
  outcome: ProbeResult["outcome"],
  deny: EnforcementConfig["deny"],
): boolean {
  return outcome === "no-answer" || (outcome === "refused" && protocol === "TCP" && deny === "reject");
}

/** Ports to try towards external hosts: the first of each range of the egress rules; few are enough. */
function mentionedEgressPorts(engine: Engine): LabPort[] {
  const ports = new Map<string, LabPort>();
  for (const policy of engine.policies) {
    for (const rule of policy.rules.egress) {
      for (const match of rule.ports === "all" ? [] : rule.ports) {
        if (match.kind !== "numbers") continue;
        for (const protocol of ["TCP", "UDP", "SCTP"] as const) {
          const port = match.ports[protocol][0];
          if (port !== undefined) ports.set(`${protocol}/${port}`, { protocol, port });
        }
      }
    }
  }
  return [...ports.values()].slice(0, 8);
}

/** A TCP port that no pod declares and no policy names as such. */
export function unmentionedPort(engine: Engine): number {
  const mentioned = new Set(engine.cluster.pods.flatMap((pod) => pod.ports.map((port) => port.port)));
  for (const policy of engine.policies) {
    for (const rule of [...policy.rules.ingress, ...policy.rules.egress]) {
      for (const match of rule.ports === "all" ? [] : rule.ports) {
        if (match.kind !== "numbers") continue;
        for (const port of match.ports.TCP) mentioned.add(port);
      }
    }
  }
  let port = 22;
  while (mentioned.has(port)) port++;
  return port;
}
