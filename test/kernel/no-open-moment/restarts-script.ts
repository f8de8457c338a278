// Runs inside the sandbox: SEED KILLS. One pod floods another that is always closed to it, while the process that keeps
// the rules is killed and started again; then the same with a process that begins with nothing.
import { setTimeout as sleep } from "node:timers/promises";
import { nftablesKernel } from "../../../src/dataplane/kernel/nftables-kernel.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import { createNetwork, type LabNetwork } from "../../../src/lab/network.ts";
import { topologyOf } from "../../../src/lab/plan.ts";
import { runInSandbox } from "../../../src/lab/sandbox-inner.ts";
import { openRuleCounters } from "../../../src/linux/netfilter/rule-counters.ts";
import { createRandom } from "../../generators/random.ts";
import { writeResult } from "../write-result.ts";
import { watchArrivals } from "./arrivals.ts";
import { closedWalk } from "./closed-walk.ts";
import { startEnforcer } from "./enforcer-child.ts";
import { startFlood } from "./flood.ts";

/** What the script writes, as JSON. */
export interface RestartsRun {
  /** Processes that were killed, and how many of them before `start` had resolved. */
  readonly kills: number;
  readonly killedAtStart: number;
  /** Starts that got as far as `start` resolving, and the nft commands that each needed. */
  readonly starts: number;
  readonly operations: readonly number[];
  /** Changes enforced by all processes together. */
  readonly changes: number;
  /** What `verify` found after a start, and problems and repairs. */
  readonly differences: readonly unknown[];
  readonly troubles: readonly unknown[];
  /** Packets of the pod that may never pass: all, those while no process was running, and those that arrived. */
  readonly sent: number;
  readonly sentAlone: number;
  readonly leaked: number;
  /** Packets that the rules counted as denied. */
  readonly denied: number;
  /** Packets of the pod that may always pass, and how many of them arrived. */
  readonly allowedSent: number;
  readonly allowedArrived: number;
  /** After the last process has closed everything: what is left of the table, and what passes. */
  readonly stopped: { readonly chains: number; readonly sent: number; readonly leaked: number };
  /** With a process that takes the table away before it starts. */
  readonly control: { readonly starts: number; readonly leaked: number };
}

/** Longest time from the beginning of a process's start until it is killed. */
const START_MILLIS = 40;
/** Otherwise it is killed after so many changes, at most, and this long after the last of them: within the next. */
const MOST_CHANGES = 10;
const CHANGE_MILLIS = 10;
/** Packets sent after each kill, so that some are while no process runs, and after the last end. */
const ALONE_PACKETS = 500;
const STOPPED_PACKETS = 20_000;
const CONTROL_STARTS = 5;

const [seed, kills] = process.argv.slice(2).map(Number) as [number, number];

await runInSandbox(async () => {
  const network = await createNetwork(topologyOf(createEngine(closedWalk(seed).cluster), []));
  await writeResult({ ...(await restarts(network)), control: await control(network) } satisfies RestartsRun);
  await network.close();
  return 0;
});

async function restarts(network: LabNetwork): Promise<Omit<RestartsRun, "control">> {
  const random = createRandom(seed);
  const differences: unknown[] = [];
  const troubles: unknown[] = [];
  const operations: number[] = [];
  let [changes, killedAtStart, sentAlone] = [0, 0, 0];
  // Another walk each time: the cluster has gone on while there was no process.
  const start = (): ReturnType<typeof startEnforcer> =>
    startEnforcer(network, [random.int(1, 1_000_000), random.int(0, 20)].map(String));
  const awaitStart = async (enforcer: ReturnType<typeof startEnforcer>): Promise<void> => {
    const started = await enforcer.started;
    operations.push(started.operations);
    differences.push(...started.differences);
  };

  // Before the first of them there are no rules, and nothing is sent.
  let enforcer = start();
  await awaitStart(enforcer);
  const counters = openRuleCounters(network.namespaceOf("node:one"));
  const arrivals = watchArrivals(network, "shop/b");
  const flood = await startFlood(network, "shop/a", "shop/b");
  const allowed = await startFlood(network, "shop/c", "shop/b", 100);
  for (let i = 0; i < kills; i++) {
    if (i > 0) {
      enforcer = start();
      await enforcer.starting;
      // The first of these at once, so that one is surely in time.
      if (i === 1) {
        await sleep(0);
      } else if (random.chance(0.3)) {
        await sleep(random.int(0, START_MILLIS));
      } else {
        await awaitStart(enforcer);
        await enforcer.enforces(random.int(0, MOST_CHANGES));
        await sleep(random.int(0, CHANGE_MILLIS));
      }
    }
    let isStarted = false;
    await Promise.race([enforcer.started.then(() => (isStarted = true)), Promise.resolve()]);
    if (!isStarted) killedAtStart++;
    await enforcer.kill();
    changes += enforcer.changes;
    troubles.push(...enforcer.troubles);
    const before = flood.sent;
    await flood.reaches(before + ALONE_PACKETS);
    sentAlone += flood.sent - before;
  }
  enforcer = start();
  await awaitStart(enforcer);
  await enforcer.enforces(MOST_CHANGES);
  await enforcer.stop();
  changes += enforcer.changes;
  troubles.push(...enforcer.troubles);

  await sleep(100);
  const [sentBefore, leakedBefore] = [flood.sent, arrivals.from("shop/a")];
  await flood.reaches(sentBefore + STOPPED_PACKETS);
  const sent = await flood.stop();
  const allowedSent = await allowed.stop();
  await sleep(100);
  const leaked = arrivals.from("shop/a");
  const kernel = nftablesKernel("one", network.namespaceOf("node:one"));
  const { chains } = await kernel.read();
  kernel.close();
  const run = {
    kills,
    killedAtStart,
    starts: operations.length,
    operations,
    changes,
    differences,
    troubles,
    sent,
    sentAlone,
    leaked,
    denied: counters.packets("podwall", "deny_ingress") + counters.packets("podwall", "deny_egress"),
    allowedSent,
    allowedArrived: arrivals.from("shop/c"),
    stopped: { chains: chains.size, sent: sent - sentBefore, leaked: leaked - leakedBefore },
  };
  counters.close();
  arrivals.close();
  return run;
}

async function control(network: LabNetwork): Promise<RestartsRun["control"]> {
  const arrivals = watchArrivals(network, "shop/b");
  const flood = await startFlood(network, "shop/a", "shop/b");
  for (let i = 0; i < CONTROL_STARTS; i++) {
    const enforcer = startEnforcer(network, [String(seed), "0", "forget"]);
    await enforcer.started;
    await enforcer.kill();
  }
  await flood.stop();
  await sleep(100);
  const leaked = arrivals.from("shop/a");
  arrivals.close();
  return { starts: CONTROL_STARTS, leaked };
}
