// What the engine is compared with: for each pair of pods a look at every policy, straight from the API text. Nothing is
// indexed or remembered but the numbers of CIDRs and addresses, which no program would parse for each pair.
import type {
  Direction,
  Namespace,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  Pod,
} from "../src/k8s/objects.ts";
import { selectorMatches } from "../src/k8s/selector.ts";
import { parseAddress } from "../src/net/address.ts";
import { type Cidr, cidrContains, parseCidr } from "../src/net/cidr.ts";
import {
  ALL_PORTS,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portRange,
  unionPorts,
  wholeProtocol,
} from "../src/net/port-set.ts";

export interface NaiveCluster {
  readonly namespaces: readonly Namespace[];
  readonly policies: readonly NetworkPolicy[];
}

/** Which ports may pass from one pod to another over IPv4. For running pods with one address, none of a host network. */
export function naivePorts(cluster: NaiveCluster, from: Pod, to: Pod): PortSet {
  if (from === to) return ALL_PORTS;
  return intersectPorts(
    sidePorts(cluster, "egress", from, to, to),
    sidePorts(cluster, "ingress", to, from, to),
  );
}

function sidePorts(
  cluster: NaiveCluster,
  direction: Direction,
  subject: Pod,
  peer: Pod,
  destination: Pod,
): PortSet {
  let isolated = false;
  let ports = NO_PORTS;
  for (const { namespace, spec } of cluster.policies) {
    if (namespace !== subject.namespace || !selectorMatches(spec.podSelector, subject.labels)) continue;
    const types = spec.policyTypes ?? ["Ingress", ...((spec.egress ?? []).length > 0 ? ["Egress"] : [])];
    if (!types.includes(direction === "ingress" ? "Ingress" : "Egress")) continue;
    isolated = true;
    const rules: readonly { from?: readonly NetworkPolicyPeer[]; to?: readonly NetworkPolicyPeer[] }[] =
      spec[direction] ?? [];
    for (const rule of rules) {
      const peers = (direction === "ingress" ? rule.from : rule.to) ?? [];
      if (peers.length > 0 && !peers.some((each) => peerMatches(cluster, namespace, each, peer))) continue;
      ports = unionPorts(
        ports,
        rulePorts((rule as { ports?: readonly NetworkPolicyPort[] }).ports ?? [], destination),
      );
    }
  }
  return isolated ? ports : ALL_PORTS;
}

function peerMatches(
  cluster: NaiveCluster,
  policyNamespace: string,
  { ipBlock, namespaceSelector, podSelector }: NetworkPolicyPeer,
  pod: Pod,
): boolean {
  if (ipBlock !== undefined) {
    const address = addressOf(pod);
    const within = (text: string): boolean => cidrContains(cidrOf(text), address);
    return within(ipBlock.cidr) && !(ipBlock.except ?? []).some(within);
  }
  const namespaceMatches =
    namespaceSelector === undefined
      ? pod.namespace === policyNamespace
      : selectorMatches(namespaceSelector, namespaceLabels(cluster, pod.namespace));
  return namespaceMatches && selectorMatches(podSelector ?? {}, pod.labels);
}

const labelsOfNamespaces = new WeakMap<NaiveCluster, Map<string, Readonly<Record<string, string>>>>();

function namespaceLabels(cluster: NaiveCluster, name: string): Readonly<Record<string, string>> {
  let labels = labelsOfNamespaces.get(cluster);
  if (labels === undefined) {
    labels = new Map(
      cluster.namespaces.map((each) => [
        each.name,
        { ...each.labels, "kubernetes.io/metadata.name": each.name },
      ]),
    );
    labelsOfNamespaces.set(cluster, labels);
  }
  return labels.get(name) ?? { "kubernetes.io/metadata.name": name };
}

function rulePorts(items: readonly NetworkPolicyPort[], destination: Pod): PortSet {
  if (items.length === 0) return ALL_PORTS;
  let ports = NO_PORTS;
  for (const { protocol = "TCP", port, endPort } of items) {
    if (port === undefined) ports = unionPorts(ports, wholeProtocol(protocol));
    else if (typeof port === "number") ports = unionPorts(ports, portRange(protocol, port, endPort ?? port));
    else {
      for (const declared of destination.ports) {
        if (declared.name === port && declared.protocol === protocol)
          ports = unionPorts(ports, portRange(protocol, declared.port));
      }
    }
  }
  return ports;
}

const cidrs = new Map<string, Cidr>();

function cidrOf(text: string): Cidr {
  let cidr = cidrs.get(text);
  if (cidr === undefined) {
    cidr = parseCidr(text)!.cidr;
    cidrs.set(text, cidr);
  }
  return cidr;
}

const addresses = new WeakMap<Pod, ReturnType<typeof parseAddress>>();

function addressOf(pod: Pod): NonNullable<ReturnType<typeof parseAddress>> {
  let address = addresses.get(pod);
  if (address === undefined) {
    address = parseAddress(pod.addresses[0]!)!;
    addresses.set(pod, address);
  }
  return address;
}
