import { FAMILIES } from "../../net/address.ts";
import type { WorkloadPeer } from "./diff-peers.ts";
import type { FamilySide, WorkloadSide } from "./workload-side.ts";

/** Workloads whose pods are of the same classes before, in between and after: no policy tells them apart. */
export interface WorkloadKind {
  readonly members: readonly WorkloadPeer[];
}

/**
 * Puts workloads together that have the same pairs with others. Those with pods on the networks of nodes are left out:
 * what they reach depends on where pods run.
 */
export function workloadKinds(workloads: readonly WorkloadPeer[]): WorkloadKind[] {
  const kinds = new Map<string, WorkloadPeer[]>();
  for (const peer of workloads) {
    if (hasHosts(peer)) continue;
    const { before, between, after } = peer.sides;
    const key = [before, between === before ? undefined : between, after].map(classesKey).join("|");
    const members = kinds.get(key);
    if (members === undefined) kinds.set(key, [peer]);
    else members.push(peer);
  }
  return [...kinds.values()].map((members) => ({ members }));
}

/** True if some of its pods are on the network of a node, before or after. */
export function hasHosts({ sides }: WorkloadPeer): boolean {
  return [sides.before, sides.after].some((side) => side !== undefined && side.hosts.length > 0);
}

function classesKey(side: WorkloadSide | undefined): string {
  return side === undefined ? "" : FAMILIES.map((family) => indexesOf(side.families[family])).join("/");
}

function indexesOf({ classes }: FamilySide): string {
  return classes
    .map(({ index }) => index)
    .sort((a, b) => a - b)
    .join(" ");
}
