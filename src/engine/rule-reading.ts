import type { ClusterPod } from "../cluster/cluster.ts";
import { selectorMatches } from "../k8s/selector.ts";
import type { Policy, Rule } from "../policy/policy.ts";
import type { Engine } from "./engine.ts";
import {
  missOfPeer,
  missOfPort,
  namespaceLabels,
  type PeerMiss,
  type PortMiss,
  type SidePacket,
} from "./rule-misses.ts";

/** How a rule reads against one packet. */
export interface RuleReading {
  readonly policy: Policy;
  readonly rule: Rule;
  readonly peerMatches: boolean;
  readonly portMatches: boolean;
  /** For each peer of the rule why it does not match; empty if one does. A rule that fails closed may have none. */
  readonly peerMisses: readonly PeerMiss[];
  /** For each port of the rule why it does not match; empty if one does. */
  readonly portMisses: readonly PortMiss[];
}

/** True if the rule holds for the packet. */
export function ruleMatches(reading: RuleReading): boolean {
  return reading.peerMatches && reading.portMatches;
}

/** True if the policy is about the pod. */
export function isSubject(engine: Engine, policy: Policy, pod: ClusterPod): boolean {
  const { namespaces, pods } = policy.subject;
  const namespaceMatches =
    namespaces.kind === "name"
      ? namespaces.name === pod.namespace
      : selectorMatches(namespaces.selector, namespaceLabels(engine, pod.namespace));
  return namespaceMatches && selectorMatches(pods, pod.labels);
}

/** The nearest first; stable, so that of equally near rules the first one written comes first. */
export function byNearness(readings: readonly RuleReading[]): RuleReading[] {
  return [...readings].sort((a, b) => nearness(b) - nearness(a));
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
  "node-labels": 5,
  "other-namespace": 4,
  "namespace-labels": 4,
  excepted: 4,
  "outside-block": 2,
  unresolved: 1,
  "host-network": 1,
  "not-a-pod": 1,
  "not-a-node": 1,
  "other-family": 0,
};

/** Reads a rule against a packet, peer by peer and port by port. */
export function readRule(packet: SidePacket, policy: Policy, rule: Rule): RuleReading {
  const peerMisses: PeerMiss[] = [];
  let peerMatches = rule.peers === "everyone";
  for (const candidate of rule.peers === "everyone" ? [] : rule.peers) {
    const miss = missOfPeer(packet, candidate);
    if (miss === undefined) peerMatches = true;
    else peerMisses.push(miss);
  }
  const portMisses: PortMiss[] = [];
  let portMatches = rule.ports === "all";
  for (const match of rule.ports === "all" ? [] : rule.ports) {
    const miss = missOfPort(packet, match);
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
