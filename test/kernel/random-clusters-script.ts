// Runs inside the sandbox: labs that go from one random cluster to the next. Arguments: FIRST-SEED COUNT
import { openLab } from "../../src/lab/lab.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { parseAddress } from "../../src/net/address.ts";
import { engineOf } from "../agreement/from-raw.ts";
import type { PolicyKinds } from "../generators/cluster.ts";
import { clusterYaml } from "../generators/cluster-yaml.ts";
import { EXTERNALS, randomKernelCluster, referenceVerdict } from "./random-kernel-cluster.ts";
import { writeResult } from "./write-result.ts";

/** What the script writes, as JSON. */
export interface ClustersRun {
  readonly clusters: number;
  readonly severalNodes: number;
  /** Nodes that were brought to another cluster by a delta. */
  readonly deltas: number;
  /** Tables that were read back and compared with the engine. */
  readonly verified: number;
  /** Probes by the kinds of policies, the family and what became of them: `cluster-wide IPv6 deny`. */
  readonly probes: Readonly<Record<string, number>>;
  readonly wrong: readonly unknown[];
}

/** Alternately: NetworkPolicies alone ask little of the tiers, and beside cluster-wide ones there are few of them. */
const KINDS: readonly PolicyKinds[] = ["NetworkPolicy", "cluster-wide"];
/** Every so many clusters the rules are loaded from the start, and not as what is different from the cluster before. */
const CLUSTERS_PER_LAB = 4;

const [firstSeed, count] = process.argv.slice(2).map(Number) as [number, number];
const externals = EXTERNALS.map((text) => parseAddress(text)!);

await runInSandbox(async () => {
  const seen = { clusters: 0, severalNodes: 0, deltas: 0, verified: 0 };
  const probes: Record<string, number> = {};
  const wrong: unknown[] = [];

  /** Goes through clusters with one lab. */
  const live = async (seeds: readonly number[]): Promise<void> => {
    let lab: Awaited<ReturnType<typeof openLab>> | undefined;
    for (const seed of seeds) {
      const policyKinds = KINDS[seed % KINDS.length]!;
      const raw = randomKernelCluster(seed, policyKinds);
      const before = new Map(lab?.enforcers);
      if (lab === undefined) lab = await openLab(engineOf(raw), externals);
      else await lab.update(engineOf(raw));
      for (const [node, enforcer] of before) if (lab.enforcers.get(node) === enforcer) seen.deltas++;
      const differing: unknown[] = [];
      const differences = await lab.verify();
      for (const [node, list] of differences) differing.push(...list.map((each) => ({ node, ...each })));
      for (const each of await lab.measure()) {
        const expected = referenceVerdict(raw, each);
        const kind = `${policyKinds} IPv${each.family} ${each.measured}`;
        probes[kind] = (probes[kind] ?? 0) + 1;
        if (each.measured !== expected || each.predicted !== expected) differing.push({ expected, ...each });
      }
      seen.clusters++;
      seen.verified += differences.size;
      if (raw.nodes.length > 1) seen.severalNodes++;
      if (differing.length > 0) {
        const path = `a lab that went through the seeds ${seeds.slice(0, seeds.indexOf(seed) + 1).join()}`;
        wrong.push({ seed, path, differing: differing.slice(0, 5), manifests: clusterYaml(raw) });
      }
    }
    await lab?.close();
  };

  const seeds = Array.from({ length: count }, (_, i) => firstSeed + i);
  while (seeds.length > 0) await live(seeds.splice(0, CLUSTERS_PER_LAB));
  await writeResult({ ...seen, probes, wrong } satisfies ClustersRun);
  return 0;
});
