import type { ClusterPod } from "../../cluster/cluster.ts";
import type { Area } from "../../engine/areas.ts";
import type { PodClass } from "../../engine/classes.ts";
import type { Engine } from "../../engine/engine.ts";
import { type Address, addressKey, type Family } from "../../net/address.ts";
import { type AddressRange, partitionAddresses, rangeAt, rangeIndexOf } from "../../net/address-partition.ts";
import type { AddressRanges } from "../../net/address-ranges.ts";
import { ALL_PORTS, NO_PORTS, type PortSet } from "../../net/port-set.ts";
import { type EndSet, familyBit } from "./end-set.ts";

/** The ends of a set in one family, put together where no policy tells them apart. */
export interface FamilyEnds {
  readonly classes: readonly ClassEnds[];
  readonly hosts: readonly HostEnds[];
  readonly areas: readonly AreaEnds[];
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
export interface AreaEnds extends AskedEnds {
  readonly area: Area;
  readonly ranges: readonly AddressRange[];
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
  const classes = new Map<string, { podClass: PodClass; wanted: PortSet; pods: ClusterPod[] }>();
  const hosts = new Map<string, { address: Address; wanted: PortSet; pods: ClusterPod[] }>();
  const bit = familyBit(family);
  for (const [pod, bits] of set.pods) {
    const address = pod.addresses[family];
    if (address === undefined || (bits & bit) === 0) continue;
    const ports = wanted.ofPod(pod);
    if (ports === NO_PORTS) continue;
    const podClass = view.classOf(pod);
    const key = `${ports.id} ${podClass?.index ?? addressKey(address)}`;
    if (podClass === undefined) {
      const group = hosts.get(key);
      if (group === undefined) hosts.set(key, { address, wanted: ports, pods: [pod] });
      else group.pods.push(pod);
    } else {
      const group = classes.get(key);
      if (group === undefined) classes.set(key, { podClass, wanted: ports, pods: [pod] });
      else group.pods.push(pod);
    }
  }
  const areas = wanted.ofAddresses === NO_PORTS ? [] : areasOf(engine, set.ranges[family], family);
  return {
    classes: [...classes.values()],
    hosts: [...hosts.values()],
    areas: areas.map((each) => ({ ...each, wanted: wanted.ofAddresses })),
  };
}

/** Cuts ranges at the borders of the areas, and puts those of one area together. */
function areasOf(engine: Engine, ranges: AddressRanges, family: Family): Omit<AreaEnds, "wanted">[] {
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
  return [...found].map(([area, of]) => ({ area, ranges: of }));
}
