import type { ClusterPod } from "../cluster/cluster.ts";
import { compareNames } from "../cluster/names.ts";
import { classKey, type PodClass } from "../engine/classes.ts";
import type { FamilyView } from "../engine/family-view.ts";
import { portsOfClass, type Row } from "../engine/row.ts";
import type { Direction } from "../k8s/objects.ts";
import { formatAddress } from "../net/address.ts";
import { partitionAddresses, rangeAt } from "../net/address-partition.ts";
import { cidrOfRange, formatCidr } from "../net/cidr.ts";
import {
  ALL_PORTS,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portSetTokens,
  portsWithin,
} from "../net/port-set.ts";
import { commentText, identifierPart, setHash, shortHash } from "./names.ts";
import { portMatches } from "./port-match.ts";
import type { ProgramChain, ProgramSet } from "./program.ts";
import { rowSignature } from "./row-signature.ts";

/** The chain that judges one direction of one class in one family, and the sets that it needs. */
export interface ClassChain {
  readonly chain: ProgramChain;
  readonly sets: readonly ProgramSet[];
}

/**
 * One rule per distinct PortSet, so that a packet's cost does not grow with the number of policies or pods.
 * Pods are asked for before address ranges: the row knows both, and what a pod may do can be less than what the
 * range around it may.
 */
export function classChain(view: FamilyView, podClass: PodClass, direction: Direction): ClassChain {
  const row = view.row(direction, podClass);
  const peerField = `${view.family === 4 ? "ip" : "ip6"} ${direction === "ingress" ? "saddr" : "daddr"}`;
  const allow = direction === "ingress" ? "accept" : "goto ingress";
  const signature = `${view.family} ${rowSignature(row, direction, podClass)}`;
  const sets = new Map<string, ProgramSet>();
  const rules: string[] = [];

  const addRules = (ports: PortSet, peers: string, about: string): void => {
    const { matches, sets: portSets } = portMatches(ports);
    for (const set of portSets) sets.set(set.name, set);
    const comment = commentText(`${portSetTokens(ports).join(" ")} ${about}`);
    for (const match of matches) {
      rules.push(
        [peers, match, "counter", allow, `comment "${comment}"`].filter((part) => part !== "").join(" "),
      );
    }
  };
  const peerSet = (name: string, elements: readonly string[], ranges: boolean): string => {
    const addressType = view.family === 4 ? "ipv4_addr" : "ipv6_addr";
    sets.set(name, {
      name,
      kind: "set",
      // Ranges are concatenated with the protocol: nft reads plain interval sets anew on every call of anybody.
      type: ranges ? `${addressType} . inet_proto` : addressType,
      interval: ranges,
      elements: new Map(elements.map((element) => [element, ""])),
    });
    return ranges ? `${peerField} . meta l4proto @${name}` : `${peerField} @${name}`;
  };

  const common = commonPorts(view, row);
  const side = direction === "ingress" ? "from" : "to";
  if (common !== NO_PORTS) addRules(common, "", `${side} anywhere`);
  const parts = partsByPorts(view, row, common);
  for (const { ports, pods } of parts) {
    if (pods.length === 0) continue;
    addRules(ports, peerSet(`peers_${setHash(`${signature} ${ports.key}`)}`, pods, false), `${side} pods`);
  }
  if (parts.some((part) => part.ranges.length > 0)) {
    const lesser = podsAllowedLessThanTheirRange(view, row);
    if (lesser.length > 0) {
      rules.push(`${peerSet(`lesser_${setHash(signature)}`, lesser, false)} goto deny_${direction}`);
    }
  }
  for (const { ports, ranges } of parts) {
    if (ranges.length === 0) continue;
    addRules(
      ports,
      peerSet(`nets_${setHash(`${signature} ${ports.key}`)}`, ranges, true),
      `${side} addresses`,
    );
  }
  if (common !== ALL_PORTS) rules.push(`goto deny_${direction}`);

  return {
    chain: {
      name: classChainName(view, podClass, direction),
      comment: commentText(`${direction} IPv${view.family} of ${namingWorkload(podClass)}`),
      rules,
    },
    sets: [...sets.values()],
  };
}

/**
 * `in4_shop_db_1a2b3c4d`: direction, family, namespace, workload, and what tells its class from others. With the
 * kind of the workload, as the chain's comment names it and nft cannot change the comment of a chain.
 */
export function classChainName(view: FamilyView, podClass: PodClass, direction: Direction): string {
  const id = namingWorkload(podClass);
  const workload = id.replace(/^[^/]*\/|\[.*$/g, "");
  const prefix = `${direction === "ingress" ? "in" : "eg"}${view.family}`;
  return `${prefix}_${identifierPart(id.slice(0, id.indexOf("/")))}_${identifierPart(workload)}_${shortHash(`${classKey(podClass)} ${id}`)}`;
}

/** The workload that gives its name to a class's chain: that of its first pod by name. */
function namingWorkload(podClass: PodClass): string {
  let first: ClusterPod | undefined;
  for (const pod of podClass.pods) {
    if (first === undefined || compareNames(pod.id, first.id) < 0) first = pod;
  }
  if (first === undefined) throw new Error("a class without pods has no chain");
  return first.workload;
}

/** What every peer there is may do. */
function commonPorts(view: FamilyView, row: Row): PortSet {
  let common = row.areas.has(view.areas.root) ? ALL_PORTS : row.restOfAreas;
  for (const ports of row.areas.values()) common = intersectPorts(common, ports);
  for (const podClass of view.classes()) common = intersectPorts(common, portsOfClass(row, podClass));
  return common;
}

interface PortsPart {
  readonly ports: PortSet;
  /** Addresses of pods. */
  readonly pods: string[];
  /** Elements of a set of type `address . inet_proto`. */
  readonly ranges: string[];
}

/** The peers of a row, grouped by what they may do; without those who may do no more than everybody. */
function partsByPorts(view: FamilyView, row: Row, common: PortSet): PortsPart[] {
  const parts = new Map<PortSet, PortsPart>();
  const partOf = (ports: PortSet): PortsPart => {
    let part = parts.get(ports);
    if (part === undefined) {
      part = { ports, pods: [], ranges: [] };
      parts.set(ports, part);
    }
    return part;
  };
  for (const podClass of view.classes()) {
    const ports = portsOfClass(row, podClass);
    if (ports === common) continue;
    for (const pod of podClass.pods) partOf(ports).pods.push(formatAddress(pod.addresses[view.family]!));
  }
  for (const { ports, first, last } of joinedRanges(view, row)) {
    if (ports === common) continue;
    const text = (value: bigint): string => formatAddress({ family: view.family, value });
    const cidr = cidrOfRange(view.family, first, last);
    const range = cidr === undefined ? `${text(first)}-${text(last)}` : formatCidr(cidr);
    partOf(ports).ranges.push(`${range} . 0-255`);
  }
  return [...parts.values()].sort((a, b) => (a.ports.key < b.ports.key ? -1 : 1));
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

function podsAllowedLessThanTheirRange(view: FamilyView, row: Row): string[] {
  const addresses: string[] = [];
  for (const podClass of view.classes()) {
    const own = portsOfClass(row, podClass);
    if (portsWithin(view.portsOfArea(row, podClass.areas[view.family]!), own)) continue;
    for (const pod of podClass.pods) addresses.push(formatAddress(pod.addresses[view.family]!));
  }
  return addresses;
}
