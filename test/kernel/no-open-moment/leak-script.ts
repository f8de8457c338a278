// Runs inside the sandbox: SEED PACKETS CHANGES. One pod floods another that is always closed to it, while the cluster
// changes; then the same with rules that are taken away and loaded anew.
import { setTimeout as sleep } from "node:timers/promises";
import { clusterChanges } from "../../../src/cluster/diff.ts";
import { compileProgram } from "../../../src/dataplane/compile/compile.ts";
import { applyDelta } from "../../../src/dataplane/kernel/kernel.ts";
import { nftablesKernel } from "../../../src/dataplane/kernel/nftables-kernel.ts";
import { programDelta } from "../../../src/dataplane/program/delta.ts";
import { EMPTY_PROGRAM, TABLE } from "../../../src/dataplane/program/program.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import { openLab } from "../../../src/lab/lab.ts";
import { createNetwork } from "../../../src/lab/network.ts";
import { topologyOf } from "../../../src/lab/plan.ts";
import { runInSandbox } from "../../../src/lab/sandbox-inner.ts";
import { openRuleCounters } from "../../../src/linux/netfilter/rule-counters.ts";
import { watchArrivals } from "./arrivals.ts";
import { closedWalk } from "./closed-walk.ts";
import { startFlood } from "./flood.ts";

/** What the script writes, as JSON. */
export interface LeakRun {
  readonly changes: number;
  /** How often rules were loaded: changes that come while others are applied are applied together. */
  readonly loads: number;
  readonly changesASecond: number;
  /** Packets of the pod that may never pass, and how many of them arrived. */
  readonly sent: number;
  readonly leaked: number;
  /** Packets that the rules counted as denied, of all senders. */
  readonly denied: number;
  /** Packets of the pod that may always pass, and how many of them arrived. */
  readonly allowedSent: number;
  readonly allowedArrived: number;
  /** What `verify` finds at the end, and what went wrong on the way. */
  readonly differences: readonly unknown[];
  readonly problems: readonly unknown[];
  readonly repairs: readonly unknown[];
  /** The same with tables that are deleted and loaded in two transactions. */
  readonly control: { readonly sent: number; readonly leaked: number; readonly loads: number };
}

const CHANGE_MILLIS = 5;
const CONTROL_LOADS = 40;

const [seed, packets, changes] = process.argv.slice(2).map(Number) as [number, number, number];

await runInSandbox(async () => {
  const run: LeakRun = { ...(await leaks()), control: await control() };
  process.stdout.write(JSON.stringify(run));
  return 0;
});

async function leaks(): Promise<Omit<LeakRun, "control">> {
  const walk = closedWalk(seed);
  const problems: unknown[] = [];
  const repairs: unknown[] = [];
  const lab = await openLab(createEngine(walk.cluster), [], {
    onProblem: (_, problem) => problems.push(problem),
    onRepair: (_, repair) => repairs.push(repair),
  });
  const counters = openRuleCounters(lab.network.namespaceOf("node:one"));
  const arrivals = watchArrivals(lab.network, "shop/b");
  const flood = await startFlood(lab.network, "shop/a", "shop/b");
  const allowed = await startFlood(lab.network, "shop/c", "shop/b", 100);
  const started = performance.now();
  let [done, loads] = [0, 0];
  while (done < changes || loads < changes / 25 || flood.sent < packets) {
    const before = walk.cluster;
    // Changes that are due at once are applied at once, as on a node that is busy.
    do {
      walk.step();
      done++;
    } while (started + done * CHANGE_MILLIS < performance.now());
    await lab.apply(clusterChanges(before, walk.cluster));
    loads++;
    await sleep(Math.max(0, started + done * CHANGE_MILLIS - performance.now()));
  }
  const seconds = (performance.now() - started) / 1000;
  const sent = await flood.stop();
  const allowedSent = await allowed.stop();
  await sleep(100);
  const result = {
    changes: done,
    loads,
    changesASecond: Math.round(done / seconds),
    sent,
    leaked: arrivals.from("shop/a"),
    denied: counters.packets("podwall", "deny_ingress") + counters.packets("podwall", "deny_egress"),
    allowedSent,
    allowedArrived: arrivals.from("shop/c"),
    differences: [...(await lab.verify()).values()].flat(),
    problems,
    repairs,
  };
  counters.close();
  arrivals.close();
  await lab.close();
  return result;
}

async function control(): Promise<LeakRun["control"]> {
  const engine = createEngine(closedWalk(seed).cluster);
  const network = await createNetwork(topologyOf(engine, []));
  const kernel = nftablesKernel("one", network.namespaceOf("node:one"));
  const program = compileProgram(engine, "one");
  await applyDelta(kernel, programDelta(EMPTY_PROGRAM, program));
  const arrivals = watchArrivals(network, "shop/b");
  const flood = await startFlood(network, "shop/a", "shop/b");
  for (let i = 0; i < CONTROL_LOADS; i++) {
    await applyDelta(kernel, [{ command: `delete table ${TABLE}`, target: "table" }]);
    await applyDelta(kernel, programDelta(EMPTY_PROGRAM, program));
    await sleep(CHANGE_MILLIS);
  }
  const sent = await flood.stop();
  await sleep(100);
  const leaked = arrivals.from("shop/a");
  kernel.close();
  arrivals.close();
  await network.close();
  return { sent, leaked, loads: CONTROL_LOADS };
}
