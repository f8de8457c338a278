import type { ClusterNamespace } from "../cluster/cluster.ts";
import {
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portsWithin,
  subtractPorts,
  unionPorts,
} from "../net/port-set.ts";
import type { PodSelection } from "../policy/policy.ts";
import {
  EVERY_POD,
  isWithin,
  jointPattern,
  type PatternExample,
  type PodPattern,
  patternExample,
  patternOf,
} from "./pod-pattern.ts";
import { certainPorts, matchesAll, type PortName, type PotentialRules } from "./potential-rules.ts";

/** Pods that could connect, or be connected to, whether there are any or not. */
export interface PotentialPods {
  readonly selection: PodSelection;
  /** What may pass for every one of them but those of `except`. */
  readonly ports: PortSet;
  /** What becomes different where such a pod declares ports under a name. Egress only. */
  readonly named: readonly PotentialName[];
  /** Those of them that get less. */
  readonly except: readonly PotentialException[];
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
}

type Namespaces = ReadonlyMap<string, ClusterNamespace>;

/** What the rules give to a pattern, before less telling ones are left out. */
interface Candidate {
  readonly pattern: PodPattern;
  readonly ports: PortSet;
  readonly named: readonly PotentialName[];
  readonly except: readonly PotentialException[];
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
export function potentialPods(rules: PotentialRules, home: string, namespaces: Namespaces): PotentialPods[] {
  const everyPod = patternOf(EVERY_POD, namespaces)!;
  const inHome = patternOf({ namespaces: { kind: "name", name: home }, pods: {} }, namespaces)!;
  const patterns = new Map([everyPod, inHome].map((pattern) => [pattern.key, pattern]));
  const takers = new Map<string, PodPattern>();
  for (const [place, { patterns: own, rule, tier, names }] of rules.rules.entries()) {
    for (const pattern of own) {
      patterns.set(pattern.key, pattern);
      if (rule.action !== "Accept") takers.set(pattern.key, pattern);
      for (const later of rules.rules.slice(place + 1)) {
        // What is passed on is decided by a later tier.
        const isPassedOn = rule.action === "Pass" && later.tier !== tier;
        // An exception is told of ports whatever their names, so that names before it need a line of their own.
        const isNamedBefore = names.length > 0 && rule.action !== "Deny" && later.rule.action !== "Accept";
        if (!isPassedOn && !isNamedBefore) continue;
        for (const other of later.patterns) {
          const joint = jointPattern(pattern, other, namespaces);
          if (joint === undefined) continue;
          patterns.set(joint.key, joint);
          if (isPassedOn && later.rule.action === "Deny") takers.set(joint.key, joint);
        }
      }
    }
  }
  const candidates = [...patterns.values()]
    .map((pattern) => candidateOf(rules, pattern, [...takers.values()], namespaces))
    .filter(({ ports, named }) => ports !== NO_PORTS || named.some(({ opens }) => opens !== NO_PORTS));
  return telling(candidates, namespaces).map(({ pattern, ports, named, except }) => ({
    selection: pattern.selection,
    ports,
    named,
    except,
    example: patternExample(pattern, namespaces),
  }));
}

function candidateOf(
  rules: PotentialRules,
  pattern: PodPattern,
  takers: readonly PodPattern[],
  namespaces: Namespaces,
): Candidate {
  const ports = certainPorts(rules, pattern);
  const except: PotentialException[] = [];
  for (const taker of takers) {
    const joint = jointPattern(pattern, taker, namespaces);
    if (joint === undefined) continue;
    const { selection } = taker;
    const lost = subtractPorts(ports, certainPorts(rules, joint));
    if (lost !== NO_PORTS) except.push({ selection, ports: lost });
    for (const name of namesOf(rules, joint)) {
      const lostByName = subtractPorts(
        subtractPorts(certainPorts(rules, pattern, name), certainPorts(rules, joint, name)),
        lost,
      );
      if (lostByName !== NO_PORTS) except.push({ selection, ports: lostByName, name });
    }
  }
  const named = namesOf(rules, pattern)
    .map((name): PotentialName => {
      const declared = certainPorts(rules, pattern, name);
      return { ...name, opens: subtractPorts(declared, ports), closes: subtractPorts(ports, declared) };
    })
    .filter(({ opens, closes }) => opens !== NO_PORTS || closes !== NO_PORTS);
  return { pattern, ports, named: widestNames(named), except: widestExceptions(except, namespaces) };
}

/** Leaves out the exceptions that are part of another one. */
function widestExceptions(
  exceptions: readonly PotentialException[],
  namespaces: Namespaces,
): PotentialException[] {
  return exceptions.filter((exception) => {
    const pattern = patternOf(exception.selection, namespaces)!;
    return !exceptions.some(
      (other) =>
        other !== exception &&
        isSameName(other.name, exception.name) &&
        portsWithin(exception.ports, other.ports) &&
        isWithin(pattern, other.selection) &&
        // Of two that choose the same pods, the first stays.
        !(
          exceptions.indexOf(exception) < exceptions.indexOf(other) &&
          exception.ports === other.ports &&
          isWithin(patternOf(other.selection, namespaces)!, exception.selection)
        ),
    );
  });
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

/** The names of ports that rules ask for that match the whole pattern. */
function namesOf(rules: PotentialRules, pattern: PodPattern): PortName[] {
  const names = new Map<string, PortName>();
  for (const each of rules.rules) {
    if (each.names.length === 0 || !matchesAll(each, pattern)) continue;
    for (const { name, protocol } of each.names) names.set(`${protocol} ${name}`, { name, protocol });
  }
  // The precise ones first: where both say the same, they say it better.
  return [...names.values()].sort((a, b) => Number(a.protocol === "any") - Number(b.protocol === "any"));
}

/** Leaves out every candidate that says nothing beyond a wider one, the wider first. */
function telling(candidates: readonly Candidate[], namespaces: Namespaces): Candidate[] {
  const widestFirst = [...candidates].sort(
    (a, b) => width(a) - width(b) || (a.pattern.key < b.pattern.key ? -1 : 1),
  );
  const kept: Candidate[] = [];
  for (const candidate of widestFirst) {
    if (!kept.some((wider) => covers(wider, candidate, namespaces))) kept.push(candidate);
  }
  return kept;
}

/** How much a pattern asks for. */
function width({ pattern }: Candidate): number {
  const { namespace } = pattern;
  return (namespace.name === undefined ? namespace.constraints.size : 1.5) + pattern.pods.size;
}

function covers(wider: Candidate, candidate: Candidate, namespaces: Namespaces): boolean {
  const { pattern, ports, named } = candidate;
  return (
    isWithin(pattern, wider.pattern.selection) &&
    portsWithin(ports, wider.ports) &&
    named.every((name) => name.opens === NO_PORTS || wider.named.some((other) => opensAsMuch(other, name))) &&
    wider.named.every(
      (name) => name.closes === NO_PORTS || named.some((other) => closesAsMuch(other, name)),
    ) &&
    // What the wider one excepts it does not tell, unless this one excepts it too.
    wider.except.every((exception) => {
      const lost = intersectPorts(exception.ports, unionPorts(ports, openedByName(named)));
      return (
        lost === NO_PORTS ||
        jointPattern(pattern, patternOf(exception.selection, namespaces)!, namespaces) === undefined ||
        candidate.except.some(
          (own) =>
            isSameName(own.name, exception.name) &&
            portsWithin(lost, own.ports) &&
            isWithin(patternOf(exception.selection, namespaces)!, own.selection),
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
