import type { Cause, NetChange } from "./net-change.ts";

/**
 * How many connections change. A connection is a pair of workloads, or of a workload and the outside as a whole, between
 * which something may pass: what opens and closes at once counts in both.
 */
export interface ChangeCounts {
  readonly opens: number;
  readonly closes: number;
  /** The same by what made them. A connection of which policies open one part and pods another counts in both. */
  readonly by: Readonly<Record<Cause, { readonly opens: number; readonly closes: number }>>;
}

export interface Tally {
  /** Counts pairs that have these changes. `isOpenBefore` tells, if asked, whether something may pass before. */
  add(changes: readonly NetChange[], pairs: number, isOpenBefore?: () => boolean): void;
  readonly counts: ChangeCounts;
  /** How many of the pairs were connected before. */
  readonly connectedBefore: number;
}

export function createTally(): Tally {
  const by = { policy: { opens: 0, closes: 0 }, pods: { opens: 0, closes: 0 } };
  const all = { opens: 0, closes: 0 };
  let connectedBefore = 0;
  return {
    add: (changes, pairs, isOpenBefore = () => false) => {
      if (changes.length === 0 || pairs === 0) return;
      if (changes.some(({ change }) => change === "closes") || isOpenBefore()) connectedBefore += pairs;
      for (const change of ["opens", "closes"] as const) {
        let any = false;
        for (const cause of ["policy", "pods"] as const) {
          if (!changes.some((each) => each.change === change && each.cause === cause)) continue;
          by[cause][change] += pairs;
          any = true;
        }
        if (any) all[change] += pairs;
      }
    },
    get counts() {
      return { ...all, by };
    },
    get connectedBefore() {
      return connectedBefore;
    },
  };
}
