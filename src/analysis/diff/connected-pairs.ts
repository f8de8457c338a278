import type { Direction } from "../../k8s/objects.ts";
import { FAMILIES } from "../../net/address.ts";
import { NO_PORTS } from "../../net/port-set.ts";
import type { OutsidePeer, WorkloadPeer } from "./diff-peers.ts";
import { hasHosts, type WorkloadKind } from "./kinds.ts";
import { portsBetween, portsWithArea } from "./workload-side.ts";

/** More kinds of workloads have too many pairs to count them beside all else. */
const MOST_KINDS = 1000;

/**
 * How many pairs are connected before: of workloads, of pods of one workload, and of a workload with the outside as a
 * whole, in each direction. Undefined where there are too many to count.
 */
export function connectedPairs(
  kinds: readonly WorkloadKind[],
  workloads: readonly WorkloadPeer[],
  outside: readonly OutsidePeer[],
): number | undefined {
  const onHosts = workloads.filter(hasHosts);
  if (kinds.length + onHosts.length > MOST_KINDS) return undefined;
  const groups = [...kinds.map(({ members }) => members), ...onHosts.map((peer) => [peer])];
  let count = 0;
  for (const from of groups) {
    for (const to of groups) {
      const destination = from === to ? to[1] : to[0];
      if (destination === undefined || !isOpen(from[0]!, destination)) continue;
      count += from.length * (from === to ? to.length - 1 : to.length);
    }
    for (const direction of ["ingress", "egress"] as const) {
      if (isOpenToOutside(from[0]!, direction, outside)) count += from.length;
    }
    for (const peer of from) if (isOpen(peer, peer)) count++;
  }
  return count;
}

/** True if something may pass before from one workload to another, or between the pods of one. */
export function isOpen(from: WorkloadPeer, to: WorkloadPeer): boolean {
  return FAMILIES.some(
    (family) => (portsBetween(from.sides.before, to.sides.before, family) ?? NO_PORTS) !== NO_PORTS,
  );
}

/** True if something may pass before between a workload and any address outside. */
export function isOpenToOutside(
  { sides }: WorkloadPeer,
  direction: Direction,
  outside: readonly OutsidePeer[],
): boolean {
  return outside.some(
    ({ areas }) => (portsWithArea(sides.before, direction, areas.before) ?? NO_PORTS) !== NO_PORTS,
  );
}
