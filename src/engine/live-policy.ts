import type { ClusterNode } from "../cluster/cluster.ts";
import type { Direction } from "../k8s/objects.ts";
import { selectorMatches } from "../k8s/selector.ts";
import { addressBits } from "../net/address.ts";
import { type Cidr, cidrOf } from "../net/cidr.ts";
import type { PortSet } from "../net/port-set.ts";
import type { NamedPortMatch, Policy, Rule } from "../policy/policy.ts";
import type { Area } from "./areas.ts";
import { namedPorts, numericPorts } from "./ports.ts";
import type { Selection } from "./selections.ts";

/** A policy in force: its selectors and blocks are tied to the classes and areas that they choose. */
export interface LivePolicy {
  /** Unique among all that ever were, so that a changed policy is another one. */
  readonly id: number;
  readonly policy: Policy;
  readonly subject: Selection;
  readonly rules: Readonly<Record<Direction, readonly LiveRule[]>>;
  readonly facts: Readonly<Record<Direction, LiveFacts>>;
  /** True if it names nodes, so that it must be tied anew when nodes change. */
  readonly namesNodes: boolean;
}

/** What is true of the rules of one direction. */
export interface LiveFacts {
  /** True if the policy is to be asked about this direction of its subject. */
  readonly concerns: boolean;
  /** The areas of all blocks and exceptions; empty if there are none. */
  readonly areas: readonly Area[];
  /** True if a rule has ports by name. */
  readonly named: boolean;
}

export interface LiveRule {
  readonly policy: LivePolicy;
  readonly rule: Rule;
  /** True if every end matches: pods of all kinds and addresses. */
  readonly everyone: boolean;
  /** True if every pod matches, though perhaps not every address. */
  readonly everyPod: boolean;
  readonly selections: readonly Selection[];
  readonly blocks: readonly LiveBlock[];
  /** The ports that need no pod to be known. */
  readonly numeric: PortSet;
  readonly named: readonly NamedPortMatch[];
}

/** The addresses of `area`'s block without those of the exceptions. */
export interface LiveBlock {
  readonly area: Area;
  readonly except: readonly Area[];
}

/** Ties the parts of policies to what they choose, and lets go of it. */
export interface PolicyTies {
  useSelection(selection: Policy["subject"]): Selection;
  useBlock(cidr: Cidr): Area;
  usePortName(name: string): void;
  nodes(): Iterable<ClusterNode>;
}

/** Puts a policy in force. Every `use` has to be released again by {@link forEachTie}. */
export function tiePolicy(policy: Policy, id: number, ties: PolicyTies): LivePolicy {
  const rules: Record<Direction, readonly LiveRule[]> = { ingress: NOTHING, egress: NOTHING };
  const facts: { -readonly [D in Direction]?: LiveFacts } = {};
  const live: LivePolicy = {
    id,
    policy,
    subject: ties.useSelection(policy.subject),
    rules,
    facts: facts as Record<Direction, LiveFacts>,
    namesNodes: (["ingress", "egress"] as const).some((direction) =>
      policy.rules[direction].some(
        (rule) => rule.peers !== "everyone" && rule.peers.some((peer) => peer.kind === "nodes"),
      ),
    ),
  };
  for (const direction of ["ingress", "egress"] as const) {
    rules[direction] = policy.rules[direction].map((rule) => tieRule(live, rule, ties));
    facts[direction] = factsOf(policy, direction, rules[direction]);
  }
  return live;
}

const NOTHING: readonly never[] = [];

/** Of most policies, for one direction or both. */
const NOT_CONCERNED: LiveFacts = { concerns: false, areas: NOTHING, named: false };
const ONLY_CONCERNED: LiveFacts = { concerns: true, areas: NOTHING, named: false };

function factsOf(policy: Policy, direction: Direction, rules: readonly LiveRule[]): LiveFacts {
  const areas = new Set<Area>();
  for (const { blocks } of rules) {
    for (const block of blocks) {
      areas.add(block.area);
      for (const except of block.except) areas.add(except);
    }
  }
  // Rules of a NetworkPolicy for a direction that its policyTypes leave out do not count.
  const concerns = policy.tier === "NetworkPolicy" ? policy.isolates[direction] : rules.length > 0;
  const named = rules.some((rule) => rule.named.length > 0);
  if (areas.size === 0 && !named) return concerns ? ONLY_CONCERNED : NOT_CONCERNED;
  return { concerns, areas: [...areas], named };
}

function tieRule(policy: LivePolicy, rule: Rule, ties: PolicyTies): LiveRule {
  const selections: Selection[] = [];
  const blocks: LiveBlock[] = [];
  for (const peer of rule.peers === "everyone" ? [] : rule.peers) {
    switch (peer.kind) {
      case "pods":
        selections.push(ties.useSelection(peer.selection));
        break;
      case "addresses":
        blocks.push({
          area: ties.useBlock(peer.cidr),
          except: peer.except.map((cidr) => ties.useBlock(cidr)),
        });
        break;
      case "nodes":
        for (const node of ties.nodes()) {
          if (!selectorMatches(peer.selector, node.labels)) continue;
          for (const address of node.addresses) {
            blocks.push({ area: ties.useBlock(cidrOf(address, addressBits(address.family))), except: [] });
          }
        }
        break;
      case "domains":
        // Nobody resolves them yet. They only accept, so that matching nothing is never wider than what was meant.
        break;
    }
  }
  const named = namedPorts(rule);
  for (const { name } of named) ties.usePortName(name);
  // Copies, as a list that has grown keeps room for more.
  return {
    policy,
    rule,
    everyone: rule.peers === "everyone",
    everyPod: rule.peers === "everyone" || selections.some((selection) => selection.everyPod),
    selections: selections.length === 0 ? NOTHING : selections.slice(),
    blocks: blocks.length === 0 ? NOTHING : blocks.slice(),
    numeric: numericPorts(rule),
    named: named.length === 0 ? NOTHING : named.slice(),
  };
}

/** Calls back for every tie of a policy, once for each use. */
export function forEachTie(
  live: LivePolicy,
  onSelection: (selection: Selection) => void,
  onBlock: (area: Area) => void,
  onPortName: (name: string) => void,
): void {
  onSelection(live.subject);
  for (const rule of [...live.rules.ingress, ...live.rules.egress]) {
    rule.selections.forEach(onSelection);
    for (const block of rule.blocks) {
      onBlock(block.area);
      block.except.forEach(onBlock);
    }
    for (const { name } of rule.named) onPortName(name);
  }
}
