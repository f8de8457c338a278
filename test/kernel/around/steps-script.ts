// Runs inside the sandbox: takes one lab through the steps that come as JSON on standard input.
import { text } from "node:stream/consumers";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { runInSandbox } from "../../../src/lab/sandbox-inner.ts";
import { runInNamespace } from "../../../src/linux/command.ts";
import { parseAddress } from "../../../src/net/address.ts";
import { clusterFromSources } from "../../../src/source/load-cluster.ts";
import { measureDatagrams } from "./inside/datagrams.ts";
import { measureProbes } from "./inside/probes.ts";
import { measureShots } from "./inside/shots.ts";
import { measureTransfers } from "./inside/transfers.ts";
import type { Step, StepsInput } from "./steps.ts";

type Answer = Record<string, string>;

function engineOf(manifests: string): Engine {
  const { cluster, findings } = clusterFromSources([{ file: "test", text: manifests }], {});
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return createEngine(cluster);
}

async function run(lab: Lab, at: string, argv: readonly string[], stdin?: string): Promise<Answer> {
  const { code, stdout, stderr } = await runInNamespace(lab.network.namespaceOf(at), argv, stdin);
  return { code: String(code), stdout, stderr };
}

async function mustRun(lab: Lab, at: string, argv: readonly string[], stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await run(lab, at, argv, stdin);
  if (code !== "0") throw new Error(`${argv.join(" ")} at ${at} ended with ${code}: ${stderr}`);
  return stdout!;
}

async function copyTable(lab: Lab, step: Extract<Step, { copyTable: string }>): Promise<Answer> {
  const rules = await mustRun(lab, step.copyTable, ["nft", "list", "table", "inet", "podwall"]);
  const pattern = new RegExp(step.pattern, "g");
  const copy = rules
    .replace("table inet podwall", `table inet ${step.name}`)
    .replaceAll(pattern, step.replacement);
  await mustRun(lab, step.copyTable, ["nft", "-f", "-"], copy);
  return { found: String([...rules.matchAll(pattern)].length) };
}

async function take(lab: Lab, step: Exclude<Step, { state: string }>): Promise<Answer> {
  if ("probes" in step) return measureProbes(lab.network, step.probes);
  if ("shots" in step) return measureShots(lab.network, step.shots);
  if ("datagrams" in step) return measureDatagrams(lab.network, step.datagrams);
  if ("transfers" in step) return measureTransfers(lab.network, step.transfers);
  if ("copyTable" in step) return copyTable(lab, step);
  if (step.as !== undefined) return run(lab, step.run, step.argv, step.stdin);
  return { stdout: await mustRun(lab, step.run, step.argv, step.stdin) };
}

await runInSandbox(async () => {
  const input = JSON.parse(await text(process.stdin)) as StepsInput;
  const externals = input.externals.map((text) => parseAddress(text)!);
  const answers: Record<string, Answer> = {};
  let lab: Lab | undefined;
  for (const step of input.steps) {
    if ("state" in step) {
      if (lab === undefined) lab = await openLab(engineOf(step.state), externals);
      else await lab.update(engineOf(step.state));
    } else {
      const answer = await take(lab!, step);
      if (step.as !== undefined) answers[step.as] = answer;
    }
  }
  process.stdout.write(JSON.stringify(answers));
  await lab?.close();
  return 0;
});
