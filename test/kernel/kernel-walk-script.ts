// Runs inside the sandbox: nodes follow a random walk from cluster to cluster. Arguments: FIRST-SEED CHANGES CHECK-EVERY
import { clusterChanges } from "../../src/cluster/diff.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { hasSharedAddress, randomState } from "../dataplane/random-state.ts";
import { createRandom } from "../generators/random.ts";
import { openKernelNodes } from "./kernel-nodes.ts";
import { nodesDiffer } from "./nodes-differ.ts";
import { isMove, isRelabel, relabelled } from "./relabelled.ts";
import { writeResult } from "./write-result.ts";

/** What the script writes, as JSON. */
export interface WalkRun {
  readonly changes: number;
  readonly transactions: number;
  /** Kernels that were read back and compared; with policies in audit mode; with pods known to be elsewhere. */
  readonly checks: number;
  readonly audited: number;
  readonly elsewhere: number;
  /** Changes in which a pod went to another node with its name, and those that gave a node or namespace other labels. */
  readonly moves: number;
  readonly relabels: number;
  /** By the change, what was wrong. */
  readonly wrong: readonly string[];
  readonly repairs: number;
}

const NODES = ["node-0", "node-1", "node-2"];
const [firstSeed, count, checkEvery] = process.argv.slice(2).map(Number) as [number, number, number];

await runInSandbox(async () => {
  const seen = { changes: 0, transactions: 0, checks: 0, audited: 0, elsewhere: 0, moves: 0, relabels: 0 };
  const wrong: string[] = [];
  const random = createRandom(firstSeed);
  const nodes = await openKernelNodes(randomState(firstSeed), NODES);
  const { engine } = nodes.engines;

  const check = async (where: string): Promise<void> => {
    const found = await nodesDiffer(nodes);
    seen.checks += nodes.nodes.length;
    for (const each of found.programs) {
      if ([...each.chains.keys()].some((name) => name.startsWith("ain"))) seen.audited++;
      if ((each.sets.get("elsewhere4")?.elements.size ?? 0) > 0) seen.elsewhere++;
    }
    wrong.push(...found.differences.map((difference) => `${where}: ${difference}`));
  };

  let sinceCheck = 0;
  for (let seed = firstSeed + 1; seen.changes < count && wrong.length === 0; seed++) {
    const changes = random.sample(
      [...relabelled(random, engine.cluster), ...clusterChanges(engine.cluster, randomState(seed))],
      Number.POSITIVE_INFINITY,
    );
    while (changes.length > 0 && seen.changes < count) {
      const batch = changes.splice(0, Math.min(random.int(1, 4), count - seen.changes));
      for (const change of batch) {
        if (isMove(engine.cluster, change)) seen.moves++;
        if (isRelabel(engine.cluster, change)) seen.relabels++;
      }
      const reports = await nodes.apply(batch);
      seen.transactions += reports.filter(({ operations }) => operations > 0).length;
      seen.changes += batch.length;
      sinceCheck += batch.length;
      const where = `seed ${firstSeed}, change ${seen.changes}: ${batch.map(({ kind }) => kind).join()}`;
      for (const problem of nodes.problems.slice(0, 3)) wrong.push(`${where}: ${JSON.stringify(problem)}`);
      if (wrong.length > 0) break;
      const isLast = seen.changes >= count;
      // Of two pods with one address the later counts, and a fresh engine does not know which that was.
      if ((sinceCheck < checkEvery && !isLast) || hasSharedAddress(engine.cluster)) continue;
      sinceCheck = 0;
      await check(where);
    }
  }
  // The last change may have left an address shared: from there to a state of which all can be told.
  if (wrong.length === 0) {
    await nodes.apply(clusterChanges(engine.cluster, randomState(firstSeed)));
    await check(`seed ${firstSeed}, back at the first state`);
  }
  const run: WalkRun = { ...seen, wrong, repairs: nodes.repairs.length };
  await writeResult(run);
  await nodes.close();
  return 0;
});
