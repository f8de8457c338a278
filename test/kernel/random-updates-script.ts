// Runs inside the sandbox: one lab that goes from one random cluster to the next, FIRST-SEED COUNT.
import { openLab } from "../../src/lab/lab.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { parseAddress } from "../../src/net/address.ts";
import { engineOf } from "../agreement/from-raw.ts";
import { EXTERNALS, randomKernelCluster, referenceVerdict } from "./random-kernel-cluster.ts";

/** What the script writes, as JSON. */
export interface UpdatesRun {
  readonly allow: number;
  readonly deny: number;
  /** Updates that left a node its table, so that what was loaded is a delta. */
  readonly deltas: number;
  readonly wrong: readonly unknown[];
}

const [firstSeed, count] = process.argv.slice(2).map(Number) as [number, number];

await runInSandbox(async () => {
  const externals = EXTERNALS.map((text) => parseAddress(text)!);
  const seen = { allow: 0, deny: 0 };
  const wrong: unknown[] = [];
  let deltas = 0;
  let raw = randomKernelCluster(firstSeed, "any");
  const lab = await openLab(engineOf(raw), externals);
  for (let seed = firstSeed + 1; seed <= firstSeed + count; seed++) {
    raw = randomKernelCluster(seed, "any");
    const before = new Map(
      [...lab.programs.keys()].map((node) => [node, lab.network.namespaceOf(`node:${node}`)]),
    );
    await lab.update(engineOf(raw));
    for (const [node, namespace] of before) {
      if (lab.programs.has(node) && lab.network.namespaceOf(`node:${node}`) === namespace) deltas++;
    }
    for (const each of await lab.measure()) {
      seen[each.measured]++;
      const expected = referenceVerdict(raw, each);
      if (each.measured !== expected || each.predicted !== expected) wrong.push({ seed, expected, ...each });
    }
  }
  const run: UpdatesRun = { ...seen, deltas, wrong };
  process.stdout.write(JSON.stringify(run));
  await lab.close();
  return 0;
});
