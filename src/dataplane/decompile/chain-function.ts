import type { Direction } from "../../k8s/objects.ts";
import type { Family } from "../../net/address.ts";
import {
  ALL_PORTS,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  subtractPorts,
  unionPorts,
} from "../../net/port-set.ts";
import type { Program } from "../program/program.ts";
import { type ParsedRule, parseRule } from "./rule.ts";
import { portOfElement, portsOfSet } from "./set-contents.ts";

/** What becomes of a peer's packets in a chain. The sets are disjoint, and what is in none of them is denied. */
export interface Outcome {
  /** Accepted where a local pod receives; handed on to the chain `ingress` where one sends. */
  readonly passes: PortSet;
  /** Accepted where a local pod sends, so that no chain asks whether the receiver may get it. */
  readonly skipsIngress: PortSet;
  /** Reaches a rule that is not understood. */
  readonly unknown: PortSet;
}

/** A set of addresses that a chain asks for the peer. */
export interface AskedSet {
  readonly name: string;
  /** True for ranges (`address . inet_proto`), false for single addresses. */
  readonly isRange: boolean;
}

/** A rule that is not understood. What reaches it is `unknown`. */
export interface UnknownRule {
  readonly chain: string;
  readonly rule: string;
}

/** What a chain does, as a function of the sets in which the peer's address is. */
export interface ChainFunction {
  readonly sets: readonly AskedSet[];
  readonly unknownRules: readonly UnknownRule[];
  /** `isIn` tells for each place in `sets` whether the peer's address is in that set. */
  outcome(isIn: (place: number) => boolean): Outcome;
}

interface Step {
  /** Places among the sets. */
  readonly conditions: readonly { readonly place: number; readonly isNegated: boolean }[];
  readonly ports: PortSet;
  readonly effect: Effect;
}

type Effect =
  | { readonly kind: "accept" | "hand-on" | "deny" | "return" | "unknown" }
  | { readonly kind: "goto" | "jump"; readonly steps: readonly Step[] };

/**
 * Follows a verdict (`goto CHAIN`, `accept`, ...) that the verdict map of a direction has for a local pod, through all
 * chains that it leads to. Undefined stands for an address that is not in the map: nothing judges it.
 */
export function chainFunction(
  program: Program,
  verdict: string | undefined,
  direction: Direction,
  family: Family,
): ChainFunction {
  const sets: AskedSet[] = [];
  const unknownRules: UnknownRule[] = [];
  const known = new Map<string, readonly Step[]>();
  const underWay = new Set<string>();

  const placeOf = (name: string, isRange: boolean): number => {
    const place = sets.findIndex((set) => set.name === name);
    return place >= 0 ? place : sets.push({ name, isRange }) - 1;
  };
  const stepsOf = (chain: string): readonly Step[] | undefined => {
    const steps = known.get(chain);
    if (steps !== undefined) return steps;
    const rules = program.chains.get(chain)?.rules;
    // The kernel refuses a loop; a text may have one.
    if (rules === undefined || underWay.has(chain)) return undefined;
    underWay.add(chain);
    const made = rules.flatMap((rule): Step[] => {
      const parsed = parseRule(rule);
      const byPort = parsed?.verdict?.kind === "port-vmap" ? portSteps(parsed) : undefined;
      if (byPort !== undefined) return byPort;
      const step = parsed === undefined ? undefined : stepOf(parsed);
      if (step === "none") return [];
      if (step !== undefined) return [step];
      unknownRules.push({ chain, rule });
      return [UNKNOWN_STEP];
    });
    underWay.delete(chain);
    known.set(chain, made);
    return made;
  };
  /** A look into a map of ports is one step for each of them; undefined if it is more than that. */
  const portSteps = ({ matches, verdict }: ParsedRule): Step[] | undefined => {
    if (verdict?.kind !== "port-vmap" || matches.length > 0) return undefined;
    const map = program.sets.get(verdict.map);
    if (map?.type !== "inet_proto . inet_service : verdict" || map.interval) return undefined;
    const steps: Step[] = [];
    for (const [element, text] of map.elements) {
      const ports = portOfElement(element);
      const step = startOf(text, stepOf);
      if (ports === undefined || step === UNKNOWN_STEP) return undefined;
      steps.push({ ...step, ports });
    }
    return steps;
  };
  /** `none`: the rule decides nothing. Undefined: it cannot be understood. */
  const stepOf = ({ matches, isLimited, verdict }: ParsedRule): Step | "none" | undefined => {
    if (verdict === undefined) return "none";
    // Which packets it is for depends on how many there were before.
    if (isLimited) return undefined;
    const conditions: { place: number; isNegated: boolean }[] = [];
    let ports: PortSet = ALL_PORTS;
    for (const match of matches) {
      if (match.kind === "other") return undefined;
      // Asked is what a pod and others may do.
      if (match.kind === "self") return "none";
      if (match.kind === "ports") {
        ports = intersectPorts(ports, match.ports);
      } else if (match.kind === "port-set") {
        const set = program.sets.get(match.set);
        const ofSet = set?.type === "inet_proto . inet_service" ? portsOfSet(set) : undefined;
        if (ofSet === undefined) return undefined;
        ports = intersectPorts(ports, ofSet);
      } else {
        if (match.family !== family) return "none";
        if (match.side !== (direction === "ingress" ? "saddr" : "daddr")) return undefined;
        if (!isAddressSet(program, match.set, family, match.isRange)) return undefined;
        conditions.push({ place: placeOf(match.set, match.isRange), isNegated: match.isNegated });
      }
    }
    const effect = effectOf(verdict);
    return effect === undefined ? undefined : { conditions, ports, effect };
  };
  const effectOf = (verdict: NonNullable<ParsedRule["verdict"]>): Effect | undefined => {
    switch (verdict.kind) {
      case "vmap":
      case "port-vmap":
        return undefined;
      case "goto":
      case "jump": {
        if (verdict.chain === "ingress") return direction === "egress" ? { kind: "hand-on" } : undefined;
        const steps = stepsOf(verdict.chain);
        return steps === undefined ? undefined : { kind: verdict.kind, steps };
      }
      default:
        return { kind: verdict.kind };
    }
  };

  const start = verdict === undefined ? [] : [startOf(verdict, stepOf)];
  if (start[0] === UNKNOWN_STEP) unknownRules.push({ chain: direction, rule: verdict! });
  // Who is not in the map, or comes back from a jump, meets the next rule there: it accepts, or hands on.
  const comesBack = start.every(({ effect }) => effect.kind === "jump");
  return {
    sets,
    unknownRules,
    outcome: (isIn) => {
      const result: Collected = { accepted: NO_PORTS, handedOn: NO_PORTS, unknown: NO_PORTS };
      const left = walk(start, ALL_PORTS, isIn, result);
      if (comesBack) result.handedOn = unionPorts(result.handedOn, left);
      // Who falls off the end of all chains is accepted, as that is the policy of the base chains.
      else result.accepted = unionPorts(result.accepted, left);
      const { accepted, handedOn, unknown } = result;
      return direction === "ingress"
        ? { passes: unionPorts(accepted, handedOn), skipsIngress: NO_PORTS, unknown }
        : { passes: handedOn, skipsIngress: accepted, unknown };
    },
  };
}

const UNKNOWN_STEP: Step = { conditions: [], ports: ALL_PORTS, effect: { kind: "unknown" } };

/** The verdict of a map as a step. */
function startOf(verdict: string, stepOf: (rule: ParsedRule) => Step | "none" | undefined): Step {
  const rule = parseRule(verdict);
  const isOnlyVerdict = rule !== undefined && rule.verdict !== undefined && rule.matches.length === 0;
  const step = isOnlyVerdict ? stepOf(rule) : undefined;
  return step === undefined || step === "none" ? UNKNOWN_STEP : step;
}

interface Collected {
  accepted: PortSet;
  handedOn: PortSet;
  unknown: PortSet;
}

/** Takes ports through the rules of a chain; returns those that leave it for the rule behind the one that led here. */
function walk(
  steps: readonly Step[],
  ports: PortSet,
  isIn: (place: number) => boolean,
  collected: Collected,
): PortSet {
  let remaining = ports;
  let returned: PortSet = NO_PORTS;
  for (const { conditions, ports: asked, effect } of steps) {
    if (remaining === NO_PORTS) break;
    if (!conditions.every(({ place, isNegated }) => isIn(place) !== isNegated)) continue;
    const hit = intersectPorts(remaining, asked);
    if (hit === NO_PORTS) continue;
    remaining = subtractPorts(remaining, hit);
    switch (effect.kind) {
      case "accept":
        collected.accepted = unionPorts(collected.accepted, hit);
        break;
      case "hand-on":
        collected.handedOn = unionPorts(collected.handedOn, hit);
        break;
      case "unknown":
        collected.unknown = unionPorts(collected.unknown, hit);
        break;
      case "return":
        returned = unionPorts(returned, hit);
        break;
      case "goto":
        returned = unionPorts(returned, walk(effect.steps, hit, isIn, collected));
        break;
      case "jump":
        remaining = unionPorts(remaining, walk(effect.steps, hit, isIn, collected));
        break;
      case "deny":
        break;
    }
  }
  return unionPorts(returned, remaining);
}

function isAddressSet(program: Program, name: string, family: Family, isRange: boolean): boolean {
  const set = program.sets.get(name);
  const address = family === 4 ? "ipv4_addr" : "ipv6_addr";
  return (
    set?.kind === "set" &&
    set.ephemeral !== true &&
    set.interval === isRange &&
    set.type === (isRange ? `${address} . inet_proto` : address)
  );
}
