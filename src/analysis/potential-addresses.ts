import type { Cluster, ClusterPod } from "../cluster/cluster.ts";
import type { FamilyView } from "../engine/family-view.ts";
import type { Row } from "../engine/row.ts";
import { type AddressRange, partitionAddresses, rangeAt } from "../net/address-partition.ts";
import { NO_PORTS, type PortSet } from "../net/port-set.ts";

/** Addresses that no pod has, and what may pass between them and a pod. */
export interface PotentialAddresses {
  readonly ranges: readonly AddressRange[];
  /** True if these are all addresses of the family, or all but those that `ranges` leaves out. */
  readonly rest: boolean;
  readonly ports: PortSet;
  /** Pods of the cluster that have such an address; a rule that names the block lets them in too. */
  readonly pods: readonly ClusterPod[];
}

/** The addresses of a family, put together by what a row lets pass for them. Those that get nothing are left out. */
export function potentialAddresses(view: FamilyView, row: Row, cluster: Cluster): PotentialAddresses[] {
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
    const before = ranges.at(-1);
    if (before !== undefined && before.last + 1n === range.first) {
      ranges[ranges.length - 1] = { ...before, last: range.last };
    } else {
      ranges.push(range);
    }
    byPorts.set(ports, ranges);
  }
  return [...byPorts]
    .filter(([ports]) => ports !== NO_PORTS)
    .map(([ports, ranges]) => ({
      ranges,
      rest: ports === rest,
      ports,
      pods: cluster.pods.filter((pod) => isIn(pod, ranges)),
    }));
}

function isIn(pod: ClusterPod, ranges: readonly AddressRange[]): boolean {
  if (pod.hostNetwork) return false;
  return ranges.some(({ family, first, last }) => {
    const address = pod.addresses[family];
    return address !== undefined && first <= address.value && address.value <= last;
  });
}
