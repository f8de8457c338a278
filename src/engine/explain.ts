import type { ClusterPod } from "../cluster/cluster.ts";
import type { FieldPath } from "../k8s/location.ts";
import type { Direction, LabelSelectorRequirement } from "../k8s/objects.ts";
import { meetsRequirement, requirementsOf, selectorMatches } from "../k8s/selector.ts";
import type { Address, Family } from "../net/address.ts";
import { type Cidr, cidrContains } from "../net/cidr.ts";
import { type PortSet, portSetHas, type Traffic } from "../net/port-set.ts";
import type { AddressPeer, Peer, PodPeer, Policy, PortMatch, Rule } from "../policy/policy.ts";
import { addressesOf, type End, seenEnd } from "./end.ts";
import { type Engine, type Exemption, exemption } from "./engine.ts";
import { resolveNamedPort } from "./ports.ts";

/** Why a packet may pass, or not: both sides, derived anew from the policies and never from the fast path. */
export interface Explanation {
  readonly from: End;
  readonly to: End;
  readonly family: Family;
  readonly traffic: Traffic;
  readonly allowed: boolean;
  /** Set where an end has no address of the family, so that there is nothing to judge. */
  readonly noAddress?: "from" | "to";
  readonly egress: SideExplanation;
  readonly ingress: SideExplanation;
}

/** One side: what leaves the source, or what enters the destination. */
export interface SideExplanation {
  readonly direction: Direction;
  readonly allowed: boolean;
  readonly reason: SideReason;
  /** The policies that isolate the pod for this direction. */
  readonly isolatedBy: readonly Policy[];
  /** The first rule that lets the packet pass. */
  readonly allowedBy?: RuleReading;
  /** If denied: every rule that could have let it pass, the nearest first. */
  readonly missed: readonly RuleReading[];
}

/** `outside`: no pod, so no policy speaks; `open`: no policy isolates the pod; `rule`, `no-rule`: one does. */
export type SideReason = "outside" | "host-network" | Exemption | "open" | "rule" | "no-rule" | "no-address";

/** How a rule reads against one packet. */
export interface RuleReading {
  readonly policy: Policy;
  readonly rule: Rule;
  readonly peerMatches: boolean;
  readonly portMatches: boolean;
  /** For each peer of the rule why it does not match; empty if one does. */
  readonly peerMisses: readonly PeerMiss[];
  /** For each port of the rule why it does not match; empty if one does. */
  readonly portMisses: readonly PortMiss[];
}

export type PeerMiss =
  /** The other end is no pod that a selector could see. */
  | { readonly why: "not-a-pod" | "host-network"; readonly peer: PodPeer; readonly path: FieldPath }
  /** It is in another namespace than the policy, and the peer has no namespaceSelector. */
  | {
      readonly why: "other-namespace";
      readonly peer: PodPeer;
      readonly wanted: string;
      /** The requirements of the pod selector that are not met either. */
      readonly podUnmet: readonly LabelSelectorRequirement[];
      readonly path: FieldPath;
    }
  | {
      readonly why: "namespace-labels";
      readonly peer: PodPeer;
      /** The requirements of the namespace selector that are not met. */
      readonly unmet: readonly LabelSelectorRequirement[];
      /** The requirements of the pod selector that are not met either. */
      readonly podUnmet: readonly LabelSelectorRequirement[];
      readonly path: FieldPath;
    }
  | {
      readonly why: "pod-labels";
      readonly peer: PodPeer;
      /** The requirements that are not met. */
      readonly unmet: readonly LabelSelectorRequirement[];
      readonly path: FieldPath;
    }
  | {
      readonly why: "outside-block" | "excepted" | "other-family";
      readonly peer: AddressPeer;
      readonly block: Cidr;
      readonly path: FieldPath;
    };

export interface PortMiss {
  readonly why: "protocol" | "number" | "name-unknown" | "name-not-a-pod";
  readonly match: PortMatch;
  /** The ports that the destination pod gives the name; set if the match is by name and `why` is `number`. */
  readonly named?: PortSet;
}

/** Explains a packet. Its verdict and {@link Engine.allows} must agree, which tests hold. */
export function explain(engine: Engine, from: End, to: End, family: Family, traffic: Traffic): Explanation {
  const source = seenEnd(from, family, engine.addresses);
  const destination = seenEnd(to, family, engine.addresses);
  if (source === undefined || destination === undefined) {
    const nothing = (direction: Direction): SideExplanation => ({
      direction,
      allowed: false,
      reason: "no-address",
      isolatedBy: [],
      missed: [],
    });
    const noAddress = source === undefined ? "from" : "to";
    const sides = { egress: nothing("egress"), ingress: nothing("ingress") };
    return { from, to, family, traffic, allowed: false, noAddress, ...sides };
  }
  const egress = explainSide(engine, "egress", source, destination, from, family, traffic);
  const ingress = explainSide(engine, "ingress", source, destination, to, family, traffic);
  return { from, to, family, traffic, allowed: egress.allowed && ingress.allowed, egress, ingress };
}

function explainSide(
  engine: Engine,
  direction: Direction,
  source: End,
  destination: End,
  asked: End,
  family: Family,
  traffic: Traffic,
): SideExplanation {
  const open = (reason: SideReason): SideExplanation => ({
    direction,
    allowed: true,
    reason,
    isolatedBy: [],
    missed: [],
  });
  const exempt = exemption(direction, source, destination, engine.addresses);
  if (exempt !== undefined) return open(exempt);
  const subject = direction === "egress" ? source : destination;
  const peer = direction === "egress" ? destination : source;
  if (subject.kind === "address") {
    return open(asked.kind === "pod" && asked.pod.hostNetwork ? "host-network" : "outside");
  }
  const { pod } = subject;
  const isolatedBy = engine.policies.filter(
    (policy) => policy.isolates[direction] && isSubject(engine, policy, pod),
  );
  if (isolatedBy.length === 0) return open("open");
  const readings = isolatedBy.flatMap((policy) =>
    policy.rules[direction].map((rule) => readRule(engine, policy, rule, peer, destination, family, traffic)),
  );
  const allowedBy = readings.find((reading) => reading.peerMatches && reading.portMatches);
  if (allowedBy !== undefined) {
    return { direction, allowed: true, reason: "rule", isolatedBy, allowedBy, missed: [] };
  }
  // Stable: of equally near rules the first written comes first.
  const missed = readings.sort((a, b) => nearness(b) - nearness(a));
  return { direction, allowed: false, reason: "no-rule", isolatedBy, missed };
}

function isSubject(engine: Engine, policy: Policy, pod: ClusterPod): boolean {
  const { namespaces, pods } = policy.subject;
  const namespaceMatches =
    namespaces.kind === "name"
      ? namespaces.name === pod.namespace
      : selectorMatches(namespaces.selector, namespaceLabels(engine, pod.namespace));
  return namespaceMatches && selectorMatches(pods, pod.labels);
}

function namespaceLabels(engine: Engine, namespace: string): Readonly<Record<string, string>> {
  return engine.cluster.namespaces.get(namespace)?.labels ?? {};
}

/** How much of a rule matches. A matching peer says more than a matching port; a near miss more than a far one. */
function nearness(reading: RuleReading): number {
  const nearestPeer = Math.max(0, ...reading.peerMisses.map(peerNearness));
  return (reading.peerMatches ? 12 : nearestPeer) + (reading.portMatches ? 6 : 0);
}

/** How near a peer is to a match, from 0 to 5; one that misses namespace and pod both is further off. */
export function peerNearness(miss: PeerMiss): number {
  const missesBoth = "podUnmet" in miss && miss.podUnmet.length > 0;
  return PEER_NEARNESS[miss.why] - (missesBoth ? 1 : 0);
}

const PEER_NEARNESS: Readonly<Record<PeerMiss["why"], number>> = {
  "pod-labels": 5,
  "other-namespace": 4,
  "namespace-labels": 4,
  excepted: 4,
  "outside-block": 2,
  "host-network": 1,
  "not-a-pod": 1,
  "other-family": 0,
};

function readRule(
  engine: Engine,
  policy: Policy,
  rule: Rule,
  peer: End,
  destination: End,
  family: Family,
  traffic: Traffic,
): RuleReading {
  const peerMisses: PeerMiss[] = [];
  let peerMatches = rule.peers === "everyone";
  for (const candidate of rule.peers === "everyone" ? [] : rule.peers) {
    const miss = missOfPeer(engine, candidate, peer, family);
    if (miss === undefined) peerMatches = true;
    else peerMisses.push(miss);
  }
  const portMisses: PortMiss[] = [];
  let portMatches = rule.ports === "all";
  for (const match of rule.ports === "all" ? [] : rule.ports) {
    const miss = missOfPort(match, destination, traffic);
    if (miss === undefined) portMatches = true;
    else portMisses.push(miss);
  }
  return {
    policy,
    rule,
    peerMatches,
    portMatches,
    peerMisses: peerMatches ? [] : peerMisses,
    portMisses: portMatches ? [] : portMisses,
  };
}

function missOfPeer(engine: Engine, peer: Peer, end: End, family: Family): PeerMiss | undefined {
  if (peer.kind === "addresses") {
    return missOfBlock(peer, addressesOf(end)[family]!);
  }
  if (peer.kind !== "pods") throw new Error(`no reading of a peer of kind ${peer.kind} yet`);
  const { path } = peer;
  if (end.kind === "address") {
    const isHostNetworkPod = engine.cluster.pods.some(
      (pod) => pod.hostNetwork && pod.addresses[family]?.value === end.address.value,
    );
    return { why: isHostNetworkPod ? "host-network" : "not-a-pod", peer, path };
  }
  const { pod } = end;
  const { namespaces, pods } = peer.selection;
  const podUnmet = requirementsOf(pods).filter((each) => !meetsRequirement(each, pod.labels));
  if (namespaces.kind === "name" && namespaces.name !== pod.namespace) {
    return { why: "other-namespace", peer, wanted: namespaces.name, podUnmet, path };
  }
  if (namespaces.kind === "selector") {
    const labels = namespaceLabels(engine, pod.namespace);
    const unmet = requirementsOf(namespaces.selector).filter((each) => !meetsRequirement(each, labels));
    if (unmet.length > 0) return { why: "namespace-labels", peer, unmet, podUnmet, path };
  }
  return podUnmet.length > 0 ? { why: "pod-labels", peer, unmet: podUnmet, path } : undefined;
}

function missOfBlock(peer: AddressPeer, address: Address): PeerMiss | undefined {
  const { path, cidr } = peer;
  if (cidr.family !== address.family) return { why: "other-family", peer, block: cidr, path };
  if (!cidrContains(cidr, address)) return { why: "outside-block", peer, block: cidr, path };
  const except = peer.except.find((block) => cidrContains(block, address));
  return except === undefined ? undefined : { why: "excepted", peer, block: except, path };
}

function missOfPort(match: PortMatch, destination: End, traffic: Traffic): PortMiss | undefined {
  if (match.kind === "numbers") {
    if (portSetHas(match.ports, traffic)) return undefined;
    const hasProtocol = traffic.protocol !== "other" && match.ports[traffic.protocol].length > 0;
    return { why: hasProtocol ? "number" : "protocol", match };
  }
  if (match.protocol !== traffic.protocol) return { why: "protocol", match };
  if (destination.kind === "address") return { why: "name-not-a-pod", match };
  const resolved = resolveNamedPort(match, destination.pod.ports);
  if (portSetHas(resolved, traffic)) return undefined;
  return resolved.key === "" ? { why: "name-unknown", match } : { why: "number", match, named: resolved };
}
