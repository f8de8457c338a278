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

/** As {@link ExternalPeer}, of several engines: all policies of each of them treat its addresses alike. */
export interface JointExternalPeer {
  readonly kind: "external";
  readonly id: string;
  readonly family: Family;
  readonly ranges: readonly AddressRange[];
  /** For each engine one of its areas, which speaks for all. */
  readonly areas: readonly Area[];
}

/**
 * The addresses of each family, cut into groups that lie in the same blocks of the same rules. IPv6 is covered
 * where a policy speaks of it, and where pods have no IPv4 address to be reached by; or always, if `everyFamily` is set.
 */
export function externalPeers(engine: Engine, everyFamily: boolean = false): ExternalPeer[] {
  return jointExternalPeers([engine], everyFamily).map(({ kind, id, family, ranges, areas }) => ({
    kind,
    id,
    family,
    ranges,
    area: areas[0]!,
  }));
}

/** As {@link externalPeers}, cut so that no engine tells the addresses of a group apart. */
export function jointExternalPeers(
  engines: readonly Engine[],
  everyFamily: boolean = false,
): JointExternalPeer[] {
  return FAMILIES.flatMap((family) => {
    const views = engines.map((engine) => engine.view(family));
    const blocks = views.map((view) => view.blocks());
    const isSpokenOf = everyFamily || blocks.some(({ length }) => length > 0);
    return family === 6 && !isSpokenOf && !engines.some(hasIpv6Only) ? [] : peersOfFamily(views, blocks);
  });
}

function hasIpv6Only({ cluster }: Engine): boolean {
  return cluster.pods.some((pod) => pod.addresses[4] === undefined);
}

function peersOfFamily(
  views: readonly FamilyView[],
  blocks: readonly (readonly LiveBlock[])[],
): JointExternalPeer[] {
  const { family } = views[0]!;
  const memberships = views.map((view, place) => membershipsOf(view, blocks[place]!));
  const cidrs = views.flatMap(({ areas }) => [...areas.all()].map((area) => area.cidr));
  const partition = partitionAddresses(family, cidrs);
  const groups = new Map<string, { areas: Area[]; ranges: AddressRange[] }>();
  for (const [i, start] of partition.starts.entries()) {
    const areas = views.map((view) => view.areas.areaAt(start));
    const key = areas.map((area, place) => memberships[place]!(area)).join("|");
    const range = rangeAt(partition, i);
    const group = groups.get(key);
    const before = group?.ranges.at(-1);
    if (group === undefined) groups.set(key, { areas, ranges: [range] });
    else if (before !== undefined && before.last + 1n === range.first)
      group.ranges[group.ranges.length - 1] = { ...before, last: range.last };
    else group.ranges.push(range);
  }
  return [...groups.values()].map(({ areas, ranges }) => ({
    kind: "external",
    id: externalId(ranges),
    family,
    ranges,
    areas,
  }));
}

/** A text for each area that says in which blocks it lies: equal texts, equal blocks. */
function membershipsOf(view: FamilyView, blocks: readonly LiveBlock[]): (area: Area) => string {
  const distinct = new Set<string>();
  /** How many blocks begin with an area. */
  const starting = new Map<Area, number>();
  /** By area, the numbers of the blocks that leave it out, each with the area that it begins with. */
  const leavingOut = new Map<Area, { readonly number: number; readonly area: Area }[]>();
  for (const { area, except } of blocks) {
    const key = [area, ...except].map(({ id }) => id).join(" ");
    if (distinct.has(key)) continue;
    distinct.add(key);
    starting.set(area, (starting.get(area) ?? 0) + 1);
    for (const each of except) {
      const known = leavingOut.get(each);
      if (known === undefined) leavingOut.set(each, [{ number: distinct.size, area }]);
      else known.push({ number: distinct.size, area });
    }
  }
  const known = new Map<Area, string>();
  return (area) => {
    const before = known.get(area);
    if (before !== undefined) return before;
    const enclosing = view.areas.enclosing(area);
    const leftOut = new Map<Area, Set<number>>();
    for (const outer of enclosing) {
      for (const { number, area: start } of leavingOut.get(outer) ?? []) {
        const numbers = leftOut.get(start);
        if (numbers === undefined) leftOut.set(start, new Set([number]));
        else numbers.add(number);
      }
    }
    // All blocks that begin with an area around this one, but those that leave it out.
    const parts = enclosing.flatMap((outer) => {
      const without = [...(leftOut.get(outer) ?? [])];
      const count = starting.get(outer) ?? 0;
      return count > without.length ? `${outer.id}-${without.sort((a, b) => a - b).join(",")}` : [];
    });
    const text = parts.join(" ");
    known.set(area, text);
    return text;
  };
}

/** The ranges in short; of many, the first ones, which are enough to tell disjoint groups apart. */
function externalId(ranges: readonly AddressRange[]): string {
  const shown = ranges.slice(0, 4).map(formatRangeShort).join(",");
  return ranges.length > 4 ? `${shown},+${ranges.length - 4}` : shown;
}
