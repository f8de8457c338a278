import type { ClusterChange } from "../../src/cluster/change.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import type { EnforcementProblem } from "../../src/dataplane/enforcement-problem.ts";
import type { EnforcementReport } from "../../src/dataplane/enforcer.ts";
import type { Kernel } from "../../src/dataplane/kernel/kernel.ts";
import type { Repair } from "../../src/dataplane/kernel/kernel-watch.ts";
import { nftablesKernel } from "../../src/dataplane/kernel/nftables-kernel.ts";
import { type NodeDataplane, openNodeDataplane } from "../../src/dataplane/node-dataplane.ts";
import { createPolicyEngines, type PolicyEngines } from "../../src/dataplane/policy-engines.ts";
import { createNamespace, deleteNamespace, type Namespace } from "../../src/linux/netns.ts";
import { createReactor } from "../../src/linux/reactor.ts";

/** A node with its rules in a network namespace of its own; there is nobody in it to send anything. */
export interface KernelNode {
  readonly name: string;
  readonly namespace: Namespace;
  readonly dataplane: NodeDataplane;
  /** To look at what the dataplane has done. */
  readonly kernel: Kernel;
}

/** Some nodes of a cluster, all of them with what a node does but for the network. */
export interface KernelNodes {
  readonly engines: PolicyEngines;
  readonly nodes: readonly KernelNode[];
  /** What nft refused. */
  readonly problems: readonly EnforcementProblem[];
  /** There is nobody who breaks anything, so that there is nothing to repair. */
  readonly repairs: readonly Repair[];
  /** The reports of all nodes. */
  apply(changes: readonly ClusterChange[]): Promise<EnforcementReport[]>;
  close(): Promise<void>;
}

/** Must run inside the sandbox. The nodes need not be in the cluster. */
export async function openKernelNodes(cluster: Cluster, names: readonly string[]): Promise<KernelNodes> {
  const engines = createPolicyEngines(cluster);
  const reactor = createReactor();
  const problems: EnforcementProblem[] = [];
  const repairs: Repair[] = [];
  const nodes = names.map((name): KernelNode => {
    const namespace = createNamespace(`node-${name}`);
    const dataplane = openNodeDataplane({
      engines,
      node: name,
      namespace,
      reactor,
      onProblem: (problem) => problems.push(problem),
      onRepair: (repair) => repairs.push(repair),
      onError: (error) => setImmediate(() => Promise.reject(error)),
    });
    return { name, namespace, dataplane, kernel: nftablesKernel(name, namespace) };
  });
  for (const { dataplane } of nodes) await dataplane.start();
  return {
    engines,
    nodes,
    problems,
    repairs,
    apply: async (changes) => {
      engines.apply(changes);
      const reports: EnforcementReport[] = [];
      for (const { dataplane } of nodes) reports.push(await dataplane.enforce());
      return reports;
    },
    close: async () => {
      for (const { dataplane, kernel, namespace } of nodes) {
        await dataplane.close();
        kernel.close();
        deleteNamespace(namespace);
      }
      reactor.close();
    },
  };
}
