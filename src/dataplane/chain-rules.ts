import type { FamilyView } from "../engine/family-view.ts";
import type { Row } from "../engine/row.ts";
import type { Direction } from "../k8s/objects.ts";
import { formatAddress } from "../net/address.ts";
import { partitionAddresses, rangeAt } from "../net/address-partition.ts";
import { cidrOfRange, formatCidr } from "../net/cidr.ts";
import { ALL_PORTS, NO_PORTS, type PortSet, portSetTokens } from "../net/port-set.ts";
import type { EnforcementConfig } from "./config.ts";
import { addressType, ipWord, logStatement } from "./frame.ts";
import { commentText, setHash } from "./names.ts";
import { portMatches } from "./port-match.ts";
import type { ProgramSet } from "./program.ts";
import type { RowPlan } from "./row-plan.ts";

/** The rules of a chain, and the sets of ports and address ranges that they name. */
export interface ChainRules {
  readonly rules: readonly string[];
  readonly sets: readonly ProgramSet[];
}

/** What becomes of packets: what is allowed, and what ends the chain. */
export interface ChainEnds {
  readonly config: EnforcementConfig;
  readonly direction: Direction;
  /** What the rules do that let packets pass, such as `accept`. */
  readonly pass: string;
  /** The last rules, which take everything else; with a match, for some of it. */
  readonly tail: (match?: string) => readonly string[];
  /** True if what passes is not what was asked for: it is never logged as allowed. */
  readonly isAudit: boolean;
}

/**
 * One rule per distinct PortSet, so that a packet's cost does not grow with the number of policies or pods.
 * Pods are asked for before address ranges: the row knows both, and what a pod may do can be less than what the
 * range around it may.
 */
export function chainRules(view: FamilyView, plan: RowPlan, common: PortSet, ends: ChainEnds): ChainRules {
  const { direction } = ends;
  const peerField = `${ipWord(view.family)} ${direction === "ingress" ? "saddr" : "daddr"}`;
  const side = direction === "ingress" ? "from" : "to";
  const sets = new Map<string, ProgramSet>();
  const rules: string[] = [];
  // Allowed flows are logged where they are accepted for good: at the receiver.
  const logs = ends.config.flows === "all" && direction === "ingress" && !ends.isAudit;

  const addRules = (ports: PortSet, peers: string, about: string): void => {
    // A comparison with a port is cheaper than a look into the set of peers, and that than one into a set of ports.
    const { matches, sets: portSets } = portMatches(ports);
    for (const set of portSets) sets.set(set.name, set);
    const comment = `comment "${commentText(`${portSetTokens(ports).join(" ")} ${about}`)}"`;
    for (const match of matches) {
      const asked = (match.includes("@") ? [peers, match] : [match, peers]).filter((part) => part !== "");
      if (logs) rules.push([...asked, logStatement(ends.config, "allow", "ingress")].join(" "));
      rules.push([...asked, "counter", ends.pass, comment].join(" "));
    }
  };

  if (common !== NO_PORTS) addRules(common, "", `${side} anywhere`);
  if (common === ALL_PORTS) return { rules, sets: [...sets.values()] };
  const byPorts = <T>(entries: Iterable<[PortSet, T]>): [PortSet, T][] =>
    [...entries].sort(([a], [b]) => (a.key < b.key ? -1 : 1));
  for (const [ports, { set }] of byPorts(plan.parts)) {
    if (set !== undefined && ports !== NO_PORTS) addRules(ports, `${peerField} @${set.name}`, `${side} pods`);
  }
  const ranges = rangesByPorts(view, plan.row, common);
  const allowing = byPorts(ranges).filter(([ports]) => ports !== NO_PORTS);
  if (plan.lesser?.set !== undefined && allowing.length > 0) {
    rules.push(...ends.tail(`${peerField} @${plan.lesser.set.name}`));
  }
  for (const [ports, elements] of allowing) {
    const set = rangeSet(view.family, elements);
    sets.set(set.name, set);
    addRules(ports, `${peerField} . meta l4proto @${set.name}`, `${side} addresses`);
  }
  rules.push(...ends.tail());
  return { rules, sets: [...sets.values()] };
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
