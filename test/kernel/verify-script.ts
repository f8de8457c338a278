// Runs inside the sandbox: every single thing of loaded programs is broken by hand. Arguments: KINDS SEED...
import { compileProgram } from "../../src/dataplane/compile/compile.ts";
import { readProgram } from "../../src/dataplane/read-back/read-program.ts";
import { verifyProgram } from "../../src/dataplane/verify/verify.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { engineOf } from "../agreement/from-raw.ts";
import type { PolicyKinds } from "../generators/cluster.ts";
import { breaksOf } from "./breaks.ts";
import { nftTable } from "./nft-table.ts";
import { randomKernelCluster } from "./random-kernel-cluster.ts";

/** What the script writes, as JSON. */
export interface VerifyRun {
  readonly programs: number;
  readonly breaks: number;
  /** Breaks that the comparison of functions found, whatever the words of the program. */
  readonly ofFunction: number;
  readonly codes: readonly string[];
  /** Breaks that were not found, and differences where there are none. */
  readonly wrong: readonly string[];
}

const [policyKinds, ...seeds] = process.argv.slice(2);

await runInSandbox(async () => {
  const table = nftTable();
  const codes = new Set<string>();
  const wrong: string[] = [];
  let [programs, breaks, ofFunction] = [0, 0, 0];
  for (const seed of seeds.map(Number)) {
    const engine = engineOf(randomKernelCluster(seed, policyKinds as PolicyKinds));
    for (const node of engine.cluster.nodes.keys()) {
      const program = compileProgram(engine, node);
      await table.load(program);
      programs++;
      let listed = await table.list();
      const expectEqual = (when: string): void => {
        const [first] = verifyProgram(readProgram(listed), engine, node);
        if (first !== undefined) wrong.push(`seed ${seed} ${node} ${when}: ${JSON.stringify(first)}`);
      };
      expectEqual("as loaded");
      // Handles are others after every repair, so that the breaks are worked out anew.
      for (let i = 0; i < breaksOf(program, listed).length; i++) {
        const { what, script } = breaksOf(program, listed)[i]!;
        await table.run(script);
        breaks++;
        const read = readProgram(await table.list());
        const found = verifyProgram(read, engine, node);
        if (found.length === 0) wrong.push(`seed ${seed} ${node}: not found: ${what}`);
        for (const { code } of found) codes.add(code);
        if (found.some(({ code }) => code === "ports-differ")) ofFunction++;
        await table.repair(read, program);
        listed = await table.list();
        expectEqual(`after ${what}`);
      }
    }
  }
  const run: VerifyRun = { programs, breaks, ofFunction, codes: [...codes].sort(), wrong };
  process.stdout.write(JSON.stringify(run));
  return 0;
});
