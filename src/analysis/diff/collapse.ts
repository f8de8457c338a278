import { type ChangedPairs, changeKey } from "./compare-connections.ts";
import type { DiffPeer } from "./diff-peers.ts";

/**
 * Puts pairs with the same change together into as few groups as are told at once: first those from the same sources,
 * then those to the same destinations. No pair is lost or comes to be. Of changes `within` workloads, each of `from` is
 * about this workload alone.
 */
export function collapse(changed: readonly ChangedPairs[]): ChangedPairs[] {
  const numbers = new Map<DiffPeer, number>();
  const numberOf = (peer: DiffPeer): number => {
    const known = numbers.get(peer) ?? numbers.size;
    numbers.set(peer, known);
    return known;
  };
  const keyOf = (peers: readonly DiffPeer[]): string =>
    peers
      .map(numberOf)
      .sort((a, b) => a - b)
      .join(" ");

  const within = mergedBy(
    changed.filter((each) => each.within),
    changeKey,
    (all) => {
      const peers = all.flatMap(({ from }) => from);
      return { ...all[0]!, from: peers, to: peers };
    },
  );
  let pairs = changed.filter((each) => !each.within);
  const bySources = (): void => {
    pairs = mergedBy(
      pairs,
      (each) => `${changeKey(each)} ${keyOf(each.from)}`,
      (all) => ({ ...all[0]!, to: union(all.map(({ to }) => to)) }),
    );
  };
  bySources();
  // Where everybody is concerned, the sources of two destinations differ only in these themselves.
  pairs = mergedBy(
    pairs,
    (each) => {
      const together = withDestinations(each);
      return together === undefined ? undefined : `${changeKey(each)} ${keyOf(together)}`;
    },
    (all) => ({
      ...all[0]!,
      from: withDestinations(all[0]!)!,
      to: union(all.map(({ to }) => to)),
    }),
  );
  pairs = mergedBy(
    pairs,
    (each) => `${changeKey(each)} ${keyOf(each.to)}`,
    (all) => ({ ...all[0]!, from: union(all.map(({ from }) => from)) }),
  );
  bySources();
  return [...pairs, ...within];
}

/** The sources and the destinations, if that tells of no pair more than the sources alone. */
function withDestinations({ from, to }: ChangedPairs): readonly DiffPeer[] | undefined {
  if (from.length < 2) return undefined;
  const sources = new Set(from);
  if (to.length > 1 && !to.every((peer) => sources.has(peer))) return undefined;
  return [...sources, ...to.filter((peer) => !sources.has(peer))];
}

/** Merges what has the same key, in the order of the first of each; what has no key stays alone. */
function mergedBy(
  changed: readonly ChangedPairs[],
  keyOf: (each: ChangedPairs) => string | undefined,
  merge: (all: readonly ChangedPairs[]) => ChangedPairs,
): ChangedPairs[] {
  const groups = new Map<unknown, ChangedPairs[]>();
  for (const each of changed) {
    const key = keyOf(each) ?? each;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups.values()].map((group) => (group.length === 1 ? group[0]! : merge(group)));
}

function union(lists: readonly (readonly DiffPeer[])[]): readonly DiffPeer[] {
  return [...new Set(lists.flat())];
}
