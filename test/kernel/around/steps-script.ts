// Runs inside the sandbox: takes one lab through the steps that come as JSON on standard input.
import { closeSync, openSync } from "node:fs";
import { text } from "node:stream/consumers";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import { type Lab, openLab, programText } from "../../../src/lab/lab.ts";
import { runInSandbox } from "../../../src/lab/sandbox-inner.ts";
import { bridgeProblem } from "../../../src/linux/bridge.ts";
import { runInNamespace } from "../../../src/linux/command.ts";
import { NETNS_DIRECTORY } from "../../../src/linux/netns.ts";
import { parseAddress } from "../../../src/net/address.ts";
import { clusterFromSources } from "../../../src/source/load-cluster.ts";
import { measureDatagrams } from "./inside/datagrams.ts";
import { measureProbes } from "./inside/probes.ts";
import { measureShots } from "./inside/shots.ts";
import { measureTransfers } from "./inside/transfers.ts";
import { watched } from "./inside/watch.ts";
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

function bridges(lab: Lab, at: string): Answer {
  const problem = bridgeProblem(lab.network.namespaceOf(at));
  if (problem === undefined) return {};
  const { code, bridges: open, families } = problem;
  return { code, bridges: open.map(({ name }) => name).join(" "), families: families.join(" ") };
}

async function loadRules(lab: Lab, nodeName: string, at: string): Promise<Answer> {
  const rules = programText(lab.programs.get(nodeName)!);
  await mustRun(lab, at, ["nft", "-f", "-"], rules);
  return { rules };
}

async function closeAround(lab: Lab, at: string, argv: readonly string[]): Promise<Answer> {
  const { name } = lab.network.namespaceOf(at);
  const fd = openSync(`${NETNS_DIRECTORY}/${name}`, "r");
  await lab.close();
  const { code, stdout, stderr } = await runInNamespace({ name, fd }, argv, undefined);
  closeSync(fd);
  return { code: String(code), stdout, stderr };
}

async function take(lab: Lab, step: Exclude<Step, { state: string }>): Promise<Answer> {
  if ("probes" in step) return measureProbes(lab.network, step.probes);
  if ("shots" in step) return measureShots(lab.network, step.shots);
  if ("datagrams" in step) return measureDatagrams(lab.network, step.datagrams);
  if ("transfers" in step) return measureTransfers(lab.network, step.transfers);
  if ("bridgesOf" in step) return bridges(lab, step.bridgesOf);
  if ("watch" in step) return watched(lab, step.watch, step.states.map(engineOf));
  if ("rulesOf" in step) return loadRules(lab, step.rulesOf, step.loadAt);
  if ("closeAround" in step) return closeAround(lab, step.closeAround, step.argv);
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
      for (const [node, differences] of await lab.verify()) {
        if (differences.length > 0) throw new Error(`node ${node}: ${JSON.stringify(differences)}`);
      }
    } else {
      const answer = await take(lab!, step);
      if (step.as !== undefined) answers[step.as] = answer;
      if ("closeAround" in step) lab = undefined;
    }
  }
  process.stdout.write(JSON.stringify(answers));
  await lab?.close();
  return 0;
});
