import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { UNNAMED_NODE } from "../cluster/build.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { compareNames } from "../cluster/names.ts";
import { type Program, TABLE } from "../dataplane/program.ts";
import { readKernel, UnreadableKernelError } from "../dataplane/read-back/read-kernel.ts";
import { ReadBackError, readProgram } from "../dataplane/read-back/read-program.ts";
import { comparisonSize, verifyProgram } from "../dataplane/verify.ts";
import { createEngine } from "../engine/engine.ts";
import { runProgram } from "../linux/command.ts";
import { findProgram } from "../linux/programs.ts";
import { verifyJson } from "../report/verify-json.ts";
import { verifyText } from "../report/verify-text.ts";
import { STDIN } from "../source/list-files.ts";
import { EXIT_NO, EXIT_NO_KERNEL, EXIT_OK } from "./exit-code.ts";
import { type LiveInputOptions, loadManifestsOrCluster } from "./live-input.ts";
import { styleFor } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export interface VerifyOptions extends LiveInputOptions {
  readonly output: "text" | "json";
  readonly node?: string;
  readonly ruleset?: string;
}

/** `podwall verify`: is what the kernel of a node lets pass what the policies say? */
export async function verifyCommand(paths: readonly string[], options: VerifyOptions): Promise<number> {
  const { ruleset } = options;
  if (ruleset === STDIN && paths.includes(STDIN)) {
    throw new UsageError("the manifests and --ruleset cannot both be the standard input");
  }
  const { cluster } = await loadManifestsOrCluster(
    paths,
    options,
    {
      namespaces: () => [],
      isEnough: false,
      lack: "Without the pods and policies of all namespaces nobody can say what the kernel should let pass.",
    },
    { defaultNode: UNNAMED_NODE },
  );
  const node = chosenNode(cluster, options.node);
  const kernel = ruleset === undefined ? await kernelHere() : await savedRuleset(ruleset);
  if (kernel === undefined) return EXIT_NO_KERNEL;
  const engine = createEngine(cluster);
  const differences = verifyProgram(kernel, engine, node);
  const size = comparisonSize(engine, node);
  process.stdout.write(
    options.output === "json"
      ? `${JSON.stringify(verifyJson(node, size, differences), undefined, 2)}\n`
      : verifyText(node, size, differences, styleFor(process.stdout)),
  );
  return differences.length === 0 ? EXIT_OK : EXIT_NO;
}

/** More are counted, not told. */
const MOST_NODES_TOLD = 8;

function chosenNode(cluster: Cluster, asked: string | undefined): string {
  const withPods = [...new Set(cluster.pods.flatMap(({ node }) => node ?? []))].sort(compareNames);
  if (asked !== undefined) {
    if (cluster.nodes.has(asked) || withPods.includes(asked)) return asked;
    throw new UsageError(`--node ${asked}: no such node; ${thereAre([...cluster.nodes.keys()])}`);
  }
  const [only, ...others] = withPods;
  if (only === undefined) throw new UsageError("no pod is on a node, so there is nothing to compare");
  if (others.length === 0) return only;
  throw new UsageError(
    `there are pods on several nodes; say which this is with --node: ${thereAre(withPods)}`,
  );
}

function thereAre(nodes: readonly string[]): string {
  const more = nodes.length - MOST_NODES_TOLD;
  return `there are ${nodes.slice(0, MOST_NODES_TOLD).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** The table of the network namespace that this process is in. Undefined if it cannot be read, and says why. */
async function kernelHere(): Promise<Program | undefined> {
  const otherwise = `Or give what "nft -j list table ${TABLE}" printed on the node: --ruleset FILE`;
  if (findProgram("nft") === undefined) {
    process.stderr.write(
      `podwall verify: there is no nft on this machine; install nftables\n  ${otherwise}\n`,
    );
    return undefined;
  }
  try {
    return await readKernel((argv) => runProgram(argv));
  } catch (error) {
    if (!(error instanceof UnreadableKernelError)) throw error;
    process.stderr.write(
      `podwall verify: the kernel's rules cannot be read here: ${error.message}\n  Run it as root. ${otherwise}\n`,
    );
    return undefined;
  }
}

async function savedRuleset(file: string): Promise<Program> {
  const name = file === STDIN ? "the standard input" : file;
  let content: string;
  try {
    content = file === STDIN ? await text(process.stdin) : await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`--ruleset ${file}: ${(error as Error).message}`);
  }
  const way = `save what "nft -j list table ${TABLE}" prints`;
  if (content.trim() === "") throw new UsageError(`--ruleset ${file}: ${name} is empty; ${way}`);
  try {
    return readProgram(content);
  } catch (error) {
    if (!(error instanceof ReadBackError)) throw error;
    throw new UsageError(`--ruleset ${file}: ${error.message}; ${way}`);
  }
}
