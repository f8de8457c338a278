// Runs inside the sandbox: takes one lab through the steps given as JSON in the first argument.

import { nftablesKernel } from "../../src/dataplane/kernel/nftables-kernel.ts";
import { formatDelta, replacementDelta } from "../../src/dataplane/program/delta.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { addressOfFamily } from "../../src/lab/network.ts";
import { type Probe, probe } from "../../src/lab/probe.ts";
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { FAMILIES, formatAddress, parseAddress } from "../../src/net/address.ts";
import { clusterFromSources } from "../../src/source/load-cluster.ts";
import type { Passage, StepsInput } from "./steps.ts";

function engineOf(manifests: string): Engine {
  const { cluster, findings } = clusterFromSources([{ file: "test", text: manifests }], {});
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return createEngine(cluster);
}

/** Loads the rules of every node anew, without those that the pattern matches; gives the number left out. */
async function reload(lab: Lab, leaveOut: RegExp): Promise<number> {
  let count = 0;
  for (const [node, program] of lab.programs) {
    const whole = replacementDelta(program);
    const kept = whole.filter(({ command }) => !(command.startsWith("add rule") && leaveOut.test(command)));
    count += whole.length - kept.length;
    const kernel = nftablesKernel(node, lab.network.namespaceOf(`node:${node}`));
    await kernel.apply(formatDelta(kept));
    kernel.close();
  }
  return count;
}

/** "FROM -> TO PROTOCOL [PORT]", in every family that both ends have. */
async function measure(lab: Lab, texts: readonly string[]): Promise<Record<string, Passage>> {
  const planned = texts.flatMap((text) => {
    const [from, to, protocol, port] = text.replace(" -> ", " ").split(" ") as [
      string,
      string,
      string,
      string?,
    ];
    return FAMILIES.flatMap((family): { text: string; probe: Probe }[] => {
      const source = addressOfFamily(lab.network.endpoint(from)!, family);
      const address = addressOfFamily(lab.network.endpoint(to)!, family);
      if (source === undefined || address === undefined) return [];
      const end = { from, to: { address: formatAddress(address) }, family };
      return [
        {
          text,
          probe: {
            ...end,
            protocol: protocol as Probe["protocol"],
            ...(port === undefined ? {} : { port: Number(port) }),
          },
        },
      ];
    });
  });
  const results = await probe(
    lab.network,
    planned.map((each) => each.probe),
    { timeoutMs: 700 },
  );
  const passages: Record<string, Passage> = {};
  for (const [i, { text }] of planned.entries()) {
    const passage = results[i]!.outcome === "no-answer" ? "stopped" : "passed";
    passages[text] = (passages[text] ?? passage) === passage ? passage : "differs by family";
  }
  return passages;
}

await runInSandbox(async () => {
  const input = JSON.parse(process.argv[2]!) as StepsInput;
  const externals = input.externals.map((text) => parseAddress(text)!);
  let lab: Lab | undefined;
  const answers: unknown[] = [];
  for (const step of input.steps) {
    if ("state" in step) {
      if (lab === undefined) lab = await openLab(engineOf(step.state), externals, { repairsTable: false });
      else await lab.update(engineOf(step.state));
      for (const [node, differences] of await lab.verify()) {
        if (differences.length > 0) throw new Error(`node ${node}: ${JSON.stringify(differences)}`);
      }
      answers.push(null);
    } else if ("leaveOut" in step) {
      answers.push(await reload(lab!, new RegExp(step.leaveOut)));
    } else {
      answers.push(await measure(lab!, step.probes));
    }
  }
  process.stdout.write(JSON.stringify(answers));
  await lab?.close();
  return 0;
});
