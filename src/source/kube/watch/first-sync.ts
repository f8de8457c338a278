import type { Cluster } from "../../../cluster/cluster.ts";

/** The moment at which a cluster is known for the first time, and the order of what is told around it. */
export interface FirstSync {
  readonly synced: Promise<Cluster>;
  isReached(): boolean;
  /** All is known now. Only the first call counts. */
  reach(): void;
  /**
   * Calls back at once if that was before; not at all if it is yet to come, as the cluster has it then. In the turn of the
   * event loop in which it is reached, after those who wait for `synced` have had it.
   */
  afterwards(call: () => void): void;
  /** It will not be reached any more, and nobody is called any more. */
  close(): void;
}

export function createFirstSync(cluster: () => Cluster): FirstSync {
  let phase: "before" | "reaching" | "after" | "closed" = "before";
  let waiting: (() => void)[] = [];
  let resolve!: (cluster: Cluster) => void;
  let reject!: (reason: Error) => void;
  const synced = new Promise<Cluster>((...settle) => {
    [resolve, reject] = settle;
  });
  // Nobody has to wait for it.
  synced.catch(() => undefined);

  return {
    synced,
    isReached: () => phase === "reaching" || phase === "after",
    reach() {
      if (phase !== "before") return;
      phase = "reaching";
      resolve(cluster());
      setImmediate(() => {
        if (phase !== "reaching") return;
        phase = "after";
        const calls = waiting;
        waiting = [];
        for (const call of calls) call();
      });
    },
    afterwards(call) {
      if (phase === "after") call();
      else if (phase === "reaching") waiting.push(call);
    },
    close() {
      phase = "closed";
      waiting = [];
      reject(new Error("the cluster is not followed any more"));
    },
  };
}
