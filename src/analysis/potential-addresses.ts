import type { ClusterPod } from "../cluster/cluster.ts";
import type { FamilyView } from "../engine/family-view.ts";
import type { Row } from "../engine/row.ts";
import type { Address } from "../net/address.ts";
import { type AddressRange, partitionAddresses, rangeAt } from "../net/address-partition.ts";
import { intersectPorts, NO_PORTS, type PortSet } from "../net/port-set.ts";
import type { PotentialRules } from "./potential-rules.ts";
import type { PresentPods } from "./present-pods.ts";

/** Addresses that no pod has, and what may pass between them and a pod. */
export interface PotentialAddresses {
  readonly ranges: readonly AddressRange[];
  /** True if these are all addresses of the family, or all but those that `ranges` leaves out. */
  readonly rest: boolean;
  readonly ports: PortSet;
  /** What of it may pass for pods that have such an address, of any labels but those that rules deny. */
  readonly podPorts: PortSet;
  /** Pods of the cluster that have such an address; a rule that names the block lets them in too. */
  readonly pods: readonly ClusterPod[];
  /** True if every pod of the cluster that has an address of the family has such a one, as new ones then will. */
  readonly everyPod: boolean;
}

/** Addresses for which rules match every pod otherwise than for pods whose addresses lie in no block. */
export interface AddressPlace {
  readonly ranges: readonly AddressRange[];
  /** The rules as pods with such an address meet them. */
  readonly rules: PotentialRules;
}

/** The places of a row, put together by what its rules make of them. */
export function addressPlaces(
  { family }: FamilyView,
  row: Row,
  rulesFor: (address?: Address) => PotentialRules,
): AddressPlace[] {
  const partition = partitionAddresses(
    family,
    [...row.areas.keys()].map((area) => area.cidr),
  );
  const matching = ({ rules }: PotentialRules): string =>
    rules.map(({ everyPod }) => Number(everyPod)).join("");
  const elsewhere = matching(rulesFor());
  const places = new Map<string, { rules: PotentialRules; ranges: AddressRange[] }>();
  for (const [index, start] of partition.starts.entries()) {
    const rules = rulesFor({ family, value: start });
    const key = matching(rules);
    if (key === elsewhere) continue;
    const place = places.get(key);
    if (place === undefined) places.set(key, { rules, ranges: [rangeAt(partition, index)] });
    else addRange(place.ranges, rangeAt(partition, index));
  }
  return [...places.values()];
}

/** Adds the next range, joined to the last one where they meet. */
function addRange(ranges: AddressRange[], range: AddressRange): void {
  const before = ranges.at(-1);
  if (before !== undefined && before.last + 1n === range.first) {
    ranges[ranges.length - 1] = { ...before, last: range.last };
  } else {
    ranges.push(range);
  }
}

/**
 * The addresses of a family, put together by what a row lets pass for them. Those that get nothing are left out.
 * `podPortsAt` is what may pass for any pod that has an address.
 */
export function potentialAddresses(
  view: FamilyView,
  row: Row,
  present: PresentPods,
  podPortsAt: (address: Address) => PortSet,
): PotentialAddresses[] {
  const { family, areas } = view;
  const partition = partitionAddresses(
    family,
    [...row.areas.keys()].map((area) => area.cidr),
  );
  const rest = view.portsOfArea(row, areas.root);
  const byPorts = new Map<PortSet, AddressRange[]>();
  for (const [index, start] of partition.starts.entries()) {
    const ports = view.portsOfArea(row, areas.areaAt(start));
    const range = rangeAt(partition, index);
    const ranges = byPorts.get(ports) ?? [];
    addRange(ranges, range);
    byPorts.set(ports, ranges);
  }
  return [...byPorts]
    .filter(([ports]) => ports !== NO_PORTS)
    .map(([ports, ranges]) => {
      const pods = present.within(family, ranges);
      const podPorts = ranges.reduce(
        (left, { first }) => intersectPorts(left, podPortsAt({ family, value: first })),
        ports,
      );
      return {
        ranges,
        rest: ports === rest,
        ports,
        podPorts,
        pods,
        everyPod: pods.length === present.count(family),
      };
    });
}
