// Runs inside the sandbox: programs are loaded and read back. Arguments: FIRST-SEED COUNT FOLDER...
import { compileProgram } from "../../src/dataplane/compile.ts";
import { programDelta } from "../../src/dataplane/delta.ts";
import { EMPTY_PROGRAM, type Program } from "../../src/dataplane/program.ts";
import { readProgram } from "../../src/dataplane/read-back/read-program.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { clusterFromSources } from "../../src/source/load-cluster.ts";
import { readManifestFiles } from "../../src/source/read-manifest-files.ts";
import { engineOf } from "../agreement/from-raw.ts";
import { EVERY_CONSTRUCT } from "./every-construct.ts";
import { listTable, loadProgram } from "./nft-table.ts";
import { randomKernelCluster } from "./random-kernel-cluster.ts";

/** What the script writes, as JSON. */
export interface ReadBackRun {
  readonly programs: number;
  readonly chains: number;
  readonly sets: number;
  readonly rules: number;
  readonly elements: number;
  /** Programs that were not read back as they were loaded. */
  readonly wrong: readonly { readonly name: string; readonly delta: readonly string[] }[];
}

const [firstSeed, count, ...folders] = process.argv.slice(2);

await runInSandbox(async () => {
  const run = { programs: 0, chains: 0, sets: 0, rules: 0, elements: 0 };
  const wrong: { name: string; delta: string[] }[] = [];
  const check = async (name: string, program: Program): Promise<void> => {
    await loadProgram(program);
    const read = readProgram(listTable());
    const delta = programDelta(read, program).map(({ command }) => command);
    if (read.foreign !== undefined) delta.push(...read.foreign);
    if (read.chains.size !== program.chains.size) delta.push(`${read.chains.size} chains`);
    if (read.sets.size !== program.sets.size) delta.push(`${read.sets.size} sets`);
    if (delta.length > 0) wrong.push({ name, delta: delta.slice(0, 5) });
    run.programs++;
    run.chains += read.chains.size;
    run.sets += read.sets.size;
    for (const chain of read.chains.values()) run.rules += chain.rules.length;
    for (const set of read.sets.values()) run.elements += set.elements.size;
  };
  const checkEngine = async (name: string, engine: Engine): Promise<void> => {
    for (const node of new Set(engine.cluster.pods.map((pod) => pod.node))) {
      if (node !== undefined) await check(`${name} ${node}`, compileProgram(engine, node));
    }
  };

  const empty = readProgram('{"nftables": [{"metainfo": {"version": "1.0.6"}}]}');
  if (empty !== EMPTY_PROGRAM) wrong.push({ name: "no table", delta: ["is not the empty program"] });
  await check("every construct", EVERY_CONSTRUCT);
  for (const folder of folders) {
    const { sources } = await readManifestFiles([folder]);
    const { cluster } = clusterFromSources(sources, { defaultNode: "node" });
    await checkEngine(folder, createEngine(cluster));
  }
  for (let seed = Number(firstSeed); seed < Number(firstSeed) + Number(count); seed++) {
    await checkEngine(`seed ${seed}`, engineOf(randomKernelCluster(seed, "any")));
  }
  const result: ReadBackRun = { ...run, wrong };
  process.stdout.write(JSON.stringify(result));
  return 0;
});
