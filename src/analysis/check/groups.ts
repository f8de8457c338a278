import type { RelatedPlace } from "../../k8s/finding.ts";

/** Items by what is to be said of them once, in the order in which each comes first. */
export function groupsOf<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** More places than this help nobody. */
const MOST_PLACES = 10;

/** The other places of which a finding speaks too, the first few. Undefined if there is none. */
export function otherPlaces<T>(
  others: readonly T[],
  placeOf: (item: T) => Required<RelatedPlace>,
): readonly RelatedPlace[] | undefined {
  return others.length === 0 ? undefined : others.slice(0, MOST_PLACES).map(placeOf);
}
