// Random small clusters: the engine, the reference evaluator, the rules read back from the kernel, and packets.
import { expect, it } from "vitest";
import { describeKernel } from "./kernel-support.ts";
import type { ClustersRun } from "./random-clusters-script.ts";
import { runKernelScript } from "./run-kernel-script.ts";

/** More with PODWALL_KERNEL_CLUSTERS, or scripts/kernel-clusters.mjs; others with PODWALL_SEED. */
const CLUSTERS = Number(process.env.PODWALL_KERNEL_CLUSTERS ?? 50);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);
/** In one sandbox. */
const CLUSTERS_EACH = 25;

const parts: { readonly first: number; readonly count: number }[] = [];
for (let done = 0; done < CLUSTERS; done += CLUSTERS_EACH) {
  parts.push({ first: FIRST_SEED + done, count: Math.min(CLUSTERS_EACH, CLUSTERS - done) });
}

describeKernel("the kernel agrees with the engine and the reference evaluator", () => {
  const runs: ClustersRun[] = [];

  it.each(parts)("on $count random clusters from seed $first on", { timeout: 600_000 }, async (part) => {
    const args = [String(part.first), String(part.count)];
    const run = await runKernelScript<ClustersRun>("./random-clusters-script.ts", args);
    for (const each of run.wrong) {
      const { manifests, ...rest } = each as { manifests: string };
      expect.fail(`${JSON.stringify(rest, undefined, 1)}\n${manifests}`);
    }
    expect(run.clusters).toBe(part.count);
    expect(run.verified).toBeGreaterThanOrEqual(part.count);
    runs.push(run);
  });

  // Of fewer clusters nothing can be said.
  it.runIf(CLUSTERS >= CLUSTERS_EACH)("with all sorts among them", () => {
    const sum = (of: (run: ClustersRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
    expect(sum(({ clusters }) => clusters)).toBe(CLUSTERS);
    expect(sum(({ severalNodes }) => severalNodes)).toBeGreaterThan(CLUSTERS / 3);
    expect(sum(({ deltas }) => deltas)).toBeGreaterThan(CLUSTERS / 2);
    for (const kinds of ["NetworkPolicy", "cluster-wide"]) {
      for (const verdict of ["IPv4 allow", "IPv4 deny", "IPv6 allow", "IPv6 deny"]) {
        const kind = `${kinds} ${verdict}`;
        expect(
          sum(({ probes }) => probes[kind] ?? 0),
          kind,
        ).toBeGreaterThan(CLUSTERS / 2);
      }
    }
  });
});
