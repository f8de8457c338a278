// Runs inside the sandbox: nodes go back and forth between two states. Arguments: TIMES SEED-A,SEED-B...
import { clusterChanges } from "../../src/cluster/diff.ts";
import type { Program } from "../../src/dataplane/program/program.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { randomState } from "../dataplane/random-state.ts";
import { createRandom } from "../generators/random.ts";
import { type KernelNodes, openKernelNodes } from "./kernel-nodes.ts";
import { nodesDiffer } from "./nodes-differ.ts";
import { writeResult } from "./write-result.ts";

/** What the script writes, as JSON: for each pair of seeds. */
export interface BackAndForthRun {
  readonly seeds: string;
  /** How much the kernels of all nodes hold in the first state: at the start, and after each return. */
  readonly held: readonly Held[];
  /** Transactions that were applied. */
  readonly transactions: number;
  readonly wrong: readonly string[];
}

export interface Held {
  readonly chains: number;
  readonly rules: number;
  readonly sets: number;
  readonly elements: number;
}

const NODES = ["node-0", "node-1", "node-2"];
const [times, ...pairs] = process.argv.slice(2);

await runInSandbox(async () => {
  const runs: BackAndForthRun[] = [];
  for (const seeds of pairs) {
    const [first, second] = seeds.split(",").map(Number) as [number, number];
    const random = createRandom(first);
    const states = [randomState(first), randomState(second)];
    const nodes = await openKernelNodes(states[0]!, NODES);
    const held = [await heldBy(nodes)];
    let transactions = 0;
    const goTo = async (state: number): Promise<void> => {
      // In another order each time, so that sets have another past.
      const changes = clusterChanges(nodes.engines.engine.cluster, states[state]!);
      const shuffled = random.sample(changes, changes.length);
      while (shuffled.length > 0) {
        const reports = await nodes.apply(shuffled.splice(0, random.int(1, 5)));
        transactions += reports.filter(({ operations }) => operations > 0).length;
      }
    };
    for (let i = 0; i < Number(times); i++) {
      await goTo(1);
      await goTo(0);
      held.push(await heldBy(nodes));
    }
    const { differences } = await nodesDiffer(nodes);
    const wrong = [...differences, ...nodes.problems.map((problem) => JSON.stringify(problem))];
    runs.push({ seeds, held, transactions, wrong });
    await nodes.close();
  }
  await writeResult(runs);
  return 0;
});

async function heldBy({ nodes }: KernelNodes): Promise<Held> {
  const held = { chains: 0, rules: 0, sets: 0, elements: 0 };
  for (const { kernel } of nodes) {
    const { chains, sets }: Program = await kernel.read();
    held.chains += chains.size;
    held.sets += sets.size;
    for (const { rules } of chains.values()) held.rules += rules.length;
    for (const { elements } of sets.values()) held.elements += elements.size;
  }
  return held;
}
