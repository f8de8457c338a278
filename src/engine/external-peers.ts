import { FAMILIES, type Family } from "../net/address.ts";
import {
  type AddressRange,
  formatRangeShort,
  partitionAddresses,
  rangeAt,
} from "../net/address-partition.ts";
import type { Area } from "./areas.ts";
import type { Engine } from "./engine.ts";
import type { FamilyView } from "./family-view.ts";
import type { LiveBlock } from "./live-policy.ts";

/** Addresses outside the cluster that all policies treat alike. */
export interface ExternalPeer {
  readonly kind: "external";
  readonly id: string;
  readonly family: Family;
  readonly ranges: readonly AddressRange[];
  /** One of its areas, which speaks for all. */
  readonly area: Area;
}

/**
 * The addresses of each family, cut into groups that lie in the same blocks of the same rules. IPv6 is covered
 * where a policy speaks of it, and where pods have no IPv4 address to be reached by; or always, if `everyFamily` is set.
 */
export function externalPeers(engine: Engine, everyFamily: boolean = false): ExternalPeer[] {
  return FAMILIES.flatMap((family) => {
    const view = engine.view(family);
    const blocks = view.blocks();
    const onlyIpv6 = family === 6 && engine.cluster.pods.some((pod) => pod.addresses[4] === undefined);
    return family === 6 && blocks.length === 0 && !onlyIpv6 && !everyFamily
      ? []
      : peersOfFamily(view, blocks);
  });
}

function peersOfFamily(view: FamilyView, blocks: readonly LiveBlock[]): ExternalPeer[] {
  const memberships = membershipsOf(view, blocks);
  const cidrs = [...view.areas.all()].map((area) => area.cidr);
  const partition = partitionAddresses(view.family, cidrs);
  const groups = new Map<string, { area: Area; ranges: AddressRange[] }>();
  for (const [i, start] of partition.starts.entries()) {
    const area = view.areas.areaAt(start);
    const key = memberships(area);
    const range = rangeAt(partition, i);
    const group = groups.get(key);
    const before = group?.ranges.at(-1);
    if (group === undefined) groups.set(key, { area, ranges: [range] });
    else if (before !== undefined && before.last + 1n === range.first)
      group.ranges[group.ranges.length - 1] = { ...before, last: range.last };
    else group.ranges.push(range);
  }
  return [...groups.values()].map(({ area, ranges }) => ({
    kind: "external",
    id: externalId(ranges),
    family: view.family,
    ranges,
    area,
  }));
}

/** A text for each area that says in which blocks it lies. */
function membershipsOf(view: FamilyView, blocks: readonly LiveBlock[]): (area: Area) => string {
  const distinct = new Map<string, { readonly number: number; readonly block: LiveBlock }>();
  for (const block of blocks) {
    const key = [block.area, ...block.except].map((area) => area.id).join(" ");
    if (!distinct.has(key)) distinct.set(key, { number: distinct.size, block });
  }
  const byArea = new Map<Area, { readonly number: number; readonly block: LiveBlock }[]>();
  for (const entry of distinct.values()) {
    const entries = byArea.get(entry.block.area);
    if (entries === undefined) byArea.set(entry.block.area, [entry]);
    else entries.push(entry);
  }
  return (area) => {
    const enclosing = view.areas.enclosing(area);
    const numbers = enclosing.flatMap((outer) =>
      (byArea.get(outer) ?? [])
        .filter(({ block }) => !block.except.some((except) => enclosing.includes(except)))
        .map(({ number }) => number),
    );
    return numbers.sort((a, b) => a - b).join(" ");
  };
}

/** The ranges in short; of many, the first ones, which are enough to tell disjoint groups apart. */
function externalId(ranges: readonly AddressRange[]): string {
  const shown = ranges.slice(0, 4).map(formatRangeShort).join(",");
  return ranges.length > 4 ? `${shown},+${ranges.length - 4}` : shown;
}
