// Runs inside the sandbox: the rules of manifests are loaded, and the built command line compares. Arguments: BUNDLE FOLDER
import { compileProgram } from "../../src/dataplane/compile/compile.ts";
import { TABLE } from "../../src/dataplane/program/program.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { type CommandResult, runInNamespace } from "../../src/linux/command.ts";
import { clusterFromSources } from "../../src/source/load-cluster.ts";
import { readManifestFiles } from "../../src/source/read-manifest-files.ts";
import { nftTable } from "./nft-table.ts";

/** What the script writes, as JSON. */
export interface VerifyCommandRun {
  readonly before: CommandResult;
  readonly loaded: CommandResult;
  readonly broken: CommandResult;
  /** What nft lists of the loaded table. */
  readonly ruleset: string;
}

const [bundle, folder] = process.argv.slice(2) as [string, string];

await runInSandbox(async () => {
  const { sources } = await readManifestFiles([folder]);
  const { cluster } = clusterFromSources(sources, { defaultNodes: ["node"] });
  const table = nftTable();
  const verify = (): Promise<CommandResult> =>
    runInNamespace(undefined, [process.execPath, bundle, "verify", folder], undefined);
  const before = await verify();
  await table.load(compileProgram(createEngine(cluster), "node"));
  const loaded = await verify();
  const listing = await runInNamespace(
    undefined,
    ["nft", "-j", "list", "table", ...TABLE.split(" ")],
    undefined,
  );
  await table.run(`insert rule ${TABLE} ingress tcp dport 22 accept\n`);
  const run: VerifyCommandRun = { before, loaded, broken: await verify(), ruleset: listing.stdout };
  process.stdout.write(JSON.stringify(run));
  return 0;
});
