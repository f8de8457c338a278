// Random small clusters: the kernel against the engine and the reference evaluator, packet by packet.
import { expect, it } from "vitest";
import type { PolicyKinds } from "../generators/cluster.ts";
import { clusterYaml } from "../generators/cluster-yaml.ts";
import { describeKernel } from "./kernel-support.ts";
import { differing, measure } from "./measure.ts";
import { EXTERNALS, randomKernelCluster, referenceVerdict } from "./random-kernel-cluster.ts";

/** More with PODWALL_KERNEL_CLUSTERS; others with PODWALL_SEED. */
const CLUSTERS = Number(process.env.PODWALL_KERNEL_CLUSTERS ?? 32);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);

/** Alternately: NetworkPolicies alone ask little of the tiers, and beside cluster-wide ones there are few of them. */
const KINDS: readonly PolicyKinds[] = ["NetworkPolicy", "cluster-wide"];

describeKernel("the kernel agrees with the engine and the reference evaluator", () => {
  const seeds = Array.from({ length: CLUSTERS }, (_, i) => FIRST_SEED + i);
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, { allow: 0, deny: 0 }]));

  it.each(seeds.map((seed) => [seed, KINDS[seed % KINDS.length]!] as const))(
    "on random cluster %i, policies: %s",
    async (seed, policyKinds) => {
      const raw = randomKernelCluster(seed, policyKinds);
      const probes = await measure(["-"], EXTERNALS, clusterYaml(raw));
      const wrong = probes.filter((probe) => probe.measured !== referenceVerdict(raw, probe));
      if (wrong.length > 0 || differing(probes).length > 0) {
        expect.fail(`${JSON.stringify([...wrong, ...differing(probes)], undefined, 1)}\n${clusterYaml(raw)}`);
      }
      for (const { measured } of probes) counts[policyKinds]![measured]++;
    },
  );

  it.each(KINDS)("with both verdicts among the probes, policies: %s", (kind) => {
    const { allow, deny } = counts[kind]!;
    expect(allow).toBeGreaterThan(CLUSTERS / 2);
    expect(deny).toBeGreaterThan(CLUSTERS / 2);
  });
});
