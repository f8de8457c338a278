// Runs in the network namespace of a node: SEED STEPS [forget]. Enforces a walk from its step number STEPS on, and goes
// on walking until it is killed or told to stop. With `forget` it takes away what is there before it starts.
import { setTimeout as sleep } from "node:timers/promises";
import { clusterChanges } from "../../../src/cluster/diff.ts";
import type { EnforcementProblem } from "../../../src/dataplane/enforcement-problem.ts";
import type { Repair } from "../../../src/dataplane/kernel/kernel-watch.ts";
import { nftablesKernel } from "../../../src/dataplane/kernel/nftables-kernel.ts";
import { openNodeDataplane } from "../../../src/dataplane/node-dataplane.ts";
import { createPolicyEngines } from "../../../src/dataplane/policy-engines.ts";
import { TABLE } from "../../../src/dataplane/program/program.ts";
import { createReactor } from "../../../src/linux/reactor.ts";
import { closedWalk } from "./closed-walk.ts";

/** What the process tells. */
export type EnforcerMessage =
  | { readonly kind: "starting" }
  /** `start` has resolved; what `verify` says then. */
  | { readonly kind: "started"; readonly operations: number; readonly differences: readonly unknown[] }
  /** What has not gone as it should. */
  | { readonly kind: "trouble"; readonly what: EnforcementProblem | Repair }
  | { readonly kind: "changed" };

const CHANGE_MILLIS = 5;

const [seed, steps, mode] = process.argv.slice(2) as [string, string, string?];
const tell = (message: EnforcerMessage): void => {
  process.send!(message);
};

const walk = closedWalk(Number(seed));
for (let i = 0; i < Number(steps); i++) walk.step();
const reactor = createReactor();
const engines = createPolicyEngines(walk.cluster);
const dataplane = openNodeDataplane({
  engines,
  node: "one",
  reactor,
  onProblem: (what) => tell({ kind: "trouble", what }),
  onRepair: (what) => tell({ kind: "trouble", what }),
  onError: (error) => setImmediate(() => Promise.reject(error)),
});
let stopped = false;
process.on("message", () => {
  stopped = true;
});
tell({ kind: "starting" });
if (mode === "forget") {
  const kernel = nftablesKernel("one");
  await kernel.apply(`delete table ${TABLE}\n`);
  kernel.close();
}
const { operations } = await dataplane.start();
tell({ kind: "started", operations, differences: await dataplane.verify() });
while (!stopped) {
  const before = walk.cluster;
  walk.step();
  engines.apply(clusterChanges(before, walk.cluster));
  await dataplane.enforce();
  tell({ kind: "changed" });
  await sleep(CHANGE_MILLIS);
}
await dataplane.close();
reactor.close();
process.disconnect();
