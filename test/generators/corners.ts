import { cidrContains, parseAddress, parseCidr } from "../reference/ip.ts";
import { namespaceLabels, namespaceOf } from "../reference/namespace.ts";
import { isHostNetwork, podAddresses, servedPorts, takesPart } from "../reference/pod.ts";
import type { RawCluster, RawIpBlock, RawPeer, RawPod, RawPort, RawRequirement } from "../reference/raw.ts";
import { selectorMatches } from "../reference/selector.ts";
import { CLUSTER_POLICY_CORNERS, clusterPolicyCornersOf } from "./cluster-policy-corners.ts";
import { NAMESPACE_NAME_LABEL } from "./selectors.ts";

/** What a cluster holds, flattened so that each corner is one question. */
interface Parts {
  cluster: RawCluster;
  live: RawPod[];
  rules: { peers: RawPeer[] | undefined; ports: RawPort[] | undefined; isEgress: boolean }[];
  peers: RawPeer[];
  ports: RawPort[];
  blocks: RawIpBlock[];
  /** Requirements of pod selectors in peers. */
  requirements: RawRequirement[];
}

/** The corners of the NetworkPolicy API that random clusters must reach; each says whether a cluster has it. */
const CORNERS: Record<string, (parts: Parts) => boolean> = {
  "peer: podSelector alone": ({ peers }) => peers.some((p) => p.podSelector && !p.namespaceSelector),
  "peer: podSelector alone that fits pods of other namespaces too": ({ cluster, live }) =>
    cluster.networkPolicies.some(({ metadata, spec }) =>
      [...(spec.ingress ?? []).map((r) => r.from), ...(spec.egress ?? []).map((r) => r.to)]
        .flatMap((peers) => peers ?? [])
        .flatMap((p) => (p.podSelector && !p.namespaceSelector ? [p.podSelector] : []))
        .some((selector) =>
          live.some(
            (p) =>
              namespaceOf(p) !== metadata.namespace && selectorMatches(selector, p.metadata.labels ?? {}),
          ),
        ),
    ),
  "peer: namespaceSelector alone": ({ peers }) => peers.some((p) => p.namespaceSelector && !p.podSelector),
  "peer: both selectors": ({ peers }) => peers.some((p) => p.namespaceSelector && p.podSelector),
  "peer: namespaceSelector {}": ({ peers }) => peers.some((p) => isEmptyObject(p.namespaceSelector)),
  "peer: podSelector {}": ({ peers }) => peers.some((p) => isEmptyObject(p.podSelector)),
  "peer: selects a namespace by name": ({ peers }) =>
    peers.some((p) => JSON.stringify(p.namespaceSelector ?? {}).includes(NAMESPACE_NAME_LABEL)),
  "namespace lacks its name label": ({ cluster }) =>
    cluster.namespaces.some((n) => n.metadata.labels?.[NAMESPACE_NAME_LABEL] === undefined),
  "same labels in several namespaces": ({ live }) =>
    live.some((a) => live.some((b) => sameLabels(a, b) && namespaceOf(a) !== namespaceOf(b))),
  "same pod name in several namespaces": ({ live }) =>
    live.some((a) =>
      live.some((b) => a.metadata.name === b.metadata.name && namespaceOf(a) !== namespaceOf(b)),
    ),
  "NotIn where a pod lacks the key": (parts) => requirementOnAbsentKey(parts, "NotIn"),
  "DoesNotExist where a pod lacks the key": (parts) => requirementOnAbsentKey(parts, "DoesNotExist"),
  "NotIn where a namespace lacks the key": ({ cluster, peers }) =>
    peers
      .flatMap((p) => p.namespaceSelector?.matchExpressions ?? [])
      .filter((r) => r.operator === "NotIn")
      .some((r) => cluster.namespaces.some((n) => !(r.key in namespaceLabels(cluster, n.metadata.name)))),
  "empty label value": ({ live }) => live.some((p) => Object.values(p.metadata.labels ?? {}).includes("")),
  "pod without labels": ({ live }) => live.some((p) => p.metadata.labels === undefined),

  "ports: number": ({ ports }) => ports.some((p) => typeof p.port === "number" && p.endPort === undefined),
  "ports: endPort": ({ ports }) => ports.some((p) => p.endPort !== undefined),
  "ports: item without port": ({ ports }) =>
    ports.some((p) => p.port === undefined && p.protocol !== undefined),
  "ports: item {}": ({ ports }) => ports.some(isEmptyObject),
  "ports: SCTP": ({ ports }) => ports.some((p) => p.protocol === "SCTP"),
  "named port: in ingress": ({ rules }) => rules.some((r) => !r.isEgress && hasNamedPort(r.ports)),
  "named port: in egress": ({ rules }) => rules.some((r) => r.isEgress && hasNamedPort(r.ports)),
  "named port: without peers": ({ rules }) => rules.some((r) => !r.peers?.length && hasNamedPort(r.ports)),
  "named port: beside ipBlock": ({ rules }) =>
    rules.some((r) => r.peers?.some((p) => p.ipBlock) && hasNamedPort(r.ports)),
  "named port: differs by pod": ({ live }) =>
    live.some((a) => live.some((b) => named(a, b, (x, y) => x.containerPort !== y.containerPort))),
  "named port: differs by protocol": ({ live }) =>
    live.some((a) => live.some((b) => named(a, b, (x, y) => x.protocol === "TCP" && y.protocol === "UDP"))),
  "named port: missing on some pods": ({ live }) =>
    live.some((pod) => portNames(pod).some((name) => live.some((other) => !portNames(other).includes(name)))),
  "named port: same name twice on a pod, one protocol": ({ live }) =>
    live.some((pod) =>
      named(pod, pod, (x, y) => x.containerPort !== y.containerPort && x.protocol === y.protocol),
    ),
  "named port: on a sidecar": ({ live }) => live.some((p) => hasInitPortName(p, true)),
  "named port: on a plain init container": ({ live }) => live.some((p) => hasInitPortName(p, false)),
  "named port: on a host-network pod": ({ live }) =>
    live.some((p) => isHostNetwork(p) && portNames(p).length > 0),
  "container port without protocol": ({ live }) =>
    live.some((p) => servedPorts(p).some((port) => !port.protocol)),

  "block: IPv4": ({ blocks }) => blocks.some((b) => parseCidr(b.cidr).family === 4),
  "block: IPv6": ({ blocks }) => blocks.some((b) => parseCidr(b.cidr).family === 6),
  "block: everything": ({ blocks }) => blocks.some((b) => parseCidr(b.cidr).prefix === 0),
  "block: two excepts": ({ blocks }) => blocks.some((b) => (b.except ?? []).length > 1),
  "block: pod inside": (parts) => parts.blocks.some((b) => hasPodIn(parts, b.cidr)),
  "block: pod inside an except": (parts) =>
    parts.blocks.some((b) => (b.except ?? []).some((except) => hasPodIn(parts, except))),
  "block: pod inside an except that another block of the rule allows": (parts) =>
    parts.rules.some(({ peers = [] }) =>
      peers.some((a) =>
        (a.ipBlock?.except ?? []).some((except) =>
          peers.some((b) => b !== a && b.ipBlock && hasPodIn(parts, except, b.ipBlock)),
        ),
      ),
    ),
  "block: node inside": ({ cluster, blocks }) =>
    blocks.some((b) =>
      cluster.nodes.some((n) =>
        (n.status?.addresses ?? [])
          .filter((a) => a.type !== "Hostname")
          .some((a) => cidrContains(parseCidr(b.cidr), parseAddress(a.address))),
      ),
    ),

  "policyTypes implied, egress rules": ({ cluster }) =>
    cluster.networkPolicies.some(({ spec }) => !spec.policyTypes && spec.egress?.length),
  "policyTypes implied, egress: []": ({ cluster }) =>
    cluster.networkPolicies.some(({ spec }) => !spec.policyTypes && spec.egress?.length === 0),
  "policyTypes implied, no egress": ({ cluster }) =>
    cluster.networkPolicies.some(({ spec }) => !spec.policyTypes && !spec.egress),
  "policyTypes: []": ({ cluster }) =>
    cluster.networkPolicies.some(({ spec }) => spec.policyTypes?.length === 0),
  "rules of a direction not in policyTypes": ({ cluster }) =>
    cluster.networkPolicies.some(
      ({ spec }) =>
        spec.policyTypes?.length === 1 &&
        (spec.policyTypes[0] === "Egress" ? spec.ingress?.length : spec.egress?.length),
    ),
  "peers missing": ({ rules }) => rules.some((r) => r.peers === undefined && r.ports !== undefined),
  "peers: []": ({ rules }) => rules.some((r) => r.peers?.length === 0),
  "ports missing": ({ rules }) => rules.some((r) => r.ports === undefined && r.peers !== undefined),
  "ports: []": ({ rules }) => rules.some((r) => r.ports?.length === 0),
  "rule {}": ({ rules }) => rules.some((r) => r.peers === undefined && r.ports === undefined),
  "ingress: []": ({ cluster }) => cluster.networkPolicies.some(({ spec }) => spec.ingress?.length === 0),
  "no policies": ({ cluster }) => cluster.networkPolicies.length === 0,

  "host-network pod beside a pod of its node": ({ live }) => hostNetworkPair(live, true),
  "host-network pod beside a pod of another node": ({ live }) => hostNetworkPair(live, false),
  "finished pod with an address": ({ cluster }) =>
    cluster.pods.some((p) => !takesPart(p) && podAddresses(p).length > 0),
  "finished pod whose address a live pod has": ({ cluster, live }) =>
    cluster.pods.some(
      (p) => !takesPart(p) && live.some((l) => !isHostNetwork(l) && l.status?.podIP === p.status?.podIP),
    ),
  "pod without address": ({ cluster }) => cluster.pods.some((p) => podAddresses(p).length === 0),
  "pending pod with an address": ({ live }) => live.some((p) => p.status?.phase === "Pending"),
  "terminating pod": ({ live }) => live.some((p) => p.metadata.deletionTimestamp !== undefined),
  "IPv4-only pod": ({ live }) => live.some((p) => familiesOf(p) === "4"),
  "IPv6-only pod": ({ live }) => live.some((p) => familiesOf(p) === "6"),
  "dual-stack pod, IPv4 first": ({ live }) => live.some((p) => familiesOf(p) === "4,6"),
  "dual-stack pod, IPv6 first": ({ live }) => live.some((p) => familiesOf(p) === "6,4"),
  "node with an ExternalIP": ({ cluster }) =>
    cluster.nodes.some((n) => n.status?.addresses?.some((a) => a.type === "ExternalIP")),
};

/** The names of all corners, of NetworkPolicies and of cluster-wide policies. */
export const CORNER_NAMES: readonly string[] = [
  ...Object.keys(CORNERS),
  ...Object.keys(CLUSTER_POLICY_CORNERS),
];

/** The names of the corners that a cluster has. */
export function cornersOf(cluster: RawCluster): string[] {
  const rules = cluster.networkPolicies.flatMap(({ spec }) => [
    ...(spec.ingress ?? []).map((rule) => ({ peers: rule.from, ports: rule.ports, isEgress: false })),
    ...(spec.egress ?? []).map((rule) => ({ peers: rule.to, ports: rule.ports, isEgress: true })),
  ]);
  const peers = rules.flatMap((rule) => rule.peers ?? []);
  const parts: Parts = {
    cluster,
    live: cluster.pods.filter(takesPart),
    rules,
    peers,
    ports: rules.flatMap((rule) => rule.ports ?? []),
    blocks: peers.flatMap((peer) => (peer.ipBlock ? [peer.ipBlock] : [])),
    requirements: peers.flatMap((peer) => peer.podSelector?.matchExpressions ?? []),
  };
  return [
    ...Object.keys(CORNERS).filter((name) => CORNERS[name]!(parts)),
    ...clusterPolicyCornersOf(cluster),
  ];
}

function isEmptyObject(value: object | undefined): boolean {
  return value !== undefined && Object.keys(value).length === 0;
}

function sameLabels(a: RawPod, b: RawPod): boolean {
  const text = JSON.stringify(a.metadata.labels);
  return text !== undefined && text === JSON.stringify(b.metadata.labels);
}

function requirementOnAbsentKey({ requirements, live }: Parts, operator: string): boolean {
  return requirements.some(
    (r) => r.operator === operator && live.some((p) => !(r.key in (p.metadata.labels ?? {}))),
  );
}

function hasNamedPort(ports: RawPort[] | undefined): boolean {
  return (ports ?? []).some((port) => typeof port.port === "string");
}

function portNames(pod: RawPod): string[] {
  return servedPorts(pod).flatMap((port) => (port.name === undefined ? [] : [port.name]));
}

type ServedPort = ReturnType<typeof servedPorts>[number];

function named(a: RawPod, b: RawPod, differ: (x: ServedPort, y: ServedPort) => boolean): boolean {
  return servedPorts(a).some((x) => servedPorts(b).some((y) => x.name && x.name === y.name && differ(x, y)));
}

function hasInitPortName(pod: RawPod, isSidecar: boolean): boolean {
  return (pod.spec.initContainers ?? [])
    .filter((container) => (container.restartPolicy === "Always") === isSidecar)
    .some((container) => container.ports?.some((port) => port.name));
}

function hasPodIn({ live }: Parts, cidr: string, also?: RawIpBlock): boolean {
  const inside = (text: string, address: ReturnType<typeof parseAddress>) =>
    cidrContains(parseCidr(text), address);
  return live
    .filter((pod) => !isHostNetwork(pod))
    .flatMap(podAddresses)
    .some(
      (address) =>
        inside(cidr, address) &&
        (also === undefined ||
          (inside(also.cidr, address) && !also.except?.some((except) => inside(except, address)))),
    );
}

function hostNetworkPair(live: readonly RawPod[], onSameNode: boolean): boolean {
  return live.some(
    (host) =>
      isHostNetwork(host) &&
      live.some((pod) => !isHostNetwork(pod) && (pod.spec.nodeName === host.spec.nodeName) === onSameNode),
  );
}

function familiesOf(pod: RawPod): string {
  return podAddresses(pod)
    .map((address) => address.family)
    .join();
}
