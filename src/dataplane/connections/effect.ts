import type { ProgramChange } from "../program/program.ts";

/**
 * True if a change may forbid what was allowed. That a peer is added to a set of peers only allows more, and so does the
 * coming of one that nobody knew.
 */
export function mayForbid(change: ProgramChange): boolean {
  if (change.addedChains.length + change.removedChains.length + change.changedChains.length > 0) return true;
  if (change.addedSets.length + change.removedSets.length > 0) return true;
  return change.changedSets.some(
    ({ set, deleted }) => deleted.length > 0 || !/^(peers|unaudited)_[0-9a-f]|^elsewhere/.test(set.name),
  );
}
