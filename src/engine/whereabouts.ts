import { FAMILIES, type Family } from "../net/address.ts";
import type { Area, Areas } from "./areas.ts";
import type { PodClass } from "./classes.ts";
import { addTo, removeFrom } from "./multi-map.ts";

/** In which areas the classes are. */
export interface Whereabouts {
  enter(podClass: PodClass): void;
  leave(podClass: PodClass): void;
  /** The classes whose area is this one or lies within it. */
  within(area: Area): ReadonlySet<PodClass>;
  /** The areas that classes are in, with these classes, smaller areas inside them aside. */
  populated(family: Family): ReadonlyMap<Area, ReadonlySet<PodClass>>;
  /** The area with the most classes: where the pods of most clusters all are. */
  home(family: Family): Area;
  /** After an area came out of the one around it: takes over the classes of smaller areas that are inside it now. */
  areaAdded(area: Area, around: Area): void;
  areaRemoved(area: Area): void;
}

const NO_CLASSES: ReadonlySet<PodClass> = new Set();

export function createWhereabouts(areas: Readonly<Record<Family, Areas>>): Whereabouts {
  const within = new Map<Area, Set<PodClass>>();
  const populated: Record<Family, Map<Area, Set<PodClass>>> = { 4: new Map(), 6: new Map() };
  /** Undefined after the classes have changed. */
  const homes: Record<Family, Area | undefined> = { 4: undefined, 6: undefined };

  return {
    enter: (podClass) => {
      for (const family of FAMILIES) {
        const area = podClass.areas[family];
        if (area === undefined) continue;
        homes[family] = undefined;
        addTo(populated[family], area, podClass);
        for (const outer of areas[family].enclosing(area)) addTo(within, outer, podClass);
      }
    },
    leave: (podClass) => {
      for (const family of FAMILIES) {
        const area = podClass.areas[family];
        if (area === undefined) continue;
        homes[family] = undefined;
        removeFrom(populated[family], area, podClass);
        for (const outer of areas[family].enclosing(area)) within.get(outer)?.delete(podClass);
        // An area that is gone is not among those around itself.
        within.get(area)?.delete(podClass);
      }
    },
    within: (area) => within.get(area) ?? NO_CLASSES,
    populated: (family) => populated[family],
    home: (family) => {
      const known = homes[family];
      if (known !== undefined) return known;
      let home = areas[family].root;
      let most = 0;
      for (const [area, inside] of populated[family]) {
        if (inside.size <= most) continue;
        home = area;
        most = inside.size;
      }
      homes[family] = home;
      return home;
    },
    areaAdded: (area, around) => {
      const { family, first, last } = area.cidr;
      const inherited = new Set<PodClass>();
      for (const podClass of within.get(around) ?? []) {
        const own = podClass.areas[family];
        if (own !== around && own !== undefined && own.cidr.first >= first && own.cidr.last <= last)
          inherited.add(podClass);
      }
      if (inherited.size > 0) within.set(area, inherited);
    },
    areaRemoved: (area) => {
      within.delete(area);
    },
  };
}
