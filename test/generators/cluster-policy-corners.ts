import { isKnownPeer } from "../reference/cluster-peer.ts";
import { isKnownProtocol } from "../reference/cluster-protocol.ts";
import { cidrContains, parseCidr } from "../reference/ip.ts";
import { namespaceLabels, namespaceOf } from "../reference/namespace.ts";
import { isHostNetwork, nodeAddresses, podAddresses, servedPorts, takesPart } from "../reference/pod.ts";
import type { RawCluster, RawPod, RawSelector } from "../reference/raw.ts";
import type {
  RawClusterNetworkPolicy,
  RawClusterProtocol,
  RawNamespacedPods,
} from "../reference/raw-cluster-policy.ts";
import { selectorMatches } from "../reference/selector.ts";
import { type ClusterRule, clusterRules, clusterWidePolicies } from "./cluster-rules.ts";
import { NAMESPACE_NAME_LABEL } from "./selectors.ts";

/** What a cluster has of cluster-wide policies, flattened so that each corner is one question. */
interface Parts {
  cluster: RawCluster;
  live: RawPod[];
  policies: RawClusterNetworkPolicy[];
  rules: ClusterRule[];
  names: string[];
}

/** The corners of the cluster-wide policy APIs that random clusters must reach. */
export const CLUSTER_POLICY_CORNERS: Record<string, (parts: Parts) => boolean> = {
  "cluster-wide: no policies": ({ policies }) => policies.length === 0,
  "cluster-wide: ClusterNetworkPolicy and AdminNetworkPolicy of one priority": ({ cluster }) =>
    (cluster.adminNetworkPolicies ?? []).some((older) =>
      (cluster.clusterNetworkPolicies ?? []).some(
        ({ spec }) => spec.tier === "Admin" && spec.priority === older.spec.priority,
      ),
    ),
  "cluster-wide: BaselineAdminNetworkPolicy beside a ClusterNetworkPolicy of Baseline": ({ cluster }) =>
    (cluster.baselineAdminNetworkPolicies ?? []).length > 0 &&
    (cluster.clusterNetworkPolicies ?? []).some(({ spec }) => spec.tier === "Baseline"),
  "cluster-wide: a tier before and one behind NetworkPolicies": ({ cluster, policies }) =>
    cluster.networkPolicies.length > 0 && new Set(policies.map(({ spec }) => spec.tier)).size === 2,
  "priority: 0": ({ policies }) => policies.some(({ spec }) => spec.priority === 0),
  "priority: 1000": ({ policies }) => policies.some(({ spec }) => spec.priority === 1000),
  "priority: equal in a tier, of one subject and peer, with different actions": ({ rules }) =>
    rules.some((a) => rules.some((b) => arePeersAlike(a, b) && a.policy !== b.policy && isTie(a, b))),
  "priority: one policy behind another whose name is less": ({ policies }) =>
    policies.some((a) =>
      policies.some(
        (b) =>
          a.spec.tier === b.spec.tier &&
          a.spec.priority < b.spec.priority &&
          a.metadata.name > b.metadata.name,
      ),
    ),

  "Pass: in Admin": ({ rules }) => rules.some((r) => isPass(r, "Admin")),
  "Pass: in Baseline": ({ rules }) => rules.some((r) => isPass(r, "Baseline")),
  "Pass: in Admin, with later rules of the direction": ({ rules }) => hasLaterRule(rules, "Admin"),
  "Pass: in Baseline, with later rules of the direction": ({ rules }) => hasLaterRule(rules, "Baseline"),
  "Deny before Accept of the same peers, ports overlapping in part": ({ rules }) =>
    rules.some((deny, i) => rules.slice(i + 1).some((accept) => overlapInPart(deny, accept))),

  "subject: selects a namespace by name": ({ policies }) =>
    policies.some(({ spec }) => JSON.stringify(spec.subject).includes(NAMESPACE_NAME_LABEL)),
  "subject: NotIn where a pod lacks the key": ({ policies, live }) =>
    policies
      .flatMap(({ spec }) => spec.subject.pods?.podSelector.matchExpressions ?? [])
      .filter((r) => r.operator === "NotIn")
      .some((r) => live.some((p) => !(r.key in (p.metadata.labels ?? {})))),
  "subject: NotIn where a namespace lacks the key": ({ cluster, policies }) =>
    policies
      .flatMap(({ spec }) => (spec.subject.namespaces ?? spec.subject.pods?.namespaceSelector) as RawSelector)
      .flatMap((selector) => selector.matchExpressions ?? [])
      .filter((r) => r.operator === "NotIn")
      .some((r) => cluster.namespaces.some((n) => !(r.key in namespaceLabels(cluster, n.metadata.name)))),
  "subject: matches no pod": (parts) =>
    parts.policies.some(({ spec }) => !parts.cluster.pods.some((p) => isMeant(spec.subject, p, parts))),
  "subject: would match a host-network pod": (parts) =>
    parts.policies.some(({ spec }) => hostPods(parts).some((p) => isMeant(spec.subject, p, parts))),

  "peer: would match a host-network pod": (parts) =>
    parts.rules.some(({ peers }) =>
      peers.some((peer) => hostPods(parts).some((p) => isMeant(peer, p, parts))),
    ),
  "peer: would match a finished pod": (parts) =>
    parts.rules.some(({ peers }) =>
      peers.some((peer) => parts.cluster.pods.some((p) => !takesPart(p) && isMeant(peer, p, parts))),
    ),
  "peer: matches no pod": (parts) =>
    parts.rules.some(({ peers }) =>
      peers.some(
        (peer) => (peer.namespaces || peer.pods) && !parts.live.some((p) => isMeant(peer, p, parts)),
      ),
    ),
  "peer: nodes, some of them": ({ cluster, rules }) =>
    rules
      .flatMap((r) => r.peers.flatMap((peer) => peer.nodes ?? []))
      .some((nodes) => {
        const matching = cluster.nodes.filter((n) => selectorMatches(nodes, n.metadata.labels ?? {}));
        return matching.length > 0 && matching.length < cluster.nodes.length;
      }),
  "peer: nodes with a host-network pod": ({ cluster, rules, live }) =>
    rules
      .flatMap((r) => (r.isEgress ? r.peers.flatMap((peer) => peer.nodes ?? []) : []))
      .some((nodes) =>
        cluster.nodes.some(
          (n) =>
            selectorMatches(nodes, n.metadata.labels ?? {}) &&
            live.some((p) => isHostNetwork(p) && p.spec.nodeName === n.metadata.name),
        ),
      ),
  "peer: networks around a pod": (parts) =>
    networksOf(parts).some((cidr) =>
      parts.live.some(
        (p) => !isHostNetwork(p) && podAddresses(p).some((a) => cidrContains(parseCidr(cidr), a)),
      ),
    ),
  "peer: networks around a node": (parts) =>
    networksOf(parts).some((cidr) =>
      parts.cluster.nodes.some((n) =>
        nodeAddresses(parts.cluster, n).some((a) => cidrContains(parseCidr(cidr), a)),
      ),
    ),
  "peer: networks of IPv6": (parts) => networksOf(parts).some((cidr) => cidr.includes(":")),
  "peer: domainNames": ({ rules }) => rules.some((r) => r.peers.some((peer) => peer.domainNames)),

  "protocols: absent": ({ rules }) => rules.some((r) => r.protocols === undefined),
  "protocols: range": ({ rules }) => rules.some((r) => JSON.stringify(r.protocols ?? []).includes("range")),
  "protocols: SCTP": ({ rules }) => rules.some((r) => r.protocols?.some((item) => item.sctp)),
  "protocols: named port in ingress": ({ rules }) => rules.some((r) => !r.isEgress && namesOf(r).length > 0),
  "protocols: named port in egress": ({ rules }) => rules.some((r) => r.isEgress && namesOf(r).length > 0),
  "protocols: named port that differs by pod": ({ names, live }) =>
    names.some((name) => new Set(live.flatMap((p) => portsNamed(p, name).map((q) => q.number))).size > 1),
  "protocols: named port that differs by protocol": ({ names, live }) =>
    names.some((name) => new Set(live.flatMap((p) => portsNamed(p, name).map((q) => q.protocol))).size > 1),

  "unknown: peer of an Accept": ({ rules }) => hasUnknownPeer(rules, "Accept"),
  "unknown: peer of a Deny": ({ rules }) => hasUnknownPeer(rules, "Deny"),
  "unknown: peer of a Pass": ({ rules }) => hasUnknownPeer(rules, "Pass"),
  "unknown: peer beside known ones": ({ rules }) =>
    rules.some((r) => r.peers.length > 1 && r.peers.some((peer) => isUnknownPeer(r, peer))),
  "unknown: a peer of egress in ingress": ({ rules }) =>
    rules.some((r) => !r.isEgress && r.peers.some((peer) => peer.networks || peer.nodes)),
  "unknown: protocol of an Accept": ({ rules }) => hasUnknownProtocol(rules, "Accept"),
  "unknown: protocol of a Deny": ({ rules }) => hasUnknownProtocol(rules, "Deny"),
  "unknown: protocol of a Pass": ({ rules }) => hasUnknownProtocol(rules, "Pass"),
  "unknown: tcp: {}": ({ rules }) =>
    rules.some((r) => r.protocols?.some((item) => item.tcp && Object.keys(item.tcp).length === 0)),
};

/** The names of the corners that a cluster has. */
export function clusterPolicyCornersOf(cluster: RawCluster): string[] {
  const rules = clusterRules(cluster);
  const parts: Parts = {
    cluster,
    live: cluster.pods.filter(takesPart),
    policies: clusterWidePolicies(cluster),
    rules,
    names: rules.flatMap(namesOf),
  };
  return Object.keys(CLUSTER_POLICY_CORNERS).filter((name) => CLUSTER_POLICY_CORNERS[name]!(parts));
}

function isTie(a: ClusterRule, b: ClusterRule): boolean {
  const [of, and] = [a.policy.spec, b.policy.spec];
  return (
    of.tier === and.tier &&
    of.priority === and.priority &&
    JSON.stringify(of.subject) === JSON.stringify(and.subject) &&
    a.action !== b.action
  );
}

function arePeersAlike(a: ClusterRule, b: ClusterRule): boolean {
  return a.isEgress === b.isEgress && JSON.stringify(a.peers) === JSON.stringify(b.peers);
}

function isPass({ action, policy }: ClusterRule, tier: "Admin" | "Baseline"): boolean {
  return action === "Pass" && policy.spec.tier === tier;
}

/** Rules of one policy and direction follow each other. */
function hasLaterRule(rules: readonly ClusterRule[], tier: "Admin" | "Baseline"): boolean {
  return rules.some((rule, index) => {
    const next = rules[index + 1];
    return isPass(rule, tier) && next?.policy === rule.policy && next.isEgress === rule.isEgress;
  });
}

function overlapInPart(deny: ClusterRule, accept: ClusterRule): boolean {
  const samePolicy = deny.policy === accept.policy && deny.action === "Deny" && accept.action === "Accept";
  if (!samePolicy || !arePeersAlike(deny, accept)) {
    return false;
  }
  const [denied, accepted] = [tcpPorts(deny.protocols), tcpPorts(accept.protocols)];
  return (
    [...denied].some((port) => accepted.has(port)) &&
    denied.size > 0 &&
    [...accepted].some((port) => !denied.has(port))
  );
}

/** Ports up to 10,000, which is where the random ones are. */
function tcpPorts(protocols: readonly RawClusterProtocol[] | undefined): Set<number> {
  const ports = new Set<number>();
  for (const { tcp } of protocols ?? []) {
    const { number, range } = tcp?.destinationPort ?? {};
    const { start, end } = range ?? { start: number ?? 1, end: number ?? 0 };
    for (let port = start; port <= Math.min(end, 10_000); port++) {
      ports.add(port);
    }
  }
  return ports;
}

function hostPods({ live }: Parts): RawPod[] {
  return live.filter(isHostNetwork);
}

/** Whether the selectors alone fit the pod, whether or not it takes part. */
function isMeant(
  { namespaces, pods }: { namespaces?: RawSelector; pods?: RawNamespacedPods },
  pod: RawPod,
  { cluster }: Parts,
): boolean {
  const ofNamespace = namespaces ?? pods?.namespaceSelector;
  return (
    ofNamespace !== undefined &&
    selectorMatches(ofNamespace, namespaceLabels(cluster, namespaceOf(pod))) &&
    selectorMatches(pods?.podSelector ?? {}, pod.metadata.labels ?? {})
  );
}

function networksOf({ rules }: Parts): string[] {
  return rules.flatMap((r) => (r.isEgress ? r.peers.flatMap((peer) => peer.networks ?? []) : []));
}

function namesOf({ protocols = [] }: ClusterRule): string[] {
  return (protocols ?? []).flatMap((item) => item.destinationNamedPort ?? []);
}

function portsNamed(pod: RawPod, name: string): { number: number; protocol: string }[] {
  return servedPorts(pod)
    .filter((port) => port.name === name)
    .map((port) => ({ number: port.containerPort, protocol: port.protocol ?? "TCP" }));
}

function isUnknownPeer({ isEgress }: ClusterRule, peer: ClusterRule["peers"][number]): boolean {
  return !isKnownPeer(peer, isEgress ? "Egress" : "Ingress");
}

function hasUnknownPeer(rules: readonly ClusterRule[], action: string): boolean {
  return rules.some((r) => r.action === action && r.peers.some((peer) => isUnknownPeer(r, peer)));
}

function hasUnknownProtocol(rules: readonly ClusterRule[], action: string): boolean {
  return rules.some(
    (r) => r.action === action && r.protocols?.some((protocol) => !isKnownProtocol(protocol)),
  );
}
