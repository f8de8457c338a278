import type { ClusterChange } from "../cluster/change.ts";

/** Changes that were seen and are not in force yet. */
export interface WorkQueue {
  /** Adds changes, which may be none: what came with them is to be acknowledged all the same. */
  add(changes: readonly ClusterChange[]): void;
  /** All that was added, to be worked on. It counts as waiting until `done`. */
  take(): readonly ClusterChange[];
  /** What was taken is in force. */
  done(): void;
  /** Changes that nobody has taken. */
  readonly untaken: number;
  /** How long the oldest change that is not in force has been waiting, in milliseconds; 0 if there is none. */
  lagMillis(): number;
}

export function createWorkQueue(now: () => number = () => performance.now()): WorkQueue {
  let waiting: ClusterChange[] = [];
  let waitingSince: number | undefined;
  let takenSince: number | undefined;
  return {
    add: (changes) => {
      for (const change of changes) waiting.push(change);
      waitingSince ??= now();
    },
    take: () => {
      const taken = waiting;
      waiting = [];
      // What was taken before and did not get into force is still the oldest.
      takenSince ??= waitingSince;
      waitingSince = undefined;
      return taken;
    },
    done: () => {
      takenSince = undefined;
    },
    get untaken() {
      return waiting.length;
    },
    lagMillis: () => {
      const since = takenSince ?? waitingSince;
      return since === undefined ? 0 : now() - since;
    },
  };
}
