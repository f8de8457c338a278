import type { ClusterPod } from "../../cluster/cluster.ts";
import type { Area } from "../../engine/areas.ts";
import type { PodClass } from "../../engine/classes.ts";
import type { Engine } from "../../engine/engine.ts";
import { type Address, addressKey, type Family, parseAddress } from "../../net/address.ts";
import { type AddressRange, partitionAddresses, rangeAt, rangeIndexOf } from "../../net/address-partition.ts";
import type { AddressRanges } from "../../net/address-ranges.ts";
import { ALL_PORTS, NO_PORTS, type PortSet } from "../../net/port-set.ts";
import { type EndSet, familyBit } from "./end-set.ts";

/** The ends of a set in one family, put together where no policy tells them apart. */
export interface FamilyEnds {
  readonly classes: readonly ClassEnds[];
  readonly hosts: readonly HostEnds[];
  readonly areas: readonly AreaEnds[];
  /** The ports that are asked about at addresses. */
  readonly wantedOfAreas: PortSet;
}

interface AskedEnds {
  /** The ports that are asked about at these ends, where they are destinations. */
  readonly wanted: PortSet;
}

/** Pods of one class. */
export interface ClassEnds extends AskedEnds {
  readonly podClass: PodClass;
  readonly pods: readonly ClusterPod[];
}

/** Host-network pods with one address: to policies they are that address. */
export interface HostEnds extends AskedEnds {
  readonly address: Address;
  readonly pods: readonly ClusterPod[];
}

/** Addresses of one area that are no pod's. */
export interface AreaEnds {
  readonly area: Area;
  /** One of them that is no node's; all of them, if they are all nodes'. */
  readonly addresses: readonly Address[];
  /** True if they are all nodes'. */
  readonly ofNodes: boolean;
}

/** Which ports are asked about at an end; {@link NO_PORTS} leaves it out. */
export interface WantedPorts {
  readonly ofPod: (pod: ClusterPod) => PortSet;
  readonly ofAddresses: PortSet;
}

/** What sources are asked about: nothing of their own. */
const SOURCES: WantedPorts = { ofPod: () => ALL_PORTS, ofAddresses: ALL_PORTS };

/** Groups the ends of a set by what the engine tells apart in a family. */
export function familyEnds(
  engine: Engine,
  set: EndSet,
  family: Family,
  wanted: WantedPorts = SOURCES,
): FamilyEnds {
  const view = engine.view(family);
  // Nearly always one group a class: what is asked about differs with the ports that pods declare.
  const classes = new Map<PodClass, ClassGroup[]>();
  const hosts = new Map<number | bigint, HostGroup[]>();
  const bit = familyBit(family);
  for (const [pod, bits] of set.pods) {
    const address = pod.addresses[family];
    if (address === undefined || (bits & bit) === 0) continue;
    const ports = wanted.ofPod(pod);
    if (ports === NO_PORTS) continue;
    const podClass = view.classOf(pod);
    if (podClass === undefined) {
      put(hosts, addressKey(address), pod, ports, (pods) => ({ address, wanted: ports, pods }));
    } else {
      put(classes, podClass, pod, ports, (pods) => ({ podClass, wanted: ports, pods }));
    }
  }
  const areas = wanted.ofAddresses === NO_PORTS ? [] : areasOf(engine, set.ranges[family], family);
  return {
    classes: [...classes.values()].flat(),
    hosts: [...hosts.values()].flat(),
    areas,
    wantedOfAreas: wanted.ofAddresses,
  };
}

type ClassGroup = ClassEnds & { readonly pods: ClusterPod[] };
type HostGroup = HostEnds & { readonly pods: ClusterPod[] };

function put<Key, Group extends AskedEnds & { readonly pods: ClusterPod[] }>(
  groups: Map<Key, Group[]>,
  key: Key,
  pod: ClusterPod,
  ports: PortSet,
  start: (pods: ClusterPod[]) => Group,
): void {
  const known = groups.get(key);
  const group = known?.find(({ wanted }) => wanted === ports);
  if (group !== undefined) group.pods.push(pod);
  else if (known !== undefined) known.push(start([pod]));
  else groups.set(key, [start([pod])]);
}

/** By the ranges, as most cases that speak of the outside speak of all of it. Gone with the ranges. */
const knownAreas = new WeakMap<
  AddressRanges,
  { engine: Engine; generation: number; areas: readonly AreaEnds[] }
>();

function areasOf(engine: Engine, ranges: AddressRanges, family: Family): readonly AreaEnds[] {
  const known = knownAreas.get(ranges);
  if (known?.engine === engine && known.generation === engine.generation) return known.areas;
  const areas = cutByAreas(engine, ranges, family);
  knownAreas.set(ranges, { engine, generation: engine.generation, areas });
  return areas;
}

/** Cuts ranges at the borders of the areas, and puts those of one area together. */
function cutByAreas(engine: Engine, ranges: AddressRanges, family: Family): AreaEnds[] {
  if (ranges.length === 0) return [];
  const { areas } = engine.view(family);
  const partition = partitionAddresses(
    family,
    [...areas.all()].map(({ cidr }) => cidr),
  );
  const found = new Map<Area, AddressRange[]>();
  for (const range of ranges) {
    for (let i = rangeIndexOf(partition, range.first); i < partition.starts.length; i++) {
      const part = rangeAt(partition, i);
      if (part.first > range.last) break;
      const first = part.first > range.first ? part.first : range.first;
      const last = part.last < range.last ? part.last : range.last;
      const area = areas.areaAt(first);
      const known = found.get(area);
      if (known === undefined) found.set(area, [{ family, first, last }]);
      else known.push({ family, first, last });
    }
  }
  return [...found].map(([area, of]) => {
    const addresses = likelyAddresses(engine, of);
    return { area, addresses, ofNodes: engine.addresses.nodeAt(addresses[0]!) !== undefined };
  });
}

/** Addresses that stand for all others outside, where they are among those that are meant (RFC 5737, RFC 3849). */
const WELL_KNOWN: readonly Address[] = ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"].map(
  (text) => parseAddress(text)!,
);

/** An address of ranges that is no node's; all of them, if there is none. */
function likelyAddresses(engine: Engine, ranges: readonly AddressRange[]): readonly Address[] {
  const known = WELL_KNOWN.find(
    ({ family, value }) =>
      ranges.some((range) => range.family === family && range.first <= value && value <= range.last) &&
      engine.addresses.nodeAt({ family, value }) === undefined,
  );
  if (known !== undefined) {
    return [known];
  }
  const ofNodes: Address[] = [];
  for (const { family, first, last } of ranges) {
    // The first address of a block is often that of the network itself.
    const start = last - first > 1n ? first + 1n : first;
    for (let value = start; value <= last; value++) {
      const address = { family, value };
      if (engine.addresses.nodeAt(address) === undefined) {
        // It speaks for all others of its kind.
        return [address];
      }
      ofNodes.push(address);
    }
    if (start > first) ofNodes.push({ family, value: first });
  }
  return ofNodes;
}
