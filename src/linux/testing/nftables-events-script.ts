// Runs inside the sandbox: notifications of nftables, our own transactions and those of others.
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { runInSandbox } from "../../lab/sandbox-inner.ts";
import { type NftablesChange, watchNftables } from "../netfilter/nftables-events.ts";
import { createNamespace, inNamespace } from "../netns.ts";
import { openNftables } from "../nftables.ts";
import { openNftablesProgram } from "../nftables-program.ts";
import { findProgram } from "../programs.ts";
import { createReactor } from "../reactor.ts";

const ELEMENTS = Number(process.argv[2]);

function shown(change: NftablesChange): unknown {
  if (change.overrun) return "overrun";
  const { tables, tableDeleted, processId, processName } = change;
  return { tables: [...tables].sort(), tableDeleted, process: processId > 0, processName };
}

await runInSandbox(async () => {
  const namespace = createNamespace("watched");
  const reactor = createReactor();
  const own = openNftables(namespace);
  const foreign = openNftablesProgram(namespace);
  const elsewhere = openNftablesProgram(createNamespace("elsewhere"));
  const all: NftablesChange[] = [];
  const others: NftablesChange[] = [];
  const watchAll = watchNftables(reactor, (change) => all.push(change), namespace);
  const watchOthers = watchNftables(reactor, (change) => others.push(change), namespace, own.portId);

  async function settled(count: number): Promise<void> {
    for (let tries = 0; tries < 500 && all.length < count; tries++) await sleep(10);
  }

  const scripts: [where: typeof own, script: string][] = [
    [own, "add table inet podwall\nadd chain inet podwall c\nadd rule inet podwall c counter\n"],
    [foreign, "add table ip nat\nadd table ip6 nat\n"],
    [elsewhere, "add table inet podwall\n"],
    [foreign, "add element inet podwall gone { 10.0.0.1 }\n"],
    [foreign, "add set inet podwall s { type ipv4_addr; }\nadd set ip nat s { type ipv4_addr; }\n"],
    [foreign, "add element inet podwall s { 10.0.0.1, 10.0.0.2 }\nadd element ip nat s { 10.0.0.1 }\n"],
    [foreign, "delete element inet podwall s { 10.0.0.1 }\n"],
    [own, "delete element inet podwall s { 10.0.0.2 }\n"],
    [foreign, "delete table ip6 nat\n"],
    [foreign, "flush ruleset\n"],
  ];
  const applied: boolean[] = [];
  for (const [nft, script] of scripts) applied.push((await nft.run(script)).ok);
  await settled(8);
  const small = {
    applied,
    all: all.map(shown),
    own: all.map((change) => !change.overrun && change.portId === own.portId),
    generations: all.map((change, i) => {
      const before = all[i - 1];
      return before === undefined || before.overrun || change.overrun
        ? undefined
        : change.generation - before.generation;
    }),
    others: others.map(shown),
  };

  // Those who hear of it have room, or the kernel leaves it out.
  all.length = 0;
  others.length = 0;
  const elements = Array.from({ length: ELEMENTS }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  const script = `add table inet podwall\nadd set inet podwall s { type ipv4_addr; }\n`;
  const large = await own.run(`${script}add element inet podwall s { ${elements.join(", ")} }\n`);
  const after = await foreign.run("add table ip nat\n");
  await settled(2);
  const big = { applied: [large.ok, after.ok], all: all.map(shown), others: others.map(shown) };

  // A socket that is too small, while this thread does not read: what is changed when we hear of it is told again.
  const nft = findProgram("nft")!;
  const at = (script: string): number | null =>
    inNamespace(namespace, () => spawnSync(nft, ["-f", "-"], { input: script }).status);
  const told: unknown[] = [];
  const watchSmall = watchNftables(
    reactor,
    (change) => {
      told.push(shown(change));
      if (change.overrun) told.push(at("add table arp heard\n"));
    },
    namespace,
    undefined,
    64 * 1024,
  );
  const codes = [at("add table bridge first\n")];
  codes.push(
    at(`${script.replaceAll("podwall", "flood")}add element inet flood s { ${elements.join(", ")} }\n`),
  );
  codes.push(at("add table netdev lost\n"));
  for (let tries = 0; tries < 500 && told.length < 4; tries++) await sleep(10);
  watchSmall.close();
  const overrun = { codes, told };

  await settled(6);
  all.length = 0;
  others.length = 0;
  watchAll.close();
  watchAll.close();
  await foreign.run("delete table ip nat\n");
  for (let tries = 0; tries < 500 && others.length < 1; tries++) await sleep(10);
  const closed = { all: all.length, others: others.length };
  watchOthers.close();
  own.close();
  process.send!({ small, big, overrun, closed, library: own.portId !== undefined });
  return 0;
});
