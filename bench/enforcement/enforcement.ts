// All that the benchmarks ask of the data plane. When its interface changes, only this file has to follow.
import type { ClusterChange } from "../../src/cluster/change.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { createEnforcer, type EnforcementReport } from "../../src/dataplane/enforcer.ts";
import { type Kernel, KernelError } from "../../src/dataplane/kernel/kernel.ts";
import { createPolicyEngines } from "../../src/dataplane/policy-engines.ts";
import { EMPTY_PROGRAM, type Program } from "../../src/dataplane/program/program.ts";
import { openConntrack } from "../../src/linux/netfilter/conntrack.ts";
import type { Namespace } from "../../src/linux/netns.ts";
import { openNftables } from "../../src/linux/nftables.ts";

/** A node's kernel that is kept in step with a cluster. */
export interface Enforcement {
  /**
   * Takes in changes; resolves when the kernel does what they ask for. Calls that come while it is at work are
   * brought in together. Rejects where the kernel refused anything.
   */
  apply(changes: readonly ClusterChange[]): Promise<void>;
  /** What the kernel holds. */
  program(): Program;
}

/** Resolves when the kernel of a fresh namespace enforces the cluster's policies on the pods of a node. */
export async function openEnforcement(
  cluster: Cluster,
  node: string,
  namespace: Namespace,
): Promise<Enforcement> {
  const engines = createPolicyEngines(cluster);
  const enforcer = createEnforcer({
    engines,
    node,
    kernel: kernelOf(namespace),
    conntrack: openConntrack(namespace),
  });
  insist(await enforcer.start());
  return {
    apply: async (changes) => {
      engines.apply(changes);
      insist(await enforcer.enforce());
    },
    program: () => enforcer.program(),
  };
}

/** Figures of an enforcement that had to be repaired would be figures of something else. */
function insist({ problems }: EnforcementReport): void {
  if (problems[0] !== undefined) throw new Error(problems[0].message);
}

function kernelOf(namespace: Namespace): Kernel {
  const nftables = openNftables(namespace);
  return {
    apply: async (script) => {
      const { ok, errors } = await nftables.run(script);
      if (!ok) throw new KernelError(`nft refused the rules: ${errors.trim()}`, errors);
    },
    // Nobody was there before.
    read: async () => EMPTY_PROGRAM,
    readSets: async () => EMPTY_PROGRAM.sets,
    close: () => nftables.close(),
  };
}
