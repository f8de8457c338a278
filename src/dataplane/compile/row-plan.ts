import type { PodClass } from "../../engine/classes.ts";
import { portsOfClass, type Row } from "../../engine/row.ts";
import { type Address, addressKey } from "../../net/address.ts";
import {
  ALL_PORTS,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portsWithin,
  unionPorts,
} from "../../net/port-set.ts";
import type { ChangedSet, SetElement } from "../program/program.ts";
import { addressHash } from "./address-hash.ts";
import { type AddressSum, addAddress, addSum, emptySum } from "./address-sum.ts";
import type { PeerSet, PeerSetRequest } from "./peer-sets.ts";
import { elementOf, type MovedAddress, type PopulationTracker } from "./population-tracker.ts";

/** The peers of a row, grouped by what they may do, and the sets of the kernel that hold them. */
export interface RowPlan {
  readonly row: Row;
  /** Every PortSet that some pod address may do. */
  readonly parts: Map<PortSet, PlanPart>;
  /** Pods that may do less than the address range around them; undefined where there can be none. */
  lesser: LesserPart | undefined;
}

export interface PlanPart {
  readonly sum: AddressSum;
  set: PeerSet | undefined;
}

/** Few rows have such pods at all, so that these are listed. */
export interface LesserPart {
  readonly members: Map<number | bigint, Address>;
  readonly sum: AddressSum;
  /** What the last move changed. */
  change: Pick<ChangedSet, "deleted" | "added">;
  set: PeerSet | undefined;
}

/** Groups the peers of a row from the start. */
export function createRowPlan(tracker: PopulationTracker, row: Row, classes: readonly PodClass[]): RowPlan {
  const parts = new Map<PortSet, PlanPart>();
  let recent: PortSet | undefined;
  let part: PlanPart | undefined;
  for (const podClass of classes) {
    const ports = portsOfClass(row, podClass);
    if (ports !== recent) {
      part = partOf(parts, ports);
      recent = ports;
    }
    addSum(part!.sum, tracker.sumOf(podClass));
  }
  const plan: RowPlan = { row, parts, lesser: undefined };
  if (mayHaveLesser(plan)) plan.lesser = lesserPart(tracker, row, classes);
  return plan;
}

/** False where all pods may do what any address may, as under policies that only allow: most rows are such. */
function mayHaveLesser({ row, parts }: RowPlan): boolean {
  let ofAddresses = row.restOfAreas;
  for (const ports of row.areas.values()) ofAddresses = unionPorts(ofAddresses, ports);
  if (ofAddresses === NO_PORTS) return false;
  for (const ports of parts.keys()) if (!portsWithin(ofAddresses, ports)) return true;
  return false;
}

/** Follows addresses that came, went, or belong to another class, where the row is the same. */
export function movePeers(
  plan: RowPlan,
  tracker: PopulationTracker,
  moved: readonly MovedAddress[],
  classes: readonly PodClass[],
): void {
  for (const { before, after, hash } of moved) {
    const from = before === undefined ? undefined : portsOfClass(plan.row, before);
    const to = after === undefined ? undefined : portsOfClass(plan.row, after);
    if (from === to) continue;
    if (from !== undefined) addAddress(partOf(plan.parts, from).sum, hash, -1);
    if (to !== undefined) addAddress(partOf(plan.parts, to).sum, hash, 1);
  }
  if (plan.lesser !== undefined) moveLesser(plan.lesser, plan.row, tracker, moved);
  else if (moved.length > 0 && mayHaveLesser(plan)) plan.lesser = lesserPart(tracker, plan.row, classes);
}

/** What every peer there is may do: addresses that are no pod's, and all pods. */
export function commonPorts(tracker: PopulationTracker, { row, parts }: RowPlan): PortSet {
  let common = row.areas.has(tracker.view.areas.root) ? ALL_PORTS : row.restOfAreas;
  for (const ports of row.areas.values()) common = intersectPorts(common, ports);
  for (const [ports, { sum }] of parts) if (sum.count > 0) common = intersectPorts(common, ports);
  return common;
}

/** Where a plan comes from: itself, if its row is the same, or the plan of the row before. */
export interface PlanOrigin {
  readonly row: Row;
  readonly parts: ReadonlyMap<PortSet, { readonly set: PeerSet | undefined }>;
  readonly lesser: Pick<LesserPart, "members" | "set"> | undefined;
}

/** The part of a plan that a request is for. */
export type PartRequest = PeerSetRequest & {
  /** Holds the set that it is given, until the next request. */
  readonly holder: SetHolder;
};

/** A part of a plan as the holder of its set. */
export interface SetHolder {
  set: PeerSet | undefined;
}

/** How the names of the sets begin. */
export interface PlanLabels {
  readonly peers: string;
  readonly lesser: string;
}

/** What is needed to say which sets a plan needs. */
export interface PlanContext {
  readonly plan: RowPlan;
  readonly common: PortSet;
  readonly origin: PlanOrigin | undefined;
  readonly tracker: PopulationTracker;
  readonly moved: readonly MovedAddress[];
  /** All classes of the family. */
  readonly classes: readonly PodClass[];
  readonly labels: PlanLabels;
}

/** The sets that a plan needs: one for each PortSet but the common one, and one for the lesser. */
export function planRequests({
  plan,
  common,
  origin,
  tracker,
  moved,
  classes,
  labels,
}: PlanContext): PartRequest[] {
  const requests: PartRequest[] = [];
  for (const [ports, part] of plan.parts) {
    if (ports === common || part.sum.count === 0) {
      part.set = undefined;
      continue;
    }
    requests.push({
      label: labels.peers,
      wanted: part.sum,
      previous: origin?.parts.get(ports)?.set,
      elements: elementsOfPart(tracker, classes, plan.row, ports),
      difference: () => partDifference(origin!.row, plan.row, ports, tracker, moved, classes),
      holder: part,
    });
  }
  const { lesser } = plan;
  if (lesser !== undefined && lesser.sum.count > 0) {
    requests.push({
      label: labels.lesser,
      wanted: lesser.sum,
      previous: origin?.lesser?.set,
      elements: elementsOfLesser(lesser),
      difference: () => {
        const before = origin!.lesser!.members;
        if (before === lesser.members) return lesser.change;
        return { deleted: elementsOf(before, lesser.members), added: elementsOf(lesser.members, before) };
      },
      holder: lesser,
    });
  } else if (lesser !== undefined) {
    lesser.set = undefined;
  }
  return requests;
}

/** Made out here, as it is kept: next to the rest of a request it would keep all that has moved, which may be everything. */
function elementsOfPart(
  tracker: PopulationTracker,
  classes: readonly PodClass[],
  row: Row,
  ports: PortSet,
): () => readonly SetElement[] {
  return () => elementsWhere(tracker, classes, (each) => portsOfClass(row, each) === ports);
}

/** Out here for the same reason. */
function elementsOfLesser({ members }: LesserPart): () => readonly SetElement[] {
  return () => elementsOf(members);
}

function partOf(parts: Map<PortSet, PlanPart>, ports: PortSet): PlanPart {
  let part = parts.get(ports);
  if (part === undefined) {
    part = { sum: emptySum(), set: undefined };
    parts.set(ports, part);
  }
  return part;
}

function lesserPart(tracker: PopulationTracker, row: Row, classes: readonly PodClass[]): LesserPart {
  const members = new Map<number | bigint, Address>();
  const sum = emptySum();
  for (const podClass of classes) {
    if (!isLesser(tracker, row, podClass)) continue;
    tracker.forEachAddress(podClass, (address) => {
      const key = addressKey(address);
      members.set(key, address);
      addAddress(sum, addressHash(key), 1);
    });
  }
  return { members, sum, change: NO_CHANGE, set: undefined };
}

function isLesser({ view }: PopulationTracker, row: Row, podClass: PodClass): boolean {
  return !portsWithin(view.portsOfArea(row, podClass.areas[view.family]!), portsOfClass(row, podClass));
}

/** Where the row is the same, only what moved can have become lesser or ceased to be. */
function moveLesser(
  lesser: LesserPart,
  row: Row,
  tracker: PopulationTracker,
  moved: readonly MovedAddress[],
): void {
  const deleted: SetElement[] = [];
  const added: SetElement[] = [];
  for (const { key, address, hash, after } of moved) {
    const was = lesser.members.has(key);
    const is = after !== undefined && isLesser(tracker, row, after);
    if (was === is) continue;
    addAddress(lesser.sum, hash, is ? 1 : -1);
    if (is) lesser.members.set(key, address);
    else lesser.members.delete(key);
    (is ? added : deleted).push([elementOf(address), ""]);
  }
  lesser.change = deleted.length + added.length === 0 ? NO_CHANGE : { deleted, added };
}

const NO_CHANGE: Pick<ChangedSet, "deleted" | "added"> = { deleted: [], added: [] };

function elementsWhere(
  tracker: PopulationTracker,
  classes: readonly PodClass[],
  isMember: (podClass: PodClass) => boolean,
): SetElement[] {
  const elements: SetElement[] = [];
  for (const podClass of classes) {
    if (isMember(podClass))
      tracker.forEachAddress(podClass, (address) => elements.push([elementOf(address), ""]));
  }
  return elements;
}

/** The addresses that may do just `ports` under the one row and not under the other. */
function partDifference(
  before: Row,
  after: Row,
  ports: PortSet,
  tracker: PopulationTracker,
  moved: readonly MovedAddress[],
  classes: readonly PodClass[],
): Pick<ChangedSet, "deleted" | "added"> {
  const deleted: SetElement[] = [];
  const added: SetElement[] = [];
  const movedKeys = new Set<number | bigint>();
  for (const each of moved) {
    movedKeys.add(each.key);
    const was = each.before !== undefined && portsOfClass(before, each.before) === ports;
    const is = each.after !== undefined && portsOfClass(after, each.after) === ports;
    if (was && !is) deleted.push([elementOf(each.address), ""]);
    else if (is && !was) added.push([elementOf(each.address), ""]);
  }
  if (before === after) return { deleted, added };
  for (const podClass of classes) {
    const was = portsOfClass(before, podClass) === ports;
    const is = portsOfClass(after, podClass) === ports;
    if (was === is) continue;
    // Of a class that is new here, all addresses have moved.
    tracker.forEachAddress(podClass, (address, key) => {
      if (!movedKeys.has(key)) (was ? deleted : added).push([elementOf(address), ""]);
    });
  }
  return { deleted, added };
}

/** Those of the members that are not among others. */
function elementsOf(
  members: ReadonlyMap<number | bigint, Address>,
  others: ReadonlyMap<number | bigint, Address> = new Map(),
): SetElement[] {
  const elements: SetElement[] = [];
  for (const [key, address] of members) if (!others.has(key)) elements.push([elementOf(address), ""]);
  return elements;
}
