import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster.ts";
import { UNNAMED_NODE } from "../cluster/cluster-node.ts";
import { compareNames } from "../cluster/names.ts";
import { nftablesKernel } from "../dataplane/kernel/nftables-kernel.ts";
import { createPolicyEngines } from "../dataplane/policy-engines.ts";
import { type Program, TABLE } from "../dataplane/program/program.ts";
import { ReadBackError, readProgram } from "../dataplane/read-back/read-program.ts";
import { configOfTable } from "../dataplane/verify/config-of.ts";
import type { Difference } from "../dataplane/verify/difference.ts";
import { comparisonSize, verifyProgram } from "../dataplane/verify/verify.ts";
import { bridgeProblem } from "../linux/bridge.ts";
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
  readonly audit?: boolean;
  readonly closedAtBirth: boolean;
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
    { defaultNodes: [UNNAMED_NODE] },
  );
  const node = chosenNode(cluster, options.node);
  const { engine, unaudited } = createPolicyEngines(cluster);
  const compare = (kernel: Program): Difference[] =>
    verifyProgram(kernel, engine, node, {
      config: configOfTable(kernel, { audit: options.audit === true, closedAtBirth: options.closedAtBirth }),
      ...(unaudited === undefined ? {} : { unaudited }),
    });
  const differences =
    ruleset === undefined ? await compareHere(node, compare) : compare(await savedRuleset(ruleset));
  if (differences === undefined) return EXIT_NO_KERNEL;
  const bridge = ruleset === undefined ? bridgeProblem() : undefined;
  if (bridge !== undefined) process.stderr.write(`podwall verify: ${bridge.message}\n`);
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

/** While a large set grows, the kernel may list it with gaps for a moment. */
const SECOND_LOOK_MILLIS = 300;

/** Compares the table of the network namespace that this process is in. Undefined if it cannot be read, and says why. */
async function compareHere(
  node: string,
  compare: (kernel: Program) => Difference[],
): Promise<Difference[] | undefined> {
  const otherwise = `Or give what "nft -j list table ${TABLE}" printed on the node: --ruleset FILE`;
  const refuse = (why: string): undefined => {
    process.stderr.write(`podwall verify: ${why} ${otherwise}\n`);
  };
  if (process.platform !== "linux") return refuse("only Linux has nftables.\n ");
  if (findProgram("nft") === undefined) {
    return refuse("there is no nft on this machine.\n  Install nftables, and run it as root on the node.");
  }
  const kernel = nftablesKernel(node);
  try {
    const differences = compare(await readTable(() => kernel.read()));
    if (differences.length === 0) return differences;
    await setTimeout(SECOND_LOOK_MILLIS);
    return compare(await readTable(() => kernel.read()));
  } catch (error) {
    if (!(error instanceof UnreadableTable)) throw error;
    return refuse(`the kernel's rules cannot be read here: ${error.message}\n  Run it as root on the node.`);
  } finally {
    kernel.close();
  }
}

/** nft may not, or cannot, list the table. */
class UnreadableTable extends Error {
  override readonly name = "UnreadableTable";
}

async function readTable(read: () => Promise<Program>): Promise<Program> {
  try {
    return await read();
  } catch (error) {
    throw new UnreadableTable((error as Error).message.trim().split("\n")[0]);
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
