import type { End, Traffic } from "../reference/evaluate.ts";
import { type Family, formatAddress, parseAddress } from "../reference/ip.ts";
import { podAddresses, podKey, takesPart } from "../reference/pod.ts";
import type { Protocol, RawCluster, RawContainerPort, RawPort } from "../reference/raw.ts";
import type { RawClusterProtocol } from "../reference/raw-cluster-policy.ts";
import { boundaryAddresses, EXTERNAL_ADDRESSES, familyOfText } from "./addresses.ts";
import { clusterRules } from "./cluster-rules.ts";
import { declaredPorts } from "./pods.ts";
import type { Random } from "./random.ts";

/** One question for every evaluator. */
export interface Probe {
  from: End;
  to: End;
  traffic: Traffic;
}

/** In no policy, and not next to one. */
const UNRELATED_PORT = 31337;

/**
 * `n` questions whose answers are likely to depend on the policies: their ports and those beside them, their CIDRs'
 * edges, named ports. At least one end is a pod, except now and then. Finished pods are met by address only.
 */
export function interestingProbes(cluster: RawCluster, random: Random, n: number): Probe[] {
  const pods = cluster.pods
    .filter((pod) => !hasFinished(pod.status?.phase))
    .map((pod) => ({ pod: podKey(pod) }));
  const addresses = interestingAddresses(cluster).map((address) => ({ address }));
  const ports = interestingPorts(cluster);
  const familiesOf = endFamilies(cluster);
  return Array.from({ length: n }, () => {
    const podOr = (probability: number): End =>
      random.pick<End>(pods.length > 0 && random.chance(probability) ? pods : addresses);
    const [from, to] = random.weighted<[End, End]>([
      [12, [podOr(1), podOr(1)]],
      [5, [podOr(1), podOr(0)]],
      [5, [podOr(0), podOr(1)]],
      [0.5, [podOr(0), podOr(0)]],
    ]);
    const shared = familiesOf(from).filter((family) => familiesOf(to).includes(family));
    const families: readonly Family[] = shared.length > 0 && random.chance(0.95) ? shared : [4, 6];
    const family = random.pick(families);
    if (random.chance(0.08)) {
      return { from, to, traffic: { family, protocol: "other" } };
    }
    const declared = "pod" in to && random.chance(0.6) ? declaredBy(cluster, to.pod) : [];
    return { from, to, traffic: { family, ...random.pick(declared.length > 0 ? declared : ports) } };
  });
}

function hasFinished(phase: string | undefined): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

function endFamilies(cluster: RawCluster): (end: End) => Family[] {
  const byPod = new Map(
    cluster.pods.map((pod) => [podKey(pod), takesPart(pod) ? podAddresses(pod).map((a) => a.family) : []]),
  );
  return (end) => ("pod" in end ? (byPod.get(end.pod) ?? []) : [familyOfText(end.address)]);
}

function declaredBy(cluster: RawCluster, key: string): PortOfInterest[] {
  const pod = cluster.pods.find((candidate) => podKey(candidate) === key);
  return pod === undefined ? [] : declaredPorts(pod).map(portOfInterest);
}

function portOfInterest(port: RawContainerPort): PortOfInterest {
  return { protocol: port.protocol ?? "TCP", port: port.containerPort };
}

/** A destination port with its protocol. */
export interface PortOfInterest {
  protocol: Protocol;
  port: number;
}

/**
 * The ports where an answer may change: numbers and ends of ranges in policies, and the numbers of every container's
 * ports, each with its neighbours; and one that nothing mentions. Under their own protocol and under another.
 */
export function interestingPorts(cluster: RawCluster): PortOfInterest[] {
  const items = policyPorts(cluster).flatMap((item) =>
    [item.port, item.endPort]
      .filter((port) => typeof port === "number")
      .map((port) => ({ protocol: item.protocol ?? "TCP", port })),
  );
  const ofClusterRules = clusterRules(cluster)
    .flatMap((rule) => rule.protocols ?? [])
    .flatMap(portsOfProtocol);
  const ofContainers = cluster.pods.flatMap(declaredPorts).map(portOfInterest);
  const others: Record<Protocol, Protocol> = { TCP: "UDP", UDP: "SCTP", SCTP: "TCP" };
  const around = [...items, ...ofClusterRules, ...ofContainers].flatMap(
    ({ protocol, port }): PortOfInterest[] => [
      { protocol, port },
      { protocol, port: port - 1 },
      { protocol, port: port + 1 },
      { protocol: others[protocol], port },
    ],
  );
  const unrelated = (["TCP", "UDP", "SCTP"] as const).map((protocol) => ({ protocol, port: UNRELATED_PORT }));
  const valid = [...around, ...unrelated].filter(({ port }) => port >= 1 && port <= 65535);
  return [...new Map(valid.map((entry) => [`${entry.protocol}/${entry.port}`, entry])).values()];
}

function portsOfProtocol({ tcp, udp, sctp }: RawClusterProtocol): PortOfInterest[] {
  const transports = { TCP: tcp, UDP: udp, SCTP: sctp };
  return (["TCP", "UDP", "SCTP"] as const).flatMap((protocol) => {
    const { number, range } = transports[protocol]?.destinationPort ?? {};
    return [number, range?.start, range?.end]
      .filter((port) => port !== undefined)
      .map((port) => ({ protocol, port }));
  });
}

function policyPorts(cluster: RawCluster): RawPort[] {
  return cluster.networkPolicies
    .flatMap(({ spec }) => [...(spec.ingress ?? []), ...(spec.egress ?? [])])
    .flatMap((rule) => rule.ports ?? []);
}

/**
 * The addresses where an answer may change: of pods (finished ones too), of nodes, hosts outside, and the edges of
 * every `cidr`, `except` and network. Canonical, each once.
 */
export function interestingAddresses(cluster: RawCluster): string[] {
  const blocks = cluster.networkPolicies
    .flatMap(({ spec }) => [
      ...(spec.ingress ?? []).flatMap((rule) => rule.from ?? []),
      ...(spec.egress ?? []).flatMap((rule) => rule.to ?? []),
    ])
    .flatMap((peer) => (peer.ipBlock ? [peer.ipBlock.cidr, ...(peer.ipBlock.except ?? [])] : []));
  const networks = clusterRules(cluster).flatMap(({ peers }) => peers.flatMap((peer) => peer.networks ?? []));
  return [
    ...new Set([
      ...EXTERNAL_ADDRESSES[4],
      ...EXTERNAL_ADDRESSES[6],
      ...cluster.pods.flatMap(podAddresses).map(formatAddress),
      ...cluster.nodes
        .flatMap((node) => node.status?.addresses ?? [])
        .filter((entry) => entry.type === "InternalIP" || entry.type === "ExternalIP")
        .map((entry) => formatAddress(parseAddress(entry.address))),
      ...[...new Set([...blocks, ...networks])].flatMap(boundaryAddresses),
    ]),
  ];
}
