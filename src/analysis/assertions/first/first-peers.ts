import type { ClusterWorkload } from "../../../cluster/cluster.ts";
import type { Engine } from "../../../engine/engine.ts";
import { type ExternalPeer, externalPeers } from "../../../engine/external-peers.ts";
import { FAMILIES, type Family } from "../../../net/address.ts";
import {
  type AddressRanges,
  intersectAddresses,
  joinRanges,
  noAddresses,
} from "../../../net/address-ranges.ts";
import { ALL_PORTS, intersectPorts, NO_PORTS, type PortSet, unionPorts } from "../../../net/port-set.ts";
import type { ClusterEnds } from "../cluster-ends.ts";
import { BOTH_FAMILIES, type EndSet } from "../end-set.ts";
import { type FamilyEnds, familyEnds } from "../family-ends.ts";
import { judgePairs } from "../judge-pairs.ts";

/** Who can be named at an end: a workload, or addresses outside that all policies treat alike. */
export type FirstPeer = WorkloadPeer | OutsidePeer;

interface PeerEnds {
  readonly ends: Readonly<Record<Family, FamilyEnds>>;
}

export interface WorkloadPeer extends PeerEnds {
  readonly kind: "workload";
  readonly workload: ClusterWorkload;
}

export interface OutsidePeer extends PeerEnds {
  readonly kind: "outside";
  readonly external: ExternalPeer;
}

/** Everybody in a cluster who can be named. */
export function firstPeers(engine: Engine, ends: ClusterEnds): FirstPeer[] {
  const workloads = ends.cluster.workloads.map((workload): WorkloadPeer => {
    const pods = new Map(workload.pods.map((pod) => [pod, BOTH_FAMILIES]));
    return { kind: "workload", workload, ends: endsOf(engine, { pods, ranges: noAddresses(), named: [] }) };
  });
  const outside = externalPeers(engine, true).flatMap((external): OutsidePeer[] => {
    const { family } = external;
    const ranges: Record<Family, AddressRanges> = noAddresses();
    ranges[family] = intersectAddresses(joinRanges(external.ranges), ends.outside[family]);
    if (ranges[family].length === 0) return [];
    return [{ kind: "outside", external, ends: endsOf(engine, { pods: new Map(), ranges, named: [] }) }];
  });
  return [...workloads, ...outside];
}

function endsOf(engine: Engine, set: EndSet): Record<Family, FamilyEnds> {
  return { 4: familyEnds(engine, set, 4), 6: familyEnds(engine, set, 6) };
}

/** What may pass between two peers. */
export interface PeerVerdict {
  /** What may pass between any two of their ends, in every family. */
  readonly every: PortSet;
  /** What may pass between some. */
  readonly some: PortSet;
  /** False where policies have nothing to decide. */
  readonly isJudged: boolean;
  /** True where some of their ends share no family, so that nothing can pass between these. */
  readonly hasStrangers: boolean;
}

/** Judges two peers. */
export function verdictOf(engine: Engine, from: FirstPeer, to: FirstPeer): PeerVerdict {
  let every = ALL_PORTS;
  let some = NO_PORTS;
  let isJudged = false;
  for (const family of FAMILIES) {
    judgePairs(engine, family, from.ends[family], to.ends[family], (passing) => {
      isJudged = true;
      every = intersectPorts(every, passing);
      some = unionPorts(some, passing);
    });
  }
  const hasStrangers = from.kind === "workload" && to.kind === "workload" && haveStrangers(from, to);
  return { every: isJudged && !hasStrangers ? every : NO_PORTS, some, isJudged, hasStrangers };
}

function haveStrangers({ workload: from }: WorkloadPeer, { workload: to }: WorkloadPeer): boolean {
  const families = ({ pods }: ClusterWorkload): Set<number> =>
    new Set(
      pods.map(
        ({ addresses }) => (addresses[4] === undefined ? 0 : 1) | (addresses[6] === undefined ? 0 : 2),
      ),
    );
  const others = families(to);
  return [...families(from)].some((bits) => [...others].some((each) => (bits & each) === 0));
}
