import type { ChangedPairs } from "./compare-connections.ts";
import { isDangerous, type Rating, ratePair } from "./danger.ts";
import type { DiffPeer } from "./diff-peers.ts";

/** Counts the connections of which something opens that is dangerous, as `ChangeCounts` does: the outside is one end. */
export function countDangerous(changes: readonly (ChangedPairs & Rating)[]): number {
  const byDestination = new Map<DiffPeer, ChangedPairs[]>();
  for (const change of changes) {
    if (!isDangerous(change)) continue;
    for (const to of change.to) {
      const known = byDestination.get(to);
      if (known === undefined) byDestination.set(to, [change]);
      else known.push(change);
    }
  }
  let count = 0;
  for (const [to, groups] of byDestination) {
    const sources = new Set<DiffPeer | "outside">();
    for (const group of groups) {
      // Which workload sends makes no difference to whether it is dangerous.
      const danger = new Map<DiffPeer["kind"], boolean>();
      for (const from of group.within ? [to] : group.from) {
        if (from === to && !group.within) continue;
        let isSo = danger.get(from.kind);
        if (isSo === undefined) {
          isSo = isDangerous({ ...group, ...ratePair(from, to, group) });
          danger.set(from.kind, isSo);
        }
        if (isSo) sources.add(from.kind === "external" ? "outside" : from);
      }
    }
    count += sources.size;
  }
  return count;
}
