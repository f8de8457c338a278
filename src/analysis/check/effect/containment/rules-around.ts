import type { Cidr } from "../../../../net/cidr.ts";
import type { Peer, Rule } from "../../../../policy/policy.ts";
import type { PolicyRule } from "./cover.ts";
import type { SymbolicContainment } from "./symbolic.ts";

/** Finds the rules that surely match all that a peer matches, in their order. */
export type RulesAround = (peer: Peer | "everyone") => readonly PolicyRule[];

/** So few rules are looked at one by one. */
export const FEW = 256;

/**
 * Rules to be looked up by peer. There may be tens of thousands about the same pods, and each is compared with the
 * others: it must not be with all of them.
 */
export function rulesAround(rules: readonly PolicyRule[], symbolic: SymbolicContainment): RulesAround {
  const among = (candidates: readonly PolicyRule[], peer: Peer | "everyone"): readonly PolicyRule[] =>
    candidates.filter(({ rule }) => matchesPeer(rule, peer, symbolic));
  if (rules.length <= FEW) return (peer) => among(rules, peer);
  let index: RuleIndex | undefined;
  return (peer) => {
    index ??= indexOf(rules, symbolic);
    const places = new Set(index.rest);
    for (const key of peer === "everyone" ? [] : keysAround(peer, index, symbolic)) {
      for (const place of index.byKey.get(key) ?? []) places.add(place);
    }
    return among(
      [...places].sort((a, b) => a - b).map((place) => rules[place]!),
      peer,
    );
  };
}

/** True if the rule surely matches all that the peer matches. */
export function matchesPeer(
  rule: Rule,
  peer: Peer | "everyone",
  { peerWithinRule }: SymbolicContainment,
): boolean {
  return peer === "everyone" ? rule.peers === "everyone" : peerWithinRule(peer, rule);
}

/** Places of rules in their list. */
interface RuleIndex {
  /** By what a peer must have to be within one of the rule. */
  readonly byKey: ReadonlyMap<string, readonly number[]>;
  /** Rules that ask for nothing that can be looked up. */
  readonly rest: readonly number[];
  /** The lengths of the prefixes of the blocks. */
  readonly prefixes: ReadonlySet<number>;
}

function indexOf(rules: readonly PolicyRule[], symbolic: SymbolicContainment): RuleIndex {
  const byKey = new Map<string, number[]>();
  const rest = new Set<number>();
  const prefixes = new Set<number>();
  for (const [place, { rule }] of rules.entries()) {
    if (rule.peers === "everyone") rest.add(place);
    else {
      for (const peer of rule.peers) {
        if (peer.kind === "addresses") prefixes.add(peer.cidr.prefix);
        const key = keyOf(peer, symbolic);
        const known = key === undefined ? undefined : byKey.get(key);
        if (key === undefined) rest.add(place);
        else if (known === undefined) byKey.set(key, [place]);
        else if (known.at(-1) !== place) known.push(place);
      }
    }
  }
  return { byKey, rest: [...rest], prefixes };
}

/** What every peer within this one has among its {@link keysAround}. */
function keyOf(peer: Peer, { askedLabel }: SymbolicContainment): string | undefined {
  if (peer.kind === "pods") return askedLabel(peer.selection);
  return peer.kind === "addresses" ? blockKey(peer.cidr, peer.cidr.prefix) : undefined;
}

function keysAround(peer: Peer, { prefixes }: RuleIndex, { certainLabels }: SymbolicContainment): string[] {
  if (peer.kind === "pods") return [...certainLabels(peer.selection)];
  if (peer.kind !== "addresses") return [];
  const { cidr } = peer;
  return [...prefixes].filter((prefix) => prefix <= cidr.prefix).map((prefix) => blockKey(cidr, prefix));
}

/** The block with a prefix of that length around another one. */
function blockKey({ family, first }: Cidr, prefix: number): string {
  return `${family}/${prefix} ${first >> BigInt((family === 4 ? 32 : 128) - prefix)}`;
}
