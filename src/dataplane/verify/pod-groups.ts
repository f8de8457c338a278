import type { ClusterPod } from "../../cluster/cluster.ts";
import type { PodClass } from "../../engine/classes.ts";
import type { Engine } from "../../engine/engine.ts";
import { type Family, formatAddress } from "../../net/address.ts";

/** Pods that neither engine can tell apart. */
export interface PodGroup {
  readonly podClass: PodClass;
  /** Their class where no audited policy is in force; absent if that is not asked about. */
  readonly unaudited?: PodClass;
  readonly pods: ClusterPod[];
}

/** The pods of one family by what policies see of them, and by address. */
export interface PodGroups {
  readonly groups: readonly PodGroup[];
  /** The place among the groups of the pod that policies see at an address. */
  readonly placeAt: ReadonlyMap<string, number>;
  /** Addresses in the same order as the pods of a group. */
  readonly addresses: readonly (readonly string[])[];
}

export function podGroups(engine: Engine, unaudited: Engine | undefined, family: Family): PodGroups {
  const groups: PodGroup[] = [];
  const placeAt = new Map<string, number>();
  const addresses: string[][] = [];
  const otherPods =
    unaudited === undefined ? undefined : new Map(unaudited.cluster.pods.map((pod) => [pod.id, pod]));
  for (const podClass of engine.view(family).classes()) {
    const places = new Map<PodClass | undefined, number>();
    for (const pod of podClass.pods) {
      const address = pod.addresses[family]!;
      // Two pods may have one address for a moment: it is the later one's.
      if (engine.addresses.podAt(address) !== pod) continue;
      let other: PodClass | undefined;
      if (otherPods !== undefined) {
        const same = otherPods.get(pod.id);
        other = same === undefined ? undefined : unaudited!.view(family).classOf(same);
        if (other === undefined)
          throw new Error(`${pod.id} is not in the cluster without the audited policies`);
      }
      let place = places.get(other);
      if (place === undefined) {
        place = groups.push({ podClass, ...(other === undefined ? {} : { unaudited: other }), pods: [] }) - 1;
        places.set(other, place);
        addresses.push([]);
      }
      const text = formatAddress(address);
      groups[place]!.pods.push(pod);
      addresses[place]!.push(text);
      placeAt.set(text, place);
    }
  }
  return { groups, placeAt, addresses };
}
