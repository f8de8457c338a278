import { emptyBitset, unionInto } from "../net/bitset.ts";
import { type Cidr, formatCidr } from "../net/cidr.ts";
import { ALL_PORTS, intersectPorts, NO_PORTS, type PortSet, unionPorts } from "../net/port-set.ts";
import type { ClusterEnds } from "./cluster-ends.ts";
import type { PortMatch, Rule, Tier } from "./policy.ts";
import {
  isEmptySpan,
  NOTHING_SPANNED,
  type SpannedBits,
  sameSpans,
  spanned,
  spansMeet,
} from "./spanned-bits.ts";

/** What a rule does for the order in which rules are judged: rules of the same effect may change places. */
export type Effect = "accept" | "deny" | "pass";

/** What a rule can match in a cluster, roughly: never less than it does. */
export interface RuleReach {
  readonly rule: Rule;
  readonly effect: Effect;
  readonly everyone: boolean;
  readonly ends: SpannedBits;
  readonly blocks: readonly Cidr[];
  readonly ports: PortSet;
}

/** The effect of a rule. What the last tier passes on is allowed, so there Pass is no other than Accept. */
export function effectOf(rule: Rule, tier: Tier): Effect {
  if (rule.action === "Deny") return "deny";
  return rule.action === "Pass" && tier !== "Baseline" ? "pass" : "accept";
}

/** What a rule can match. */
export function reachOf(rule: Rule, tier: Tier, ends: ClusterEnds): RuleReach {
  const head = { rule, effect: effectOf(rule, tier), ports: portsOf(rule, ends) };
  if (rule.peers === "everyone") return { ...head, everyone: true, ends: NOTHING_SPANNED, blocks: [] };
  const sets: SpannedBits[] = [];
  const blocks: Cidr[] = [];
  for (const peer of rule.peers) {
    if (peer.kind === "pods") sets.push(ends.podsOf(peer.selection));
    else if (peer.kind === "nodes") sets.push(ends.nodesOf(peer.selector));
    else if (peer.kind === "addresses") {
      sets.push(ends.inside(peer.cidr));
      blocks.push(peer.cidr);
    }
  }
  return { ...head, everyone: false, ends: union(sets), blocks };
}

/** True unless the rules surely match nothing in common. */
export function reachesMeet(a: RuleReach, b: RuleReach): boolean {
  return peersMeet(a, b) && intersectPorts(a.ports, b.ports) !== NO_PORTS;
}

function peersMeet(a: RuleReach, b: RuleReach): boolean {
  if (a.everyone || b.everyone) return hasPeers(a) && hasPeers(b);
  if (spansMeet(a.ends, b.ends)) return true;
  return a.blocks.some((block) => b.blocks.some((other) => blocksMeet(block, other)));
}

/** True if lists of rules surely do the same. */
export function sameReaches(a: readonly RuleReach[], b: readonly RuleReach[]): boolean {
  return a.length === b.length && a.every((reach, index) => sameReach(reach, b[index]!));
}

function sameReach(a: RuleReach, b: RuleReach): boolean {
  return (
    a.effect === b.effect &&
    a.everyone === b.everyone &&
    a.ports === b.ports &&
    // Ports of a name differ from pod to pod.
    !hasNamedPort(a.rule) &&
    !hasNamedPort(b.rule) &&
    sameSpans(a.ends, b.ends) &&
    a.blocks.map(formatCidr).join() === b.blocks.map(formatCidr).join()
  );
}

function hasNamedPort({ ports }: Rule): boolean {
  return ports !== "all" && ports.some(({ kind }) => kind === "name");
}

function hasPeers({ everyone, ends, blocks }: RuleReach): boolean {
  return everyone || blocks.length > 0 || !isEmptySpan(ends);
}

function blocksMeet(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

function union(sets: readonly SpannedBits[]): SpannedBits {
  const [first = NOTHING_SPANNED, ...rest] = sets;
  if (rest.length === 0) return first;
  const bits = emptyBitset(first.bits.length * 32);
  for (const set of sets) unionInto(bits, set.bits);
  return spanned(bits);
}

function portsOf({ ports }: Rule, ends: ClusterEnds): PortSet {
  if (ports === "all") return ALL_PORTS;
  return ports.reduce((sum, match) => unionPorts(sum, matchedPorts(match, ends)), NO_PORTS);
}

function matchedPorts(match: PortMatch, ends: ClusterEnds): PortSet {
  return match.kind === "numbers" ? match.ports : ends.portsNamed(match.name);
}
