import { addressesOf, type End } from "../../engine/end.ts";
import type { Engine } from "../../engine/engine.ts";
import { type Explanation, explain } from "../../engine/explain.ts";
import { FAMILIES, type Family } from "../../net/address.ts";
import {
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portSetHas,
  subtractPorts,
  TRANSPORT_PROTOCOLS,
  type Traffic,
  unionPorts,
} from "../../net/port-set.ts";
import type { AskedEnds } from "./asked-ends.ts";
import type { Assertion } from "./assertion.ts";
import { inTurn } from "./in-turn.ts";
import { type AlikeEnds, type EndPair, endName, pairsBetween } from "./judge-pairs.ts";
import { strangers } from "./strangers.ts";

/** Two ends that are not as expected. */
export interface Counterexample {
  readonly from: End;
  readonly to: End;
  /** Where it is so. Empty if the ends share no family, so that nothing can pass. */
  readonly families: readonly Family[];
  /** What passes and must not, or what must pass and does not. */
  readonly ports: PortSet;
}

/** Ends between which it is not as expected. */
export interface WrongEnds {
  readonly from: AlikeEnds;
  readonly to: AlikeEnds;
  readonly wanted: PortSet;
}

/** How many counterexamples are told. */
const MOST_EXAMPLES = 5;

/** What of the ports that are asked about is not as expected. */
export function wrongPorts(expect: Assertion["expect"], wanted: PortSet, passing: PortSet): PortSet {
  return expect === "allow" ? subtractPorts(wanted, passing) : intersectPorts(wanted, passing);
}

/** Some of the pairs that are not as expected: of every group in turn, so that they are of many kinds. */
export function counterexamples(
  engine: Engine,
  expect: Assertion["expect"],
  asked: AskedEnds,
  failing: readonly WrongEnds[],
): Counterexample[] {
  const examples = new Map<string, Counterexample>();
  for (const { from, to, wanted } of inTurn(failing.map((each) => withWanted(engine, each)))) {
    if (examples.size === MOST_EXAMPLES) break;
    const key = `${endName(from)} ${endName(to)}`;
    if (examples.has(key)) continue;
    const wrong = sharedFamilies(from, to)
      .filter((family) => asked.families.includes(family))
      .map((family) => ({ family, ports: wrongPorts(expect, wanted, engine.ports(from, to, family)) }))
      .filter(({ ports }) => ports !== NO_PORTS);
    const ports = wrong.reduce((sum, each) => unionPorts(sum, each.ports), NO_PORTS);
    examples.set(key, { from, to, families: wrong.map(({ family }) => family), ports });
  }
  if (expect === "allow") {
    for (const { from, to, ports } of strangers(asked)) {
      if (examples.size === MOST_EXAMPLES) break;
      examples.set(`${endName(from)} ${endName(to)}`, { from, to, families: [], ports });
    }
  }
  return [...examples.values()];
}

function* withWanted(
  engine: Engine,
  { from, to, wanted }: WrongEnds,
): Generator<EndPair & { readonly wanted: PortSet }> {
  for (const pair of pairsBetween(engine, from, to)) yield { ...pair, wanted };
}

/** One packet of a counterexample, explained in every family that both ends have. */
export function explanationsOf(engine: Engine, example: Counterexample | undefined): readonly Explanation[] {
  if (example === undefined) return [];
  const { from, to, families, ports } = example;
  const traffic = packetOf(to, ports);
  const asked = families.length > 0 ? sharedFamilies(from, to) : [addressFamilyOf(to)];
  return asked.map((family) => explain(engine, from, to, family, traffic));
}

/** The families in which both ends have an address. */
export function sharedFamilies(from: End, to: End): Family[] {
  return FAMILIES.filter(
    (family) => addressesOf(from)[family] !== undefined && addressesOf(to)[family] !== undefined,
  );
}

function addressFamilyOf(end: End): Family {
  return addressesOf(end)[4] === undefined ? 6 : 4;
}

/** A packet of a set: to a port that the destination declares, if there is one. */
export function packetOf(to: End, ports: PortSet): Traffic {
  const served = to.kind === "pod" ? to.pod.ports : [];
  const fitting = served.find((port) => portSetHas(ports, port));
  if (fitting !== undefined) return { protocol: fitting.protocol, port: fitting.port };
  for (const protocol of TRANSPORT_PROTOCOLS) {
    const port = ports[protocol][0];
    if (port !== undefined) return { protocol, port };
  }
  return { protocol: "other" };
}
