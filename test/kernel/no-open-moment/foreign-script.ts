// Runs inside the sandbox: POD-COUNT. Somebody else changes the table of a node; it is put right.
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterChange } from "../../../src/cluster/change.ts";
import type { CutConnection } from "../../../src/dataplane/connections/connection-cutter.ts";
import type { Repair } from "../../../src/dataplane/kernel/kernel-watch.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import { openLab } from "../../../src/lab/lab.ts";
import { addressOfFamily } from "../../../src/lab/network.ts";
import { runInSandbox } from "../../../src/lab/sandbox-inner.ts";
import { inNamespace } from "../../../src/linux/netns.ts";
import { addressOf, socketAddress } from "../../../src/linux/sockaddr.ts";
import * as sys from "../../../src/linux/syscalls.ts";
import { watchArrivals } from "./arrivals.ts";
import { closedWalk } from "./closed-walk.ts";
import { startFlood } from "./flood.ts";

/** What the script writes, as JSON. */
export interface ForeignRun {
  readonly cases: readonly ForeignCase[];
  /** After many flushes in a row. */
  readonly flushes: { readonly count: number; readonly repairs: number; readonly differences: number };
  /** Packets that arrived within half a second after all was right again. */
  readonly leakedAfter: number;
  /** Connections that began while the table was gone, and were cut when it was back. */
  readonly cut: number;
  /** Repairs while only the lab itself changed the rules. */
  readonly ownRepairs: number;
}

export interface ForeignCase {
  readonly what: string;
  readonly repairs: readonly Repair[];
  readonly differences: number;
  /** Milliseconds from before the program that did it began until all was right again: with its own run time. */
  readonly millis: number;
  /** Packets that passed meanwhile. */
  readonly passed: number;
}

const FLUSHES = 100;
const FLUSH_MILLIS = 20;
/** How often the table is taken away, for one packet to pass while it is gone. */
const MOST_MOMENTS = 30;

const podCount = Number(process.argv[2]);

await runInSandbox(async () => {
  const walk = closedWalk(1);
  const repairs: Repair[] = [];
  const cuts: CutConnection[] = [];
  const lab = await openLab(createEngine(walk.cluster), [], {
    onRepair: (_, repair) => repairs.push(repair),
    onCut: (_, cut) => cuts.push(...cut),
  });
  const { pods } = walk.cluster;
  const model = pods.find(({ id }) => id === "shop/d-0")!;
  const crowd = Array.from({ length: podCount }, (_, i): ClusterChange => {
    const address = addressOf(`10.200.${i >> 8}.${i & 255}`);
    const name = `crowd-${i}`;
    const pod = { ...model, id: `shop/${name}`, name, node: "two", workload: `shop/${name}[Pod]` };
    return { kind: "pod-set", pod: { ...pod, addresses: { 4: address } } };
  });
  await lab.apply(crowd);
  const nft = async (...command: string[]): Promise<void> => {
    const { code, stderr } = await lab.network.runInNode("one", ["nft", ...command]);
    if (code !== 0) throw new Error(`nft ${command.join(" ")}: ${stderr}`);
  };
  const isRight = async (): Promise<number> => [...(await lab.verify()).values()].flat().length;
  await sleep(300);
  const ownRepairs = repairs.length;

  const arrivals = watchArrivals(lab.network, "shop/b");
  const flood = await startFlood(lab.network, "shop/a", "shop/b", 1);
  const cases: ForeignCase[] = [];
  const after = async (what: string, act: () => Promise<void>): Promise<void> => {
    const before = arrivals.from("shop/a");
    repairs.length = 0;
    const started = performance.now();
    await act();
    for (let tries = 0; tries < 1000 && repairs.length === 0; tries++) await sleep(1);
    const millis = Math.round(performance.now() - started);
    await sleep(30);
    const passed = arrivals.from("shop/a") - before;
    cases.push({ what, repairs: [...repairs], differences: await isRight(), millis, passed });
  };
  const program = lab.programs.get("one")!;
  const chain = [...program.chains.keys()].find((name) => /^in4_shop_b_/.test(name))!;
  const map = program.sets.get("ingress4")!;
  const element = [...map.elements].find(([, verdict]) => verdict === `goto ${chain}`)![0];
  await after("flush ruleset", () => nft("flush", "ruleset"));
  await after("delete table", () => nft("delete", "table", "inet", "podwall"));
  await after("delete an element", () => nft(`delete element inet podwall ingress4 { ${element} }`));
  await after("accept in front", () => nft("insert", "rule", "inet", "podwall", "forward", "accept"));
  await after("flush a chain", () => nft("flush", "chain", "inet", "podwall", chain));
  await flood.stop();

  // A connection of the moment when nothing kept it back. The table may be back before a packet was sent: then again.
  cuts.length = 0;
  const b = addressOfFamily(lab.network.endpoint("shop/b")!, 4)!;
  const from = lab.network.namespaceOf("shop/a");
  const socket = inNamespace(from, () => sys.socket(sys.AF_INET, sys.SOCK_DGRAM, 0));
  const passedBefore = arrivals.from("shop/a");
  for (let round = 0; round < MOST_MOMENTS && arrivals.from("shop/a") === passedBefore; round++) {
    repairs.length = 0;
    const flushing = nft("flush", "ruleset");
    for (let tries = 0; tries < 1000 && repairs.length === 0; tries++) {
      sys.sendTo(socket, Buffer.from("x"), socketAddress(b, 53));
      await sleep(1);
    }
    await flushing;
    await sleep(300);
  }
  sys.close(socket);
  const cut = cuts.length;

  repairs.length = 0;
  const running: Promise<void>[] = [];
  const started = performance.now();
  for (let i = 1; i <= FLUSHES; i++) {
    running.push(nft("flush", "ruleset"));
    await sleep(Math.max(0, started + i * FLUSH_MILLIS - performance.now()));
  }
  await Promise.all(running);
  let differences = -1;
  for (let tries = 0; tries < 200 && differences !== 0; tries++) {
    await sleep(25);
    differences = await isRight();
  }
  const flushes = { count: FLUSHES, repairs: repairs.length, differences };

  const before = arrivals.from("shop/a");
  const again = await startFlood(lab.network, "shop/a", "shop/b");
  await sleep(500);
  await again.stop();
  const run: ForeignRun = {
    cases,
    flushes,
    leakedAfter: arrivals.from("shop/a") - before,
    cut,
    ownRepairs,
  };
  process.stdout.write(JSON.stringify(run));
  arrivals.close();
  await lab.close();
  return 0;
});
