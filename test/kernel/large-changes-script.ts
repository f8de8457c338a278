// Runs inside the sandbox: a program beyond what a user namespace takes at once, and changes that are as large.
import type { ClusterChange } from "../../src/cluster/change.ts";
import { clusterChanges } from "../../src/cluster/diff.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { isInitialUserNamespace } from "../../src/linux/user-namespace.ts";
import { engineOf } from "../agreement/from-raw.ts";
import { openKernelNodes } from "./kernel-nodes.ts";
import { nodesDiffer } from "./nodes-differ.ts";
import { replicaCluster } from "./replica-cluster.ts";
import { writeResult } from "./write-result.ts";

/** What the script writes, as JSON. */
export interface LargeChangesRun {
  readonly inUserNamespace: boolean;
  readonly steps: readonly LargeChange[];
}

export interface LargeChange {
  readonly what: string;
  readonly operations: number;
  /** Whether nft refused it at first, and everything was loaded anew. */
  readonly problems: readonly string[];
  /** How the kernel then differs from the model. */
  readonly wrong: readonly string[];
}

const SIZE = { namespaces: 20, workloads: 15, replicas: 10 };

await runInSandbox(async () => {
  const first = engineOf(replicaCluster(SIZE)).cluster;
  const otherPorts = engineOf(replicaCluster({ ...SIZE, port: 8080 })).cluster;
  const fewer = engineOf(replicaCluster({ ...SIZE, replicas: 2 })).cluster;
  const nodes = await openKernelNodes(first, ["node-0"]);
  const steps: LargeChange[] = [];
  const look = async (what: string, operations: number): Promise<void> => {
    const { differences } = await nodesDiffer(nodes);
    const problems = nodes.problems.slice(steps.reduce((sum, step) => sum + step.problems.length, 0));
    steps.push({
      what,
      operations,
      problems: problems.map((each) => JSON.stringify(each).slice(0, 400)),
      wrong: differences,
    });
  };
  const change = async (what: string, changes: readonly ClusterChange[]): Promise<void> => {
    const [report] = await nodes.apply(changes);
    await look(what, report!.operations);
  };
  const { engine } = nodes.engines;
  await look("3,000 pods", 0);
  await change("every policy has another port", clusterChanges(engine.cluster, otherPorts));
  await change("most pods go", clusterChanges(engine.cluster, { ...otherPorts, pods: fewer.pods }));
  await change("they come back", clusterChanges(engine.cluster, otherPorts));
  await change("everything at once", clusterChanges(engine.cluster, fewer));
  await writeResult({ inUserNamespace: !isInitialUserNamespace(), steps } satisfies LargeChangesRun);
  await nodes.close();
  return 0;
});
