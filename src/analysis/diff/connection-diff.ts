import { policyId } from "../../cluster/change.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { clusterChanges } from "../../cluster/diff.ts";
import { type ChangeReason, changeReason, reasonKey } from "./change-reason.ts";
import { type ChangedObjects, changedObjects } from "./changed-objects.ts";
import { collapse } from "./collapse.ts";
import { type ChangedPairs, compareConnections } from "./compare-connections.ts";
import { countDangerous } from "./count-dangerous.ts";
import { compareRatings, type Rating, rateAll } from "./danger.ts";
import { type DiffPeer, type DiffPeers, diffPeers } from "./diff-peers.ts";
import { type IsolationChange, isolationChanges } from "./isolation-changes.ts";
import { type Engines, enginesOf, hasSamePods } from "./states.ts";
import { type ChangeCounts, createTally } from "./tally.ts";

/** What a change of a cluster opens and closes. */
export interface ConnectionDiff {
  readonly peers: DiffPeers;
  /** The most dangerous first, what opens before what closes. */
  readonly changes: readonly ConnectionChange[];
  readonly counts: ChangeCounts;
  /** How many of the connections that open do so from outside, or to a port that should rarely be open. */
  readonly dangerous: number;
  /** Connections that are before and after what they are. Not counted for part of the pairs. */
  readonly unchanged?: number;
  readonly isolation: readonly IsolationChange[];
  readonly objects: ChangedObjects;
}

/** One and the same change of pairs: see {@link ChangedPairs}. */
export interface ConnectionChange extends ChangedPairs, Rating {
  /** Missing where no packet alone shows it, or {@link DiffOptions.explained} was reached. */
  readonly reason?: ChangeReason;
  /** The reason is that of one pair, and others were not asked. */
  readonly reasonOfOne?: true;
}

export interface DiffOptions {
  /** How many pairs are explained at most; the most dangerous are. */
  readonly explained?: number;
  /** Tells which pairs are wanted, and counted; all, if absent. */
  readonly isAsked?: (from: DiffPeer, to: DiffPeer) => boolean;
}

const EXPLAINED = 2000;

/** Pairs of one group that are explained one by one: more of them are told by one reason. */
const MOST_OF_A_GROUP = 64;

/** Compares two clusters. */
export function connectionDiff(before: Cluster, after: Cluster, options: DiffOptions = {}): ConnectionDiff {
  const changes = clusterChanges(before, after);
  const engines = enginesOf(before, after, changes);
  const peers = diffPeers(engines);
  const { changed, counts, unchanged } = compareConnections(engines, peers, {
    changedPolicies: new Set(
      changes.flatMap((change) =>
        change.kind === "policy-set"
          ? policyId(change.policy)
          : change.kind === "policy-removed"
            ? change.id
            : [],
      ),
    ),
    samePods: hasSamePods(before, after, changes),
  });
  const { isAsked } = options;
  const asked = isAsked === undefined ? changed : changed.flatMap((pairs) => askedPairs(pairs, isAsked));
  const place = placesOf(peers);
  const rated = collapse(asked).map((pairs) => rate(pairs, place));
  return {
    peers,
    changes: explained(engines, rated.sort(byDanger(place)), place, options.explained ?? EXPLAINED),
    counts: isAsked === undefined ? counts : countPairs(asked),
    dangerous: countDangerous(rated),
    ...(unchanged === undefined || isAsked !== undefined ? {} : { unchanged }),
    isolation: isolationChanges(peers),
    objects: changedObjects(before, after, changes),
  };
}

/** What is asked for, source by source. */
function askedPairs(pairs: ChangedPairs, isAsked: (from: DiffPeer, to: DiffPeer) => boolean): ChangedPairs[] {
  if (pairs.within) return isAsked(pairs.from[0]!, pairs.to[0]!) ? [pairs] : [];
  return pairs.from.flatMap((from) => {
    const to = pairs.to.filter((each) => each !== from && isAsked(from, each));
    return to.length === 0 ? [] : [{ ...pairs, from: [from], to }];
  });
}

/** The order of peers: the outside first, then workloads by name. */
function placesOf({ workloads, outside }: DiffPeers): (peer: DiffPeer) => number {
  const places = new Map<DiffPeer, number>([...outside, ...workloads].map((peer, place) => [peer, place]));
  return (peer) => places.get(peer)!;
}

function rate(pairs: ChangedPairs, place: (peer: DiffPeer) => number): ConnectionChange {
  const sorted = (peers: readonly DiffPeer[]): DiffPeer[] => [...peers].sort((a, b) => place(a) - place(b));
  const from = sorted(pairs.from);
  const to = pairs.within ? from : sorted(pairs.to);
  return { ...pairs, from, to, ...rateAll(from, to, pairs) };
}

/** What opens first, the most dangerous of it before the rest; then by names. */
function byDanger(place: (peer: DiffPeer) => number): (a: ConnectionChange, b: ConnectionChange) => number {
  return (a, b) =>
    (a.change === b.change ? 0 : a.change === "opens" ? -1 : 1) ||
    compareRatings(a, b) ||
    (a.cause === b.cause ? 0 : a.cause === "policy" ? -1 : 1) ||
    place(a.to[0]!) - place(b.to[0]!) ||
    place(a.from[0]!) - place(b.from[0]!) ||
    (a.ports.key < b.ports.key ? -1 : a.ports.key > b.ports.key ? 1 : 0) ||
    (a.family ?? 0) - (b.family ?? 0);
}

/** Adds reasons, until so many pairs have been explained. Groups of which pairs have other reasons are split. */
function explained(
  engines: Engines,
  changes: readonly ConnectionChange[],
  place: (peer: DiffPeer) => number,
  most: number,
): ConnectionChange[] {
  let left = most;
  return changes.flatMap((change) => {
    if (left <= 0) return [change];
    const pairs = change.from.length * change.to.length;
    if (pairs > MOST_OF_A_GROUP || pairs > left) {
      left--;
      const [from, to] = change.within ? [change.from[0]!, change.from[0]!] : firstPair(change);
      const reason = changeReason(engines, from, to, change);
      return [reason === undefined ? change : { ...change, reason, reasonOfOne: true }];
    }
    const byReason = new Map<string, { readonly reason?: ChangeReason; readonly pairs: ChangedPairs[] }>();
    for (const from of change.from) {
      for (const to of change.within ? [from] : change.to) {
        if (from === to && !change.within) continue;
        left--;
        const reason = changeReason(engines, from, to, change);
        const key = reasonKey(reason);
        const single = { ...change, from: [from], to: [to] };
        const known = byReason.get(key);
        if (known === undefined)
          byReason.set(key, { ...(reason === undefined ? {} : { reason }), pairs: [single] });
        else known.pairs.push(single);
      }
    }
    return [...byReason.values()].flatMap(({ reason, pairs: same }) =>
      (byReason.size === 1 ? [change] : collapse(same)).map((group) => ({
        ...rate(group, place),
        ...(reason === undefined ? {} : { reason }),
      })),
    );
  });
}

function firstPair({ from, to }: ChangedPairs): [DiffPeer, DiffPeer] {
  const [first] = from;
  const other = to.find((peer) => peer !== first);
  return other === undefined ? [from[1]!, to[0]!] : [first!, other];
}

/** Counts as {@link ChangeCounts} says, pair by pair. */
function countPairs(changed: readonly ChangedPairs[]): ChangeCounts {
  const tally = createTally();
  const byPair = new Map<string, ChangedPairs[]>();
  const end = (peer: DiffPeer): string => (peer.kind === "external" ? "outside" : peer.id);
  for (const pairs of changed) {
    for (const from of pairs.from) {
      for (const to of pairs.within ? [from] : pairs.to) {
        const key = `${end(from)} ${end(to)}`;
        const known = byPair.get(key);
        if (known === undefined) byPair.set(key, [pairs]);
        else known.push(pairs);
      }
    }
  }
  for (const changes of byPair.values()) tally.add(changes, 1);
  return tally.counts;
}
