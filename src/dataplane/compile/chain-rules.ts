import type { FamilyView } from "../../engine/family-view.ts";
import type { Row } from "../../engine/row.ts";
import type { Direction } from "../../k8s/objects.ts";
import { formatAddress } from "../../net/address.ts";
import { partitionAddresses, rangeAt } from "../../net/address-partition.ts";
import { cidrOfRange, formatCidr } from "../../net/cidr.ts";
import {
  ALL_PORTS,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portRange,
  portSetTokens,
  portsWithin,
  subtractPorts,
  TRANSPORT_PROTOCOLS,
  type Transport,
} from "../../net/port-set.ts";
import type { EnforcementConfig } from "../config.ts";
import type { ProgramChain, ProgramSet } from "../program/program.ts";
import { addressType, ipWord, logStatement, selfRule } from "./frame.ts";
import { commentText, setHash } from "./names.ts";
import { portMatches } from "./port-match.ts";
import type { RowPlan } from "./row-plan.ts";

/** The rules of a chain, and what they name. */
export interface ChainRules {
  readonly rules: readonly string[];
  /** Sets of ports and of address ranges, and the map from ports to chains. */
  readonly sets: readonly ProgramSet[];
  /** One for each port that the map knows. */
  readonly chains: readonly ProgramChain[];
}

/** What becomes of packets: what is allowed, and what ends the chain. */
export interface ChainEnds {
  /** The name of the chain. */
  readonly name: string;
  readonly config: EnforcementConfig;
  readonly direction: Direction;
  /** What the rules do that let packets pass, such as `accept`. */
  readonly pass: string;
  /** The last rules, which take everything else; with a match, for some of it. */
  readonly tail: (match?: string) => readonly string[];
  /** True if what passes is not what was asked for: it is never logged as allowed. */
  readonly isAudit: boolean;
}

/** Who may do what: the peers as nft asks for them, and their ports. */
interface Entry {
  readonly ports: PortSet;
  readonly peers: string;
  readonly about: string;
}

/**
 * One rule per distinct PortSet, so that a packet's cost does not grow with the number of policies or pods.
 * Pods are asked for before address ranges: the row knows both, and what a pod may do can be less than what the
 * range around it may. Where there are more than a few of these rules, a map leads from the port to those about it.
 */
export function chainRules(view: FamilyView, plan: RowPlan, common: PortSet, ends: ChainEnds): ChainRules {
  const { direction } = ends;
  const peerField = `${ipWord(view.family)} ${direction === "ingress" ? "saddr" : "daddr"}`;
  const side = direction === "ingress" ? "from" : "to";
  const sets = new Map<string, ProgramSet>();
  const everybody: Entry[] =
    common === NO_PORTS ? [] : [{ ports: common, peers: "", about: `${side} anywhere` }];
  if (common === ALL_PORTS) {
    return { rules: everybody.flatMap((entry) => entryRules(entry, ends, sets)), sets: [], chains: [] };
  }
  const byPorts = <T>(entries: Iterable<[PortSet, T]>): [PortSet, T][] =>
    [...entries].filter(([ports]) => ports !== NO_PORTS).sort(([a], [b]) => (a.key < b.key ? -1 : 1));
  const pods = byPorts(plan.parts).flatMap(([ports, { set }]): Entry[] =>
    set === undefined ? [] : [{ ports, peers: `${peerField} @${set.name}`, about: `${side} pods` }],
  );
  const ranges = byPorts(rangesByPorts(view, plan.row, common)).map(([ports, elements]): Entry => {
    const set = rangeSet(view.family, elements);
    sets.set(set.name, set);
    return { ports, peers: `${peerField} . meta l4proto @${set.name}`, about: `${side} addresses` };
  });
  const lesser = plan.lesser?.set === undefined ? undefined : `${peerField} @${plan.lesser.set.name}`;
  /** Pods first, and those that may do less than the range around them do not get as far as the ranges. */
  const inOrder = (reduced: (entry: Entry) => readonly string[]): string[] => {
    const ofRanges = ranges.flatMap(reduced);
    const between =
      lesser === undefined || ofRanges.length === 0 ? [] : [selfRule(view.family), ...ends.tail(lesser)];
    return [...pods.flatMap(reduced), ...between, ...ofRanges];
  };

  const dispatched = dispatchedPorts([...pods, ...ranges]);
  const chains = dispatched.map(({ protocol, port }): ProgramChain => {
    const alone = portRange(protocol, port);
    return {
      name: `${protocol.toLowerCase()}${port}_${ends.name}`,
      comment: `who may use ${protocol} ${port}`,
      rules: inOrder((entry) =>
        // The map has looked at the port already.
        portsWithin(alone, entry.ports)
          ? passRules([entry.peers], `${protocol}/${port} ${entry.about}`, ends)
          : [],
      ),
    };
  });
  const rest = dispatched.reduce(
    (ports, { protocol, port }) => subtractPorts(ports, portRange(protocol, port)),
    ALL_PORTS,
  );
  const rules = [
    ...everybody.flatMap((entry) => entryRules(entry, ends, sets)),
    ...(dispatched.length === 0 ? [] : [`meta l4proto . th dport vmap @${dispatchMapName(ends.name)}`]),
    ...inOrder((entry) => {
      const ports = intersectPorts(entry.ports, rest);
      return ports === NO_PORTS ? [] : entryRules({ ...entry, ports }, ends, sets);
    }),
    selfRule(view.family),
    ...ends.tail(),
  ];
  if (dispatched.length > 0) {
    const map = dispatchMap(ends.name, dispatched);
    sets.set(map.name, map);
  }
  return { rules, sets: [...sets.values()], chains };
}

/** The rules of an entry, each for the ports of it that can be asked for at once. */
function entryRules(
  { ports, peers, about }: Entry,
  ends: ChainEnds,
  sets: Map<string, ProgramSet>,
): string[] {
  const { matches, sets: portSets } = portMatches(ports);
  for (const set of portSets) sets.set(set.name, set);
  const what = `${portSetTokens(ports).join(" ")} ${about}`;
  // A comparison with a port is cheaper than a look into the set of peers, and that than one into a set of ports.
  return matches.flatMap((match) =>
    passRules(match.includes("@") ? [peers, match] : [match, peers], what, ends),
  );
}

function passRules(matches: readonly string[], what: string, ends: ChainEnds): string[] {
  const asked = matches.filter((match) => match !== "");
  const rule = [...asked, "counter", ends.pass, `comment "${commentText(what)}"`].join(" ");
  // Allowed flows are logged where they are accepted for good: at the receiver.
  const logs = ends.config.flows === "all" && ends.direction === "ingress" && !ends.isAudit;
  return logs ? [[...asked, logStatement(ends.config, "allow", "ingress")].join(" "), rule] : [rule];
}

interface DispatchedPort {
  readonly protocol: Transport;
  readonly port: number;
}

/** A look into the map costs as much as two rules or so that do not match. */
const FEWEST_ENTRIES = 3;
/** Each port has a chain of its own: beyond this, rules one after another are the smaller evil. */
const MOST_PORTS = 64;

/** The single ports that entries name, if a map from them is worth its while. */
function dispatchedPorts(entries: readonly Entry[]): readonly DispatchedPort[] {
  if (entries.length < FEWEST_ENTRIES) return [];
  const found = new Map<string, DispatchedPort>();
  for (const { ports } of entries) {
    for (const protocol of TRANSPORT_PROTOCOLS) {
      const ranges = ports[protocol];
      for (let i = 0; i < ranges.length; i += 2) {
        const port = ranges[i]!;
        if (port === ranges[i + 1]) found.set(`${protocol}/${port}`, { protocol, port });
      }
    }
  }
  if (found.size === 0 || found.size > MOST_PORTS) return [];
  return [...found.values()].sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
}

function dispatchMapName(chain: string): string {
  return `by_port_${chain}`;
}

function dispatchMap(chain: string, ports: readonly DispatchedPort[]): ProgramSet {
  const elements = ports.map(({ protocol, port }): [string, string] => {
    const word = protocol.toLowerCase();
    return [`${word} . ${port}`, `jump ${word}${port}_${chain}`];
  });
  return {
    name: dispatchMapName(chain),
    kind: "map",
    type: "inet_proto . inet_service : verdict",
    interval: false,
    elements: new Map(elements),
  };
}

/** Ranges are concatenated with the protocol: nft reads plain interval sets anew on every call of anybody. */
export function rangeSet(family: 4 | 6, elements: readonly string[], name?: string): ProgramSet {
  return {
    name: name ?? `nets_${setHash(elements.join(","))}`,
    kind: "set",
    type: `${addressType(family)} . inet_proto`,
    interval: true,
    elements: new Map(elements.map((element) => [element, ""])),
  };
}

/** The address ranges of a row as elements, by what they may do; without those who may do no more than everybody. */
function rangesByPorts(view: FamilyView, row: Row, common: PortSet): Map<PortSet, string[]> {
  const result = new Map<PortSet, string[]>();
  for (const { ports, first, last } of joinedRanges(view, row)) {
    if (ports === common) continue;
    const text = (value: bigint): string => formatAddress({ family: view.family, value });
    const cidr = cidrOfRange(view.family, first, last);
    const range = cidr === undefined ? `${text(first)}-${text(last)}` : formatCidr(cidr);
    const elements = result.get(ports) ?? [];
    result.set(ports, elements);
    elements.push(`${range} . 0-255`);
  }
  return result;
}

/** The address ranges of a row, neighbours with equal ports joined. */
function joinedRanges(view: FamilyView, row: Row): { ports: PortSet; first: bigint; last: bigint }[] {
  const joined: { ports: PortSet; first: bigint; last: bigint }[] = [];
  const partition = partitionAddresses(
    view.family,
    [...row.areas.keys()].map((area) => area.cidr),
  );
  for (let i = 0; i < partition.starts.length; i++) {
    const range = rangeAt(partition, i);
    const ports = view.portsOfArea(row, view.areas.areaAt(range.first));
    const before = joined.at(-1);
    if (before?.ports === ports) before.last = range.last;
    else joined.push({ ports, first: range.first, last: range.last });
  }
  return joined;
}
