import type { Cluster } from "../../cluster/cluster.ts";
import { sentence } from "../sentence.ts";
import type { AgentLogger } from "../telemetry/logger.ts";
import { bootId, readStateFile } from "./state-file.ts";
import { createStateKeeper, type StateKeeper } from "./state-keeper.ts";
import type { AgentState } from "./state-text.ts";

/** What an agent remembers over its end, in a folder. */
export interface AgentMemory {
  /** What was remembered last; undefined if there is nothing that can be used. */
  restore(): Promise<AgentState | undefined>;
  /** Begins to write the cluster, now and when it was touched; `cluster` may cost as much as reading it. */
  keep(cluster: () => Cluster): Promise<void>;
  /** The cluster is another one. */
  touch(): void;
  /** What is wrong with it now, in words for people. */
  trouble(): string | undefined;
  /** Writes what is not written yet. */
  close(): Promise<void>;
}

export interface AgentMemoryOptions {
  /** Undefined: nothing is remembered. */
  readonly folder: string | undefined;
  readonly node: string;
  readonly logger: Pick<AgentLogger, "warn">;
}

export function createAgentMemory({ folder, node, logger }: AgentMemoryOptions): AgentMemory {
  let trouble: string | undefined;
  let keeper: StateKeeper | undefined;

  const readFrom = async (place: string): Promise<AgentState | undefined> => {
    try {
      const state = await readStateFile(place);
      if (state === undefined || state.node === node) return state;
      throw new Error(`it is of node ${state.node}`);
    } catch (error) {
      trouble = `the state in ${place} cannot be used: ${sentence((error as Error).message)} It is written anew once the API server has been read.`;
      logger.warn(trouble);
      return undefined;
    }
  };
  const onWritten = (place: string, error: unknown): void => {
    if (error === undefined) {
      trouble = undefined;
      return;
    }
    const what = `the state cannot be written to ${place} (${(error as Error).message})`;
    // Once, not every minute.
    if (trouble === undefined) logger.warn(what);
    trouble = `${what}: after a start without API server nothing would be known.`;
  };

  return {
    restore: async () => (folder === undefined ? undefined : readFrom(folder)),
    keep: async (cluster) => {
      if (folder === undefined) return;
      keeper = createStateKeeper({
        folder,
        node,
        boot: await bootId(),
        cluster,
        onTrouble: (error) => onWritten(folder, error),
      });
      keeper.touch();
    },
    touch: () => keeper?.touch(),
    trouble: () => trouble,
    close: async () => keeper?.close(),
  };
}
