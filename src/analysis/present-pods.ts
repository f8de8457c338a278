import type { Cluster, ClusterPod } from "../cluster/cluster.ts";
import { selectorMatches } from "../k8s/selector.ts";
import type { Family } from "../net/address.ts";
import type { AddressRange } from "../net/address-partition.ts";
import type { PodPattern } from "./pod-pattern.ts";

/** The pods of a cluster that policies can see, looked up again and again. */
export interface PresentPods {
  /** Those that a pattern chooses. */
  choosing(pattern: PodPattern): readonly ClusterPod[];
  /** Those with an address in one of the ranges of a family, which are disjoint and ascending. */
  within(family: Family, ranges: readonly AddressRange[]): readonly ClusterPod[];
  /** How many have an address of the family. */
  count(family: Family): number;
}

export function presentPods({ pods: all, namespaces }: Cluster): PresentPods {
  const seen = all.filter((pod) => !pod.hostNetwork);
  const byNamespace = new Map<string, ClusterPod[]>();
  for (const pod of seen) {
    const pods = byNamespace.get(pod.namespace);
    if (pods === undefined) byNamespace.set(pod.namespace, [pod]);
    else pods.push(pod);
  }
  const ofFamily = { 4: ofFamilySorted(seen, 4), 6: ofFamilySorted(seen, 6) };
  const chosen = new Map<PodPattern, readonly ClusterPod[]>();

  const choose = ({ selection: { namespaces: place, pods } }: PodPattern): ClusterPod[] => {
    const names =
      place.kind === "name"
        ? [place.name]
        : [...byNamespace.keys()].filter((name) =>
            selectorMatches(place.selector, namespaces.get(name)?.labels ?? {}),
          );
    return names.flatMap((name) =>
      (byNamespace.get(name) ?? []).filter(({ labels }) => selectorMatches(pods, labels)),
    );
  };

  return {
    choosing: (pattern) => {
      let pods = chosen.get(pattern);
      if (pods === undefined) {
        pods = choose(pattern);
        chosen.set(pattern, pods);
      }
      return pods;
    },
    within: (family, ranges) =>
      ranges.flatMap(({ first, last }) => {
        const { values, pods } = ofFamily[family];
        return pods.slice(placeOf(values, first), placeOf(values, last + 1n));
      }),
    count: (family) => ofFamily[family].pods.length,
  };
}

interface SortedPods {
  readonly values: readonly bigint[];
  readonly pods: readonly ClusterPod[];
}

function ofFamilySorted(pods: readonly ClusterPod[], family: Family): SortedPods {
  const sorted = pods
    .flatMap((pod) => {
      const address = pod.addresses[family];
      return address === undefined ? [] : [{ pod, value: address.value }];
    })
    .sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  return { values: sorted.map(({ value }) => value), pods: sorted.map(({ pod }) => pod) };
}

/** How many of the ascending values are below the given one. */
function placeOf(values: readonly bigint[], value: bigint): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
