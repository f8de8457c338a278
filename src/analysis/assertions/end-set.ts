import type { ClusterPod } from "../../cluster/cluster.ts";
import { type Address, FAMILIES, type Family } from "../../net/address.ts";
import {
  type AddressRanges,
  intersectAddresses,
  joinRanges,
  noAddresses,
  subtractAddresses,
} from "../../net/address-ranges.ts";

/** Families as bits: a pod may be meant by its address of one family only. */
export type FamilyBits = number;

/** The bit of a family. */
export function familyBit(family: Family): FamilyBits {
  return family === 4 ? 1 : 2;
}

/** Both families. */
export const BOTH_FAMILIES: FamilyBits = familyBit(4) | familyBit(6);

/** Everybody that the ends of a case stand for. */
export interface EndSet {
  /** In the order of the cluster, with the families in which they are meant. */
  readonly pods: ReadonlyMap<ClusterPod, FamilyBits>;
  /** Addresses that are no pod's, those of nodes among them. */
  readonly ranges: Readonly<Record<Family, AddressRanges>>;
  /** One address of each block that was named itself: an end without its family cannot talk to it. */
  readonly named: readonly Address[];
}

/** Nobody. */
export const NOBODY: EndSet = { pods: new Map(), ranges: noAddresses(), named: [] };

/** All that is in one of the sets. */
export function joinEnds(sets: readonly EndSet[]): EndSet {
  const [only] = sets;
  if (only !== undefined && sets.length === 1) return only;
  const pods = new Map<ClusterPod, FamilyBits>();
  for (const set of sets) for (const [pod, bits] of set.pods) pods.set(pod, (pods.get(pod) ?? 0) | bits);
  return {
    pods,
    ranges: byFamily((family) => joinRanges(sets.flatMap(({ ranges }) => ranges[family]))),
    named: sets.flatMap(({ named }) => named),
  };
}

/** All that is in the first and not in the second. */
export function withoutEnds(set: EndSet, except: EndSet): EndSet {
  const pods = new Map<ClusterPod, FamilyBits>();
  for (const [pod, bits] of set.pods) {
    const left = bits & ~(except.pods.get(pod) ?? 0);
    if (left !== 0) pods.set(pod, left);
  }
  const ranges = byFamily((family) => {
    const [all, taken] = [set.ranges[family], except.ranges[family]];
    // The same ranges need not be looked at again.
    return taken.length === 0 ? all : subtractAddresses(all, taken);
  });
  return { pods, ranges, named: set.named };
}

/** True if somebody is in both. */
export function endsMeet(a: EndSet, b: EndSet): boolean {
  const [few, many] = a.pods.size < b.pods.size ? [a, b] : [b, a];
  for (const [pod, bits] of few.pods) if ((bits & (many.pods.get(pod) ?? 0)) !== 0) return true;
  return FAMILIES.some((family) => intersectAddresses(a.ranges[family], b.ranges[family]).length > 0);
}

/** True if nobody is in it. */
export function isNobody({ pods, ranges }: EndSet): boolean {
  return pods.size === 0 && FAMILIES.every((family) => ranges[family].length === 0);
}

function byFamily<T>(value: (family: Family) => T): Record<Family, T> {
  return { 4: value(4), 6: value(6) };
}
