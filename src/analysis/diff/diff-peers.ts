import type { ClusterPod } from "../../cluster/cluster.ts";
import type { Area } from "../../engine/areas.ts";
import type { Engine } from "../../engine/engine.ts";
import { jointExternalPeers } from "../../engine/external-peers.ts";
import type { Family } from "../../net/address.ts";
import type { AddressRange } from "../../net/address-partition.ts";
import type { Engines, State } from "./states.ts";
import { type WorkloadSide, workloadSides } from "./workload-side.ts";

/** Who can be at an end of a connection before or after. */
export type DiffPeer = WorkloadPeer | OutsidePeer;

/** A workload of either cluster: the same if it has the same id, whatever became of its pods. */
export interface WorkloadPeer {
  readonly kind: "workload";
  /** `shop/db[StatefulSet]`. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** The kind of the workload, such as `StatefulSet`. */
  readonly workloadKind: string;
  /** Its pods run on the networks of their nodes, where no policy limits them. */
  readonly onNodes: boolean;
  /** A state is missing in which it has no pods. */
  readonly sides: Readonly<Partial<Record<State, WorkloadSide>>>;
}

/** Addresses outside the cluster that all policies treat alike, before and after. */
export interface OutsidePeer {
  readonly kind: "external";
  readonly id: string;
  readonly family: Family;
  readonly ranges: readonly AddressRange[];
  /** In each state an area that speaks for all. */
  readonly areas: Readonly<Record<State, Area>>;
}

export interface DiffPeers {
  /** By namespace and name. */
  readonly workloads: readonly WorkloadPeer[];
  readonly outside: readonly OutsidePeer[];
}

export function diffPeers(engines: Engines): DiffPeers {
  const before = workloadSides(engines.before);
  const between = engines.between === engines.before ? before : workloadSides(engines.between);
  const after =
    engines.after === engines.before
      ? before
      : engines.after === engines.between
        ? between
        : workloadSides(engines.after);
  const workloads: WorkloadPeer[] = [];
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const sides = {
      ...withSide("before", before.get(id)),
      // Without its pods of before it is no workload of the state in between.
      ...withSide("between", before.has(id) ? between.get(id) : undefined),
      ...withSide("after", after.get(id)),
    };
    const { workload, hosts } = (sides.after ?? sides.before)!;
    const { namespace, name, kind } = workload;
    const onNodes = hosts.length > 0 && hosts.length === workload.pods.length;
    workloads.push({ kind: "workload", id, namespace, name, workloadKind: kind, onNodes, sides });
  }
  workloads.sort(
    (a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name) || compare(a.id, b.id),
  );
  const distinct = [...new Set([engines.before, engines.between, engines.after])];
  const place = (state: State): number => distinct.indexOf(engines[state]);
  // A block of IPv4 keeps IPv6 out, though nobody speaks of it: without it, IPv6 opens.
  const outside = jointExternalPeers(distinct, distinct.some(hasIpv6)).map(
    ({ kind, id, family, ranges, areas }): OutsidePeer => ({
      kind,
      id,
      family,
      ranges,
      areas: {
        before: areas[place("before")]!,
        between: areas[place("between")]!,
        after: areas[place("after")]!,
      },
    }),
  );
  return { workloads, outside: outside.filter((peer) => !isOfPods(engines, peer)) };
}

function hasIpv6({ cluster }: Engine): boolean {
  return cluster.pods.some(({ addresses }) => addresses[6] !== undefined);
}

/** A range that is looked through for an address that is no pod's. */
const MOST_ADDRESSES = 256n;

/** True of a range in which every address is a pod's, before and after: policies name it, but nobody outside has it. */
function isOfPods(engines: Engines, { family, ranges }: OutsidePeer): boolean {
  const count = ranges.reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
  if (count > MOST_ADDRESSES) return false;
  return ranges.every(({ first, last }) => {
    for (let value = first; value <= last; value++) {
      const isPods = ({ addresses }: Engine): boolean => addresses.podAt({ family, value }) !== undefined;
      if (!isPods(engines.before) || !isPods(engines.after)) return false;
    }
    return true;
  });
}

function withSide(state: State, side: WorkloadSide | undefined): Partial<Record<State, WorkloadSide>> {
  return side === undefined ? {} : { [state]: side };
}

/** The pods of a workload in a state. */
export function podsOf(peer: WorkloadPeer, state: State): readonly ClusterPod[] {
  return peer.sides[state]?.workload.pods ?? [];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
