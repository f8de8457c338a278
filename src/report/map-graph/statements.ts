import {
  ALL_PORTS,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portsWithin,
  unionPorts,
} from "../../net/port-set.ts";
import { type GraphStatement, OUTSIDE, type StatementSet } from "./graph.ts";
import type { Pairs } from "./pairs.ts";

/** What is told on boxes instead of with arrows. */
export interface Statements {
  /** Of each peer, by number. */
  readonly of: readonly (readonly GraphStatement[])[];
  /** What the statements of both ends say of a pair. */
  ports(from: number, to: number): PortSet;
  /** What those of one end say: `in` of the one that is reached, `out` of the one that sends. */
  portsOfEnd(direction: Direction, from: number, to: number): PortSet;
}

type Direction = GraphStatement["direction"];

/** The fewest arrows that a statement must save, and members that its set must have, to be worth its words. */
const FEWEST: Readonly<Record<Direction, Readonly<Record<Exclude<StatementSet, "nobody">, number>>>> = {
  in: { everyone: 2, inside: 3, group: 2 },
  // What somebody may reach is first of all a matter of those who are reached.
  out: { everyone: 3, inside: 3, group: 3 },
};

/** To fewer groups, arrows are clearer: a whole group needs a single one. */
const FEWEST_GROUPS = 3;

/** Finds for each peer what is open between it and everybody, every pod, or every pod of its own namespace. */
export function findStatements(pairs: Pairs): Statements {
  const incoming = pairs.peers.map((_, peer) => statementsOf(pairs, peer, "in", () => NO_PORTS));
  const fromIncoming = (from: number, to: number): PortSet => said(pairs, incoming[to]!, to, from);
  const outgoing = pairs.peers.map((_, peer) =>
    statementsOf(pairs, peer, "out", (other) => fromIncoming(peer, other)),
  );
  const fromOutgoing = (from: number, to: number): PortSet => said(pairs, outgoing[from]!, from, to);
  return {
    of: pairs.peers.map((_, peer) => [
      ...incoming[peer]!,
      ...nobody(pairs, peer, "in"),
      ...outgoing[peer]!,
      ...nobody(pairs, peer, "out"),
    ]),
    ports: (from, to) => unionPorts(fromIncoming(from, to), fromOutgoing(from, to)),
    portsOfEnd: (direction, from, to) => (direction === "in" ? fromIncoming : fromOutgoing)(from, to),
  };
}

/** Statements that say more than the wider ones before them, and than what the other ends say. */
function statementsOf(
  pairs: Pairs,
  peer: number,
  direction: Direction,
  saidByOther: (other: number) => PortSet,
): GraphStatement[] {
  const found: GraphStatement[] = [];
  for (const set of ["everyone", "inside", "group"] as const) {
    const members = membersOf(pairs, peer, direction, set);
    if (members === undefined) continue;
    for (const onlyUnlimited of [false, true]) {
      const counted = members.filter((member) => counts(pairs, member, direction, onlyUnlimited));
      const fewest = FEWEST[direction][set];
      if (counted.length < fewest || (onlyUnlimited && counted.length === members.length)) continue;
      const ports = commonPorts(pairs, peer, counted, direction);
      if (ports === NO_PORTS) continue;
      let saved = 0;
      const groups = new Set<string>();
      for (const member of counted) {
        const before = unionPorts(said(pairs, found, peer, member), saidByOther(member));
        const open = openPorts(pairs, peer, member, direction);
        if (!portsWithin(open, before) && portsWithin(open, unionPorts(before, ports))) {
          saved++;
          groups.add(pairs.groups[member]!);
        }
      }
      // Whoever is not limited in what it sends is known by its arrows, unless these led to all corners.
      const isWorthIt = direction === "in" || pairs.isLimited(peer, "out") || groups.size >= FEWEST_GROUPS;
      if (saved >= fewest && isWorthIt) found.push({ direction, set, onlyUnlimited, ports });
    }
  }
  return found;
}

/** The others of a set that could be at the other end; undefined where the map was not asked about all of them. */
function membersOf(
  pairs: Pairs,
  peer: number,
  direction: Direction,
  set: Exclude<StatementSet, "nobody">,
): number[] | undefined {
  const members: number[] = [];
  const groups = new Set<string>();
  for (const other of pairs.peers.keys()) {
    const [from, to] = direction === "in" ? [other, peer] : [peer, other];
    if (!isIn(pairs, set, peer, other) || !pairs.isPossible(from, to)) continue;
    if (!pairs.isAsked(from, to)) return undefined;
    groups.add(pairs.groups[other]!);
    members.push(other);
  }
  // Every pod of a single namespace is better called so.
  return set === "inside" && groups.size < 2 ? undefined : members;
}

function isIn(pairs: Pairs, set: StatementSet, peer: number, other: number): boolean {
  const group = pairs.groups[other]!;
  switch (set) {
    case "everyone":
      return true;
    case "inside":
      return group !== OUTSIDE;
    case "group":
      return group !== OUTSIDE && group === pairs.groups[peer];
    case "nobody":
      return false;
  }
}

/** True if a statement about a set is about this member: one that is limited itself may have to be left out. */
function counts(pairs: Pairs, member: number, direction: Direction, onlyUnlimited: boolean): boolean {
  return !onlyUnlimited || !pairs.isLimited(member, direction === "in" ? "out" : "in");
}

function commonPorts(pairs: Pairs, peer: number, others: readonly number[], direction: Direction): PortSet {
  let common = ALL_PORTS;
  for (const other of others) {
    common = intersectPorts(common, openPorts(pairs, peer, other, direction));
    if (common === NO_PORTS) break;
  }
  return common;
}

function openPorts(pairs: Pairs, peer: number, other: number, direction: Direction): PortSet {
  return direction === "in" ? pairs.ports(other, peer) : pairs.ports(peer, other);
}

/** What statements of a peer say of it and another one. */
function said(pairs: Pairs, statements: readonly GraphStatement[], peer: number, other: number): PortSet {
  let ports = NO_PORTS;
  for (const { direction, set, onlyUnlimited, ports: open } of statements) {
    if (!isIn(pairs, set, peer, other) || !counts(pairs, other, direction, onlyUnlimited)) continue;
    const [from, to] = direction === "in" ? [other, peer] : [peer, other];
    if (pairs.isPossible(from, to)) ports = unionPorts(ports, open);
  }
  return ports;
}

/** Says of a limited peer without any connection in a direction that it has none. */
function nobody(pairs: Pairs, peer: number, direction: Direction): GraphStatement[] {
  if (!pairs.isLimited(peer, direction)) return [];
  const members = membersOf(pairs, peer, direction, "everyone");
  if (members === undefined || pairs.hasConnection(peer, direction)) return [];
  return [{ direction, set: "nobody", onlyUnlimited: false, ports: NO_PORTS }];
}
