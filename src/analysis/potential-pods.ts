import type { AddressRange } from "../net/address-partition.ts";
import {
  ALL_PORTS,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portsWithin,
  subtractPorts,
  unionPorts,
} from "../net/port-set.ts";
import type { PodSelection } from "../policy/policy.ts";
import type { PatternBook, PatternExample, PodPattern } from "./pod-pattern.ts";
import type { AddressPlace } from "./potential-addresses.ts";
import {
  certainPorts,
  matchesAll,
  type PortName,
  type PotentialRule,
  type PotentialRules,
} from "./potential-rules.ts";

/** Pods that could connect, or be connected to, whether there are any or not. */
export interface PotentialPods {
  readonly selection: PodSelection;
  /** What may pass for every one of them but those of `except`. */
  readonly ports: PortSet;
  /** What becomes different where such a pod declares ports under a name. Egress only. */
  readonly named: readonly PotentialName[];
  /** Those of them that get less. */
  readonly except: readonly PotentialException[];
  /** The addresses with which they get less: those of blocks that rules deny, or leave out. */
  readonly exceptAddresses: readonly PotentialAddressException[];
  /** One of them, with as few labels as possible. */
  readonly example: PatternExample;
}

/** What it means that a pod declares a port under a name: ports are decided one by one. */
export interface PotentialName extends PortName {
  /** The ports that may be used if they have the name, and not otherwise. */
  readonly opens: PortSet;
  /** The ports that may not be used if they have the name. */
  readonly closes: PortSet;
}

export interface PotentialException {
  readonly selection: PodSelection;
  /** What they do not get. */
  readonly ports: PortSet;
  /** Set if only ports that they declare under this name are closed. */
  readonly name?: PortName;
  /** What they get of it all the same, if they declare a port under a name. Egress only. */
  readonly spared: readonly SparedName[];
}

export interface SparedName extends PortName {
  readonly ports: PortSet;
}

export interface PotentialAddressException {
  readonly ranges: readonly AddressRange[];
  /** What they do not get. */
  readonly ports: PortSet;
}

/** What the rules give to a pattern, before less telling ones are left out. */
interface Candidate {
  readonly pattern: PodPattern;
  readonly ports: PortSet;
  readonly named: readonly PotentialName[];
  readonly except: readonly CandidateException[];
  /** What is lost in each of the places, in their order. */
  readonly lost: readonly PortSet[];
}

interface CandidateException extends Pick<PotentialException, "ports" | "name" | "spared"> {
  readonly pattern: PodPattern;
}

/**
 * The patterns of pods for which something may pass in one direction of a pod, the widest first. Together they are
 * complete for pods whose addresses lie in no block (but those of a whole family): whatever may pass for such a pod is
 * told of a pattern that chooses it.
 *
 * Completeness needs these patterns only: every pod, those that a rule names, and for a rule that passes the decision
 * on, those that it and a later rule name both. For a port that a rule decides, what is decided for the pattern of
 * that rule is the same: of the rules before it, those that match the whole pattern match the pod too.
 */
export function potentialPods(
  rules: PotentialRules,
  home: string,
  places: readonly AddressPlace[],
): PotentialPods[] {
  const { book } = rules;
  const inHome = book.of({ namespaces: { kind: "name", name: home }, pods: {} })!;
  const patterns = new Set([book.everyPod, inHome]);
  const takers = new Map<PodPattern, PortSet>();
  for (const [place, rule] of rules.rules.entries()) {
    const { action } = rule.rule;
    for (const pattern of rule.patterns) {
      patterns.add(pattern);
      if (action !== "Accept") addTaker(takers, pattern, possiblePorts(rule));
    }
    for (const later of rules.rules.slice(place + 1)) {
      // What is passed on is decided by a later tier.
      const isPassedOn = action === "Pass" && later.tier !== rule.tier;
      const common = intersectPorts(possiblePorts(rule), possiblePorts(later));
      if (!isPassedOn || common === NO_PORTS) continue;
      for (const pattern of rule.patterns) {
        for (const other of later.patterns) {
          const joint = book.joint(pattern, other);
          if (joint === undefined) continue;
          patterns.add(joint);
          if (later.rule.action === "Deny") addTaker(takers, joint, common);
        }
      }
    }
  }
  const candidates = [...patterns]
    .map((pattern) => candidateOf(rules, pattern, takers, places))
    .filter(({ ports, named }) => ports !== NO_PORTS || named.some(({ opens }) => opens !== NO_PORTS));
  return telling(candidates, book).map(({ pattern, ports, named, except, lost }) => ({
    selection: pattern.selection,
    ports,
    named,
    except: except.map(({ pattern: { selection }, ports: own, name, spared }) => ({
      selection,
      ports: own,
      spared,
      ...(name === undefined ? {} : { name }),
    })),
    exceptAddresses: places
      .map(({ ranges }, index) => ({ ranges, ports: lost[index]! }))
      .filter((each) => each.ports !== NO_PORTS),
    example: book.example(pattern),
  }));
}

function addTaker(takers: Map<PodPattern, PortSet>, pattern: PodPattern, ports: PortSet): void {
  takers.set(pattern, unionPorts(takers.get(pattern) ?? NO_PORTS, ports));
}

/** All ports that a rule may decide, whatever the names of ports. */
function possiblePorts({ ports, names }: PotentialRule): PortSet {
  return names.length > 0 ? ALL_PORTS : ports;
}

/** `takers` are the patterns that may get less than others, with the ports that they may not get. */
function candidateOf(
  rules: PotentialRules,
  pattern: PodPattern,
  takers: ReadonlyMap<PodPattern, PortSet>,
  places: readonly AddressPlace[],
): Candidate {
  const { book } = rules;
  const ports = certainPorts(rules, pattern);
  const names = namesOf(rules, pattern);
  const except: CandidateException[] = [];
  for (const [taker, taken] of takers) {
    if (names.length === 0 && intersectPorts(ports, taken) === NO_PORTS) continue;
    const joint = book.joint(pattern, taker);
    if (joint === undefined || joint === pattern) continue;
    const lost = subtractPorts(ports, certainPorts(rules, joint));
    const jointNames = namesOf(rules, joint);
    if (lost !== NO_PORTS) {
      const spared = jointNames
        .map(
          (name): SparedName => ({ ...name, ports: intersectPorts(lost, certainPorts(rules, joint, name)) }),
        )
        .filter((name) => name.ports !== NO_PORTS);
      except.push({ pattern: taker, ports: lost, spared });
    }
    for (const name of jointNames) {
      const lostByName = subtractPorts(
        subtractPorts(certainPorts(rules, pattern, name), certainPorts(rules, joint, name)),
        lost,
      );
      if (lostByName !== NO_PORTS) except.push({ pattern: taker, ports: lostByName, name, spared: [] });
    }
  }
  const lost = places.map((place) => lostInPlace(rules, place, pattern, names));
  const named = names
    .map((name): PotentialName => {
      const declared = certainPorts(rules, pattern, name);
      return { ...name, opens: subtractPorts(declared, ports), closes: subtractPorts(ports, declared) };
    })
    .filter(({ opens, closes }) => opens !== NO_PORTS || closes !== NO_PORTS);
  return { pattern, ports, named: widestNames(named), except: widestExceptions(except, book), lost };
}

/** What a pattern loses in a place: of its ports, and of those that it has by name only. */
function lostInPlace(
  rules: PotentialRules,
  place: AddressPlace,
  pattern: PodPattern,
  names: readonly PortName[],
): PortSet {
  const ports = certainPorts(rules, pattern);
  let lost = subtractPorts(ports, certainPorts(place.rules, pattern));
  for (const name of names) {
    const byName = subtractPorts(
      certainPorts(rules, pattern, name),
      certainPorts(place.rules, pattern, name),
    );
    lost = unionPorts(lost, subtractPorts(byName, ports));
  }
  return lost;
}

/** Leaves out the exceptions that are part of another one. */
function widestExceptions(
  exceptions: readonly CandidateException[],
  book: PatternBook,
): CandidateException[] {
  return exceptions.filter(
    (exception, place) =>
      !exceptions.some(
        (other, otherPlace) =>
          otherPlace !== place &&
          isPartOf(exception, other, book) &&
          // Of two that say the same, the first stays.
          (otherPlace < place || !isPartOf(other, exception, book)),
      ),
  );
}

function isPartOf(exception: CandidateException, other: CandidateException, book: PatternBook): boolean {
  return (
    isSameName(exception.name, other.name) &&
    portsWithin(exception.ports, other.ports) &&
    sparesAsMuch(exception, other) &&
    book.isWithin(exception.pattern, other.pattern)
  );
}

/** Whatever the protocol: the ports of an entry tell it. */
function isSameName(a: PortName | undefined, b: PortName | undefined): boolean {
  return a?.name === b?.name;
}

/** Leaves out what another entry of the same name tells too: a name may be asked of one protocol and of any. */
function widestNames(names: readonly PotentialName[]): PotentialName[] {
  return names.filter(
    (name, place) =>
      !names.some(
        (other, otherPlace) =>
          otherPlace !== place &&
          opensAsMuch(other, name) &&
          closesAsMuch(other, name) &&
          // Of two that say the same, the first stays.
          (otherPlace < place || !(opensAsMuch(name, other) && closesAsMuch(name, other))),
      ),
  );
}

/** True if the exception spares all that the other one does. */
function sparesAsMuch(exception: CandidateException, other: CandidateException): boolean {
  return other.spared.every((name) =>
    exception.spared.some((own) => isSameName(own, name) && portsWithin(name.ports, own.ports)),
  );
}

/** The names of ports that rules ask for that match the whole pattern. */
function namesOf(rules: PotentialRules, pattern: PodPattern): PortName[] {
  const names = new Map<string, PortName>();
  for (const each of rules.rules) {
    if (each.names.length === 0 || !matchesAll(each, pattern, rules.book)) continue;
    for (const { name, protocol } of each.names) names.set(`${protocol} ${name}`, { name, protocol });
  }
  // The precise ones first: where both say the same, they say it better.
  return [...names.values()].sort((a, b) => Number(a.protocol === "any") - Number(b.protocol === "any"));
}

/** Leaves out every candidate that says nothing beyond a wider one, the wider first. */
function telling(candidates: readonly Candidate[], book: PatternBook): Candidate[] {
  const widestFirst = [...candidates].sort(
    (a, b) => width(a) - width(b) || (a.pattern.key < b.pattern.key ? -1 : 1),
  );
  const kept: Candidate[] = [];
  for (const candidate of widestFirst) {
    if (!kept.some((wider) => covers(wider, candidate, book))) kept.push(candidate);
  }
  return kept;
}

/** How much a pattern asks for. */
function width({ pattern }: Candidate): number {
  const { namespace } = pattern;
  return (namespace.name === undefined ? namespace.constraints.size : 1.5) + pattern.pods.size;
}

function covers(wider: Candidate, candidate: Candidate, book: PatternBook): boolean {
  const { pattern, ports, named } = candidate;
  return (
    book.isWithin(pattern, wider.pattern) &&
    portsWithin(ports, wider.ports) &&
    // Nor does it tell of addresses with which it gets less.
    wider.lost.every((lost, place) =>
      portsWithin(intersectPorts(lost, unionPorts(ports, openedByName(named))), candidate.lost[place]!),
    ) &&
    named.every((name) => name.opens === NO_PORTS || wider.named.some((other) => opensAsMuch(other, name))) &&
    wider.named.every(
      (name) => name.closes === NO_PORTS || named.some((other) => closesAsMuch(other, name)),
    ) &&
    // What the wider one excepts it does not tell, unless this one excepts it too.
    wider.except.every((exception) => {
      const lost = intersectPorts(exception.ports, unionPorts(ports, openedByName(named)));
      return (
        lost === NO_PORTS ||
        book.joint(pattern, exception.pattern) === undefined ||
        candidate.except.some(
          (own) =>
            isSameName(own.name, exception.name) &&
            portsWithin(lost, own.ports) &&
            sparesAsMuch(exception, own) &&
            book.isWithin(exception.pattern, own.pattern),
        )
      );
    })
  );
}

function openedByName(named: readonly PotentialName[]): PortSet {
  return named.reduce((ports, { opens }) => unionPorts(ports, opens), NO_PORTS);
}

/** True if the name opens all that the other one, of the same name, does. */
function opensAsMuch(name: PotentialName, other: PotentialName): boolean {
  return isSameName(name, other) && portsWithin(other.opens, name.opens);
}

/** True if the name closes all that the other one, of the same name, does. */
function closesAsMuch(name: PotentialName, other: PotentialName): boolean {
  return isSameName(name, other) && portsWithin(other.closes, name.closes);
}
