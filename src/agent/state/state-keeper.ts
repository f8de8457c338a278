import type { Cluster } from "../../cluster/cluster.ts";
import { writeState } from "./state-file.ts";

export interface StateKeeperOptions {
  readonly folder: string;
  readonly node: string;
  readonly boot: string;
  /** The cluster as it is now; may cost as much as reading it. */
  readonly cluster: () => Cluster;
  /** A state could not be written; undefined: it could again. */
  readonly onTrouble: (error: unknown) => void;
  /** Least milliseconds between two writings; by default a minute. */
  readonly gapMillis?: number;
}

/** Writes the state to disk, not too often. */
export interface StateKeeper {
  /** Something is different: within the gap it is written. */
  touch(): void;
  /** Writes what is not written yet, and ends. */
  close(): Promise<void>;
}

const GAP_MILLIS = 60_000;
/** Writing may take one part in so many of the time. */
const SHARE = 50;

/** A state that is some seconds old is enough: it never opens what the kernel holds closed (see before-sync.ts). */
export function createStateKeeper(options: StateKeeperOptions): StateKeeper {
  const { folder, node, boot, cluster, onTrouble, gapMillis = GAP_MILLIS } = options;
  let isDirty = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let gap = 0;

  const write = async (): Promise<void> => {
    isDirty = false;
    const started = performance.now();
    try {
      await writeState(folder, { node, boot, cluster: cluster() });
      onTrouble(undefined);
    } catch (error) {
      onTrouble(error);
      isDirty = true;
    }
    gap = Math.max(gapMillis, SHARE * (performance.now() - started));
  };
  const plan = (): void => {
    if (isClosed || timer !== undefined || writing !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      writing = write().then(() => {
        writing = undefined;
        if (isDirty) plan();
      });
    }, gap);
    timer.unref();
  };

  return {
    touch: () => {
      isDirty = true;
      plan();
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await writing;
      if (isDirty) await write();
    },
  };
}
