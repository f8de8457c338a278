// Runs inside the sandbox: takes one lab through the steps that come as JSON on standard input.
import { text } from "node:stream/consumers";
import { clusterChanges } from "../../../src/cluster/diff.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../../../src/dataplane/config.ts";
import { type NodeDataplane, openNodeDataplane } from "../../../src/dataplane/node-dataplane.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { runInSandbox } from "../../../src/lab/sandbox-inner.ts";
import { runInNamespace } from "../../../src/linux/command.ts";
import { parseAddress } from "../../../src/net/address.ts";
import { cutText } from "./inside/cut-text.ts";
import { engineOf } from "./inside/engine-of.ts";
import { beginMany, closeFlow, type OpenFlow, openFlow, pause, sendThrough } from "./inside/flows.ts";
import type { Flow, StepsInput } from "./steps.ts";

type Answer = Record<string, string>;

await runInSandbox(async () => {
  const input = JSON.parse(await text(process.stdin)) as StepsInput;
  const answers: Record<string, Answer> = {};
  const open = new Map<string, OpenFlow>();
  let cuts: string[] = [];
  let repairs = 0;
  let lab: Lab | undefined;
  let successor: NodeDataplane | undefined;

  const start = async (manifests: string): Promise<Lab> =>
    openLab(
      engineOf(manifests),
      input.externals.map((each) => parseAddress(each)!),
      {
        config: { ...DEFAULT_ENFORCEMENT, ...input.config },
        cutsConnections: input.cutsConnections,
        onCut: (node, found) => cuts.push(...found.map((cut) => cutText(node, cut))),
        onRepair: () => {
          repairs++;
        },
      },
    );
  const change = async (running: Lab, manifests: string): Promise<void> => {
    const { engine } = running.engines;
    const next = engineOf(manifests).cluster;
    // The lab gave its nodes their pod ranges.
    const nodes = new Map(
      [...next.nodes].map(([name, node]) => [name, engine.cluster.nodes.get(name) ?? node]),
    );
    const changes = clusterChanges(engine.cluster, { ...next, nodes });
    if (successor === undefined) return running.apply(changes);
    running.engines.apply(changes);
    await successor.enforce();
  };
  const restart = async (
    running: Lab,
    node: string,
    config: Partial<EnforcementConfig> = {},
  ): Promise<NodeDataplane> => {
    await (successor ?? running.enforcers.get(node)!).close();
    const next = openNodeDataplane({
      engines: running.engines,
      node,
      namespace: running.network.namespaceOf(`node:${node}`),
      reactor: running.network.reactor,
      config: { ...DEFAULT_ENFORCEMENT, ...input.config, ...config },
      onCut: (found) => cuts.push(...found.map((cut) => cutText(node, cut))),
      onRepair: () => {
        repairs++;
      },
      onError: (error) => setImmediate(() => Promise.reject(error)),
    });
    await next.start();
    return next;
  };
  const tryOpen = async (running: Lab, flows: readonly Flow[]): Promise<Answer> => {
    const answer: Answer = {};
    for (const flow of flows) {
      const opened = await openFlow(running.network, flow);
      answer[flow.name] = typeof opened === "string" ? opened : "open";
      if (typeof opened !== "string") open.set(flow.name, opened);
    }
    return answer;
  };

  for (const step of input.steps) {
    if ("state" in step) {
      if (lab === undefined) lab = await start(step.state);
      else await lab.update(engineOf(step.state));
    } else if ("change" in step) {
      await change(lab!, step.change);
    } else if ("open" in step) {
      const failed = Object.entries(await tryOpen(lab!, step.open)).filter(([, how]) => how !== "open");
      if (failed.length > 0) throw new Error(`not open: ${failed.join("; ")}`);
    } else if ("begin" in step) {
      beginMany(lab!.network, step.from, step.to, step.begin);
    } else if ("tryOpen" in step) {
      answers[step.as] = await tryOpen(lab!, step.tryOpen);
    } else if ("close" in step) {
      for (const name of step.close) {
        closeFlow(open.get(name)!);
        open.delete(name);
      }
    } else if ("send" in step) {
      const seen = await sendThrough(
        step.send.map((name) => open.get(name)!),
        step.only,
      );
      const texts = seen.map(({ client, server }, i) => [
        step.send[i]!,
        `client ${client}, server ${server}`,
      ]);
      answers[step.as] = Object.fromEntries(texts);
    } else if ("run" in step) {
      const { code, stderr } = await runInNamespace(
        lab!.network.namespaceOf(step.run),
        step.argv,
        step.stdin,
      );
      if (code !== 0) throw new Error(`${step.argv.join(" ")} ended with ${code}: ${stderr}`);
    } else if ("restart" in step) {
      successor = await restart(lab!, step.restart, step.config);
    } else if ("untilRepairs" in step) {
      while (repairs < step.untilRepairs) await pause(5);
    } else if ("repairsAs" in step) {
      answers[step.repairsAs] = { repairs: String(repairs) };
    } else {
      answers[step.cutsAs] = Object.fromEntries(cuts.sort().map((each) => [each, ""]));
      cuts = [];
    }
  }
  // The process ends at once afterwards, and a pipe takes no more than 64 KiB by itself.
  await new Promise((resolve) => process.stdout.write(JSON.stringify(answers), resolve));
  await lab?.close();
  return 0;
});
