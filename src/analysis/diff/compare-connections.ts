import type { Direction } from "../../k8s/objects.ts";
import { FAMILIES } from "../../net/address.ts";
import { connectedPairs, isOpen, isOpenToOutside } from "./connected-pairs.ts";
import type { DiffPeer, DiffPeers, OutsidePeer, WorkloadPeer } from "./diff-peers.ts";
import { type DifferingKinds, differingKinds } from "./differing-kinds.ts";
import { kindComparison } from "./kind-comparison.ts";
import { hasHosts, type WorkloadKind, workloadKinds } from "./kinds.ts";
import { type NetChange, netChanges } from "./net-change.ts";
import { type OutsideDifference, outsideDifferences } from "./outside-differences.ts";
import type { Engines } from "./states.ts";
import { type ChangeCounts, createTally } from "./tally.ts";
import { touchedKinds } from "./touched-kinds.ts";
import { portsBetween, portsWithArea } from "./workload-side.ts";

/** One and the same change of many pairs: from each of `from` to each of `to`, but never from a workload to itself. */
export interface ChangedPairs extends NetChange {
  readonly from: readonly DiffPeer[];
  readonly to: readonly DiffPeer[];
  /** Set if it is about the pods of one workload among themselves; `from` and `to` are then this workload. */
  readonly within: boolean;
}

export interface ComparedConnections {
  readonly changed: readonly ChangedPairs[];
  readonly counts: ChangeCounts;
  /** Connections that are what they were; undefined where there are too many pairs to count them. */
  readonly unchanged: number | undefined;
}

/** What is known of two clusters that saves comparing. */
export interface ComparisonFacts {
  /** `Kind id` of the policies that are not the same before and after. */
  readonly changedPolicies: ReadonlySet<string>;
  /** Pods, namespaces and nodes are the same. */
  readonly samePods: boolean;
}

/**
 * Compares what may pass between all workloads, and between them and the outside, without looking at each pair: only at
 * those of which one side's rows say something else than before.
 */
export function compareConnections(
  engines: Engines,
  { workloads, outside }: DiffPeers,
  facts: ComparisonFacts,
): ComparedConnections {
  const changed: ChangedPairs[] = [];
  const tally = createTally();
  const kinds = workloadKinds(workloads);
  const connected = connectedPairs(kinds, workloads, outside);
  if (engines.before === engines.after) return { changed, counts: tally.counts, unchanged: connected };

  const isTouched = touchedKinds(engines, facts);
  const changesOfKinds = kindComparison(isTouched, facts.samePods);
  const differing = DIRECTIONS.map((direction) => ({
    direction,
    families: FAMILIES.map((family) => ({
      family,
      groups: differingKinds(kinds, direction, family, isTouched),
    })),
  }));
  const [ingress, egress] = differing.map(({ families }) => families.flatMap(({ groups }) => groups));
  for (const [to, sources] of changedSources(kinds, ingress!, egress!)) {
    const collected = createCollector<WorkloadKind>();
    for (const from of sources) {
      const changes = changesOfKinds(from, to);
      collected.add(changes, from);
      const pairs = from.members.length * (from === to ? to.members.length - 1 : to.members.length);
      tally.add(changes, pairs, () => isOpen(from.members[0]!, to.members[from === to ? 1 : 0]!));
    }
    for (const { change, items } of collected.all()) {
      const from = items.flatMap(({ members }) => members);
      changed.push({ ...change, from, to: to.members, within: false });
    }
  }

  const addOutside = (
    members: readonly WorkloadPeer[],
    direction: Direction,
    differences: readonly OutsideDifference[],
  ): void => {
    const collected = createCollector<OutsidePeer>();
    const all: NetChange[] = [];
    for (const difference of differences) {
      for (const { changes, peers } of changesWithOutside(members[0]!, direction, difference)) {
        for (const peer of peers) collected.add(changes, peer);
        all.push(...changes);
      }
    }
    tally.add(all, members.length, () => isOpenToOutside(members[0]!, direction, outside));
    for (const { change, items } of collected.all()) {
      const ends = direction === "ingress" ? { from: items, to: members } : { from: members, to: items };
      changed.push({ ...change, ...ends, within: false });
    }
  };
  const differencesOf = outsideDifferences(engines, outside);
  for (const { direction, families } of differing) {
    const perKind = new Map<WorkloadKind, OutsideDifference[]>();
    for (const { family, groups } of families) {
      for (const { rows, subjects } of groups) {
        const differences = differencesOf(rows, family);
        for (const place of differences.length === 0 ? [] : subjects) {
          const kind = kinds[place]!;
          perKind.set(kind, [...(perKind.get(kind) ?? []), ...differences]);
        }
      }
    }
    for (const [{ members }, differences] of perKind) addOutside(members, direction, differences);
  }

  const onHosts = workloads.filter(hasHosts);
  for (const to of workloads) {
    const collected = createCollector<WorkloadPeer>();
    for (const from of hasHosts(to) ? workloads : onHosts) {
      if (from === to) continue;
      const changes = changesBetween(from, to);
      collected.add(changes, from);
      tally.add(changes, 1, () => isOpen(from, to));
    }
    for (const { change, items } of collected.all()) {
      changed.push({ ...change, from: items, to: [to], within: false });
    }
  }
  const touched = kinds.filter((kind) => DIRECTIONS.some((direction) => isTouched(kind, direction)));
  for (const peer of [...touched.flatMap(({ members }) => members), ...onHosts]) {
    const within = changesBetween(peer, peer);
    tally.add(within, 1, () => isOpen(peer, peer));
    for (const change of within) changed.push({ ...change, from: [peer], to: [peer], within: true });
  }
  for (const peer of onHosts) {
    for (const direction of DIRECTIONS)
      addOutside([peer], direction, outsideOfHosts(peer, direction, outside));
  }
  const unchanged = connected === undefined ? undefined : connected - tally.connectedBefore;
  return { changed, counts: tally.counts, unchanged };
}

const DIRECTIONS: readonly Direction[] = ["ingress", "egress"];

/** For each kind those from which something may have changed. */
function* changedSources(
  kinds: readonly WorkloadKind[],
  ingress: readonly DifferingKinds[],
  egress: readonly DifferingKinds[],
): Generator<[WorkloadKind, readonly WorkloadKind[]]> {
  const entering: (readonly number[])[][] = kinds.map(() => []);
  for (const { subjects, peers } of ingress) {
    if (peers.length > 0) for (const place of subjects) entering[place]!.push(peers);
  }
  for (const { subjects, peers } of egress) for (const place of peers) entering[place]!.push(subjects);
  for (const [place, lists] of entering.entries()) {
    if (lists.length === 0) continue;
    const to = kinds[place]!;
    const sources = new Set<number>();
    for (const list of lists) for (const source of list) sources.add(source);
    // A kind of one workload has no pair with itself.
    if (to.members.length === 1) sources.delete(place);
    yield [to, [...sources].sort((a, b) => a - b).map((source) => kinds[source]!)];
  }
}

function changesBetween(from: WorkloadPeer, to: WorkloadPeer): readonly NetChange[] {
  return netChanges((state, family) => portsBetween(from.sides[state], to.sides[state], family));
}

/** The changes of a workload with ranges outside that share what may pass before and after. */
function changesWithOutside(
  { sides }: WorkloadPeer,
  direction: Direction,
  { before, after, peers }: OutsideDifference,
): { readonly changes: readonly NetChange[]; readonly peers: readonly OutsidePeer[] }[] {
  const { family } = peers[0]!;
  const known = { before, after };
  if (sides.between === sides.before || sides.between === sides.after || sides.before === undefined) {
    const between = sides.between === sides.after ? after : before;
    return [{ changes: netChanges((state) => ({ ...known, between })[state], [family]), peers }];
  }
  return peers.map((peer) => {
    const between = portsWithArea(sides.between, direction, peer.areas.between);
    return { changes: netChanges((state) => ({ ...known, between })[state], [family]), peers: [peer] };
  });
}

/** Of a workload with pods on the networks of nodes, range by range. */
function outsideOfHosts(
  { sides }: WorkloadPeer,
  direction: Direction,
  outside: readonly OutsidePeer[],
): OutsideDifference[] {
  return outside.flatMap((peer) => {
    const before = portsWithArea(sides.before, direction, peer.areas.before);
    const after = portsWithArea(sides.after, direction, peer.areas.after);
    return before === after ? [] : [{ before, after, peers: [peer] }];
  });
}

interface Collector<T> {
  add(changes: readonly NetChange[], item: T): void;
  all(): Iterable<{ readonly change: NetChange; readonly items: readonly T[] }>;
}

/** Puts what has equal changes together. */
function createCollector<T>(): Collector<T> {
  const collected = new Map<string, { readonly change: NetChange; readonly items: T[] }>();
  return {
    add: (changes, item) => {
      for (const change of changes) {
        const key = changeKey(change);
        const known = collected.get(key);
        if (known === undefined) collected.set(key, { change, items: [item] });
        else known.items.push(item);
      }
    },
    all: () => collected.values(),
  };
}

/** Equal for equal changes. */
export function changeKey({ change, cause, ports, family }: NetChange): string {
  return `${change} ${cause} ${ports.id} ${family ?? ""}`;
}
