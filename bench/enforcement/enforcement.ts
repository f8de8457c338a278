// All that the benchmarks ask of the data plane. When its interface changes, only this file has to follow.
import type { ClusterChange } from "../../src/cluster/change.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { compileProgram } from "../../src/dataplane/compile.ts";
import { programDelta } from "../../src/dataplane/delta.ts";
import { applyDelta, applyFirstLoad } from "../../src/dataplane/kernel.ts";
import { EMPTY_PROGRAM } from "../../src/dataplane/program.ts";
import { createEngine } from "../../src/engine/engine.ts";
import type { Namespace } from "../../src/linux/netns.ts";
import { nodeKernel } from "./node-kernel.ts";

/** A node's kernel that is kept in step with a cluster. */
export interface Enforcement {
  /**
   * Takes in changes; resolves when the kernel does what they ask for. Calls that come while it is at work are
   * brought in together.
   */
  apply(changes: readonly ClusterChange[]): Promise<void>;
}

/** Resolves when the kernel of a namespace enforces the cluster's policies on the pods of a node. */
export async function openEnforcement(
  cluster: Cluster,
  nodeName: string,
  namespace: Namespace,
): Promise<Enforcement> {
  const engine = createEngine(cluster);
  const kernel = nodeKernel(namespace);
  let program = compileProgram(engine, nodeName);
  await applyFirstLoad(kernel, programDelta(EMPTY_PROGRAM, program));

  const enforce = async (): Promise<void> => {
    const next = compileProgram(engine, nodeName);
    await applyDelta(kernel, programDelta(program, next));
    program = next;
  };
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  return {
    apply(changes) {
      engine.apply(changes);
      if (waiting === undefined) {
        const turn = running.then(() => {
          waiting = undefined;
          return enforce();
        });
        waiting = turn;
        running = turn.catch(() => undefined);
      }
      return waiting;
    },
  };
}
