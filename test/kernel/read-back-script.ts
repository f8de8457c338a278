// Runs inside the sandbox: programs are loaded and read back. Arguments: FIRST-SEED COUNT FOLDER...
import { compileProgram } from "../../src/dataplane/compile/compile.ts";
import { programDelta } from "../../src/dataplane/program/delta.ts";
import { EMPTY_PROGRAM, type Program, TABLE } from "../../src/dataplane/program/program.ts";
import { readProgram } from "../../src/dataplane/read-back/read-program.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { runInNamespace } from "../../src/linux/command.ts";
import { clusterFromSources } from "../../src/source/load-cluster.ts";
import { readManifestFiles } from "../../src/source/read-manifest-files.ts";
import { engineOf } from "../agreement/from-raw.ts";
import { EVERY_CONSTRUCT } from "./every-construct.ts";
import { nftTable } from "./nft-table.ts";
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
  const table = nftTable();
  const run = { programs: 0, chains: 0, sets: 0, rules: 0, elements: 0 };
  const wrong: { name: string; delta: string[] }[] = [];
  const check = async (name: string, program: Program): Promise<void> => {
    await table.load(program);
    const read = readProgram(await table.list());
    // As a person lists it: protocols by name.
    const argv = ["nft", "-j", "list", "table", ...TABLE.split(" ")];
    const printed = readProgram((await runInNamespace(undefined, argv, undefined)).stdout);
    for (const each of [read, printed]) {
      const delta = programDelta(each, program).map(({ command }) => command);
      if (each.foreign !== undefined) delta.push(...each.foreign);
      if (each.chains.size !== program.chains.size) delta.push(`${each.chains.size} chains`);
      if (each.sets.size !== program.sets.size) delta.push(`${each.sets.size} sets`);
      if (delta.length > 0) wrong.push({ name, delta: delta.slice(0, 5) });
    }
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
    const { cluster } = clusterFromSources(sources, { defaultNodes: ["node"] });
    await checkEngine(folder, createEngine(cluster));
  }
  for (let seed = Number(firstSeed); seed < Number(firstSeed) + Number(count); seed++) {
    await checkEngine(`seed ${seed}`, engineOf(randomKernelCluster(seed, "any")));
  }
  const result: ReadBackRun = { ...run, wrong };
  process.stdout.write(JSON.stringify(result));
  return 0;
});
