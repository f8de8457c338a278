// Runs inside the sandbox: SEED. An enforcer starts over what the one before it has left, and the cluster is the same.
import type { ClusterChange } from "../../src/cluster/change.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { clusterChanges } from "../../src/cluster/diff.ts";
import { compileProgram } from "../../src/dataplane/compile/compile.ts";
import { createEnforcer } from "../../src/dataplane/enforcer.ts";
import type { Kernel } from "../../src/dataplane/kernel/kernel.ts";
import { nftablesKernel } from "../../src/dataplane/kernel/nftables-kernel.ts";
import { createPolicyEngines } from "../../src/dataplane/policy-engines.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { createNamespace, type Namespace } from "../../src/linux/netns.ts";
import { isInitialUserNamespace } from "../../src/linux/user-namespace.ts";
import { engineOf } from "../agreement/from-raw.ts";
import { createRandom } from "../generators/random.ts";
import { replicaCluster } from "./replica-cluster.ts";
import { writeResult } from "./write-result.ts";

/** What the script writes, as JSON. */
export interface TakeOverRun {
  readonly pods: number;
  readonly policies: number;
  readonly starts: readonly TakeOver[];
}

export interface TakeOver {
  readonly what: string;
  /** Sets of pods in the kernel, and those that a fresh program would name otherwise. */
  readonly sets: number;
  readonly otherNames: number;
  /** What the start took nft to do, and how many transactions were sent in all. */
  readonly operations: number;
  readonly commands: readonly string[];
  readonly problems: number;
}

const NODE = "node-0";
const CHANGES = 200;
const SIZE = { namespaces: 10, workloads: 20, replicas: 10 };

const seed = Number(process.argv[2]);

await runInSandbox(async () => {
  const namespace = createNamespace("node");
  const { cluster } = engineOf(replicaCluster(SIZE));
  const starts: TakeOver[] = [];
  const first = await open(namespace, cluster);
  await first.close();
  starts.push(await takeOver("as it was loaded", namespace, cluster));

  const second = await open(namespace, cluster);
  const random = createRandom(seed);
  for (let i = 0; i < CHANGES; i++) {
    second.engines.apply([randomChange(second.engines.engine.cluster)]);
    await second.enforcer.enforce();
  }
  await second.close();
  const walked = second.engines.engine.cluster;
  starts.push(await takeOver(`after ${CHANGES} changes`, namespace, walked));

  const third = await open(namespace, walked);
  third.engines.apply(clusterChanges(walked, cluster));
  await third.enforcer.enforce();
  await third.close();
  starts.push(await takeOver("back at the first cluster", namespace, cluster));
  const { pods, networkPolicies } = cluster;
  await writeResult({ pods: pods.length, policies: networkPolicies.length, starts } satisfies TakeOverRun);
  return 0;

  /** A pod or a namespace with the labels of another, a pod that goes or comes back, a policy with other rules. */
  function randomChange(now: Cluster): ClusterChange {
    const kind = random.int(0, 9);
    const pod = random.pick(cluster.pods);
    if (kind < 4) return { kind: "pod-set", pod: { ...pod, labels: random.pick(cluster.pods).labels } };
    if (kind < 6) {
      const isThere = now.pods.some(({ id }) => id === pod.id);
      return isThere ? { kind: "pod-removed", id: pod.id } : { kind: "pod-set", pod };
    }
    if (kind < 7) {
      const [some, other] = random.sample([...cluster.namespaces.values()], 2);
      return { kind: "namespace-set", namespace: { ...some!, labels: other!.labels } };
    }
    const [policy, other] = random.sample(cluster.networkPolicies, 2);
    if (kind < 8) return { kind: "policy-removed", id: `NetworkPolicy ${policy!.namespace}/${policy!.name}` };
    // The pods of the one with the rules of the other.
    const { podSelector } = policy!.spec;
    return { kind: "policy-set", policy: { ...policy!, spec: { ...other!.spec, podSelector } } };
  }
});

async function open(namespace: Namespace, cluster: Cluster) {
  const commands: string[] = [];
  const inner = nftablesKernel(NODE, namespace);
  const kernel: Kernel = {
    ...inner,
    apply: (script) => {
      commands.push(...script.trim().split("\n"));
      return inner.apply(script);
    },
  };
  const engines = createPolicyEngines(cluster);
  const enforcer = createEnforcer({ engines, node: NODE, kernel, mayBeLarge: isInitialUserNamespace() });
  const report = await enforcer.start();
  const close = async (): Promise<void> => {
    await enforcer.close();
    kernel.close();
  };
  return { engines, enforcer, report, commands, close };
}

async function takeOver(what: string, namespace: Namespace, cluster: Cluster): Promise<TakeOver> {
  const { enforcer, report, commands, close } = await open(namespace, cluster);
  const fresh = compileProgram(createEngine(cluster), NODE).sets;
  const names = [...enforcer.program().sets.keys()].filter((name) => /^(peers|lesser)_/.test(name));
  await close();
  const { operations, problems } = report;
  return {
    what,
    sets: names.length,
    otherNames: names.filter((name) => !fresh.has(name)).length,
    operations,
    commands: commands.slice(0, 20).map((command) => command.slice(0, 300)),
    problems: problems.length,
  };
}
