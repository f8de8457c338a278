import type { ContainerPort } from "../k8s/objects.ts";
import { NO_PORTS, type PortSet, unionPorts } from "../net/port-set.ts";
import type { Area, Areas } from "./areas.ts";
import { decidePorts, type MatchingRule } from "./decide.ts";
import type { LiveBlock, LiveRule } from "./live-policy.ts";
import { resolveNamedPort, rulePorts } from "./ports.ts";

/** A rule as one row needs it. */
export interface RowRule {
  readonly live: LiveRule;
  /** Those of the row's family. */
  readonly blocks: readonly LiveBlock[];
  /** The ports that do not depend on the peer. */
  readonly ports: PortSet;
  readonly matching: MatchingRule;
  /** True if the ports depend on the peer's own names. */
  readonly named: boolean;
  /** Whether it matches the pods of which nothing else is known. */
  readonly matchesRest: boolean;
}

/** The verdict of the rules at some places, ascending, towards a peer with these ports. */
export function decide(
  rules: readonly RowRule[],
  places: readonly number[],
  isolated: boolean,
  peerPorts: readonly ContainerPort[],
): PortSet {
  if (isolated && places.every((place) => rules[place]!.matching.tier === "NetworkPolicy"))
    return sumOfPorts(rules, places, peerPorts);
  const matching: MatchingRule[] = [];
  for (const place of places) {
    const { live, named, matching: rule } = rules[place]!;
    if (!named) {
      matching.push(rule);
      continue;
    }
    const ports = rulePorts(live.rule, peerPorts);
    if (ports !== NO_PORTS) matching.push({ ...rule, ports });
  }
  return decidePorts(matching, isolated);
}

/**
 * The verdict where only NetworkPolicies speak, whose rules add up. What does not depend on the peer is added first: its
 * sums are the same for many peers, and where each pod has ports of its own there would be millions of others.
 */
function sumOfPorts(
  rules: readonly RowRule[],
  places: readonly number[],
  peerPorts: readonly ContainerPort[],
): PortSet {
  let byNumber = NO_PORTS;
  let byName = NO_PORTS;
  for (const place of places) {
    const { ports, named, live } = rules[place]!;
    byNumber = unionPorts(byNumber, ports);
    if (!named) continue;
    for (const match of live.named) byName = unionPorts(byName, resolveNamedPort(match, peerPorts));
  }
  return unionPorts(byNumber, byName);
}

/** For each area that a rule names, what its addresses may do that are no pod's. */
export function verdictsOfAreas(
  rules: readonly RowRule[],
  isolated: boolean,
  named: ReadonlySet<Area>,
  areas: Areas,
): ReadonlyMap<Area, PortSet> {
  const verdicts = new Map<Area, PortSet>();
  if (named.size === 0) return verdicts;
  const places: number[] = [];
  const blocks: LiveBlock[] = [];
  /** Where the blocks of an area are in the two lists: the first of them, and from each to the next. */
  const firstOf = new Map<Area, number>();
  const nextOf: number[] = [];
  const forEveryone: number[] = [];
  for (let place = 0; place < rules.length; place++) {
    const rule = rules[place]!;
    if (rule.live.everyone) forEveryone.push(place);
    for (const block of rule.blocks) {
      nextOf.push(firstOf.get(block.area) ?? -1);
      firstOf.set(block.area, places.length);
      places.push(place);
      blocks.push(block);
    }
  }
  const addsUp = onlyAddsUp(rules, isolated);
  let forAll = NO_PORTS;
  for (const place of forEveryone) forAll = unionPorts(forAll, rules[place]!.ports);
  for (const area of named) {
    const enclosing = areas.enclosing(area);
    const matching: number[] = [];
    let sum = forAll;
    for (const outer of enclosing) {
      for (let i = firstOf.get(outer) ?? -1; i >= 0; i = nextOf[i]!) {
        if (!isAround(blocks[i]!, enclosing)) continue;
        if (addsUp) sum = unionPorts(sum, rules[places[i]!]!.ports);
        else if (!matching.includes(places[i]!)) matching.push(places[i]!);
      }
    }
    verdicts.set(
      area,
      addsUp ? sum : decide(rules, [...matching, ...forEveryone].sort(ascending), isolated, NO_NAMED_PORTS),
    );
  }
  return verdicts;
}

/** True for the usual row: only NetworkPolicies speak, of ports by number. Their rules add up in any order. */
export function onlyAddsUp(rules: readonly RowRule[], isolated: boolean): boolean {
  return isolated && rules.every(({ named, matching }) => !named && matching.tier === "NetworkPolicy");
}

export const NO_NAMED_PORTS: readonly ContainerPort[] = [];

/** The verdict for addresses that lie in no block. */
export function verdictOutsideBlocks(rules: readonly RowRule[], isolated: boolean): PortSet {
  const places: number[] = [];
  for (let place = 0; place < rules.length; place++) if (rules[place]!.live.everyone) places.push(place);
  return decide(rules, places, isolated, NO_NAMED_PORTS);
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** True if one of the rule's blocks holds the innermost of some areas around each other. */
export function hasBlockAround(rule: RowRule, enclosing: readonly Area[]): boolean {
  for (const block of rule.blocks) if (isAround(block, enclosing)) return true;
  return false;
}

export function isAround(block: LiveBlock, enclosing: readonly Area[]): boolean {
  if (!enclosing.includes(block.area)) return false;
  for (const except of block.except) if (enclosing.includes(except)) return false;
  return true;
}

/** What is in one of two ascending lists and not in the other, ascending. */
export function symmetricDifference(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const result: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY];
    if (x === y) {
      i++;
      j++;
    } else if (x < y) {
      result.push(x);
      i++;
    } else {
      result.push(y);
      j++;
    }
  }
  return result;
}
