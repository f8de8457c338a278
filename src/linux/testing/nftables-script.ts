// Runs inside the sandbox: nftables of namespaces, through the library and through the program.
import { writeFileSync } from "node:fs";
import { runInSandbox } from "../../lab/sandbox-inner.ts";
import { createNamespace, deleteNamespace } from "../netns.ts";
import { openNftables } from "../nftables.ts";
import { openNftablesLibrary } from "../nftables-library.ts";
import { openNftablesProgram } from "../nftables-program.ts";
import { mount } from "../syscalls.ts";

const SETS = `
add table inet t
add set inet t s { type ipv4_addr . inet_proto . inet_service; }
add element inet t s { 10.0.0.1 . tcp . 443, 10.0.0.1 . 47 . 0 }
add chain inet t c { type filter hook forward priority filter; policy accept; }
add rule inet t c meta l4proto { tcp, udp } ct state established,related accept
`;

async function rejection(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "fulfilled",
    (error: Error) => error.message,
  );
}

/** A script of at least so many bytes, and how many elements it adds. */
function bigScript(bytes: number): { script: string; elements: number } {
  let script = "add table inet big\n";
  let sets = 0;
  for (; script.length < bytes; sets++) {
    const elements = Array.from(
      { length: 1000 },
      (_, i) => `fd00:1111:2222:3333:4444:5555:6666:${(0x1000 + i).toString(16)}`,
    );
    script += `add set inet big s${sets} { type ipv6_addr; }\n`;
    script += `add element inet big s${sets} { ${elements.join(", ")} }\n`;
  }
  return { script, elements: sets * 1000 };
}

await runInSandbox(async () => {
  const results: Record<string, unknown> = {};
  const ways = { library: openNftablesLibrary, program: openNftablesProgram };
  for (const [way, open] of Object.entries(ways)) {
    const here = createNamespace(`${way}-here`);
    const other = createNamespace(`${way}-other`);
    const nft = open(here);
    const beside = open(other);
    if (nft === undefined || beside === undefined) {
      results[way] = "missing";
      continue;
    }
    const applied = await nft.run(SETS);
    const wrong = await nft.run("add table inet half\n\nadd element inet t gone { 10.0.0.1 }\n");
    const refused = await nft.run("add table inet half\ndelete element inet t s { 10.0.0.2 . tcp . 1 }\n");
    const tables = JSON.parse(await nft.listJson("list tables")).nftables;
    results[way] = {
      applied,
      wrong,
      refused,
      tables: tables.flatMap((each: { table?: { name: string } }) => each.table?.name ?? []),
      beside: JSON.parse(await beside.listJson("list tables")).nftables.length,
      listing: JSON.parse(await nft.listJson("list table inet t")).nftables,
      missing: await rejection(nft.listJson("list table inet gone")),
      // Calls that are made at once come one after another.
      order: await Promise.all([
        nft.run("add table inet later\n"),
        nft.run("add chain inet later c\n"),
        nft.run("delete table inet later\n"),
      ]).then((each) => each.map(({ ok }) => ok)),
    };
    nft.close();
    beside.close();
    Object.assign(results[way] as object, { closed: await rejection(nft.run("")) });
    deleteNamespace(here);
    deleteNamespace(other);
  }

  const home = openNftables();
  results.home = {
    ...(await home.run("add table inet home\n")),
    tables: JSON.parse(await home.listJson("list tables")).nftables.length - 1,
  };
  home.close();

  const namespace = createNamespace("names");
  const nft = openNftables(namespace);
  await nft.run(SETS);
  const listing = await nft.listJson("list table inet t");
  // This mount namespace is the sandbox's own.
  writeFileSync("/run/empty", "");
  mount("/run/empty", "/etc/protocols", null, 4096);
  mount("/run/empty", "/etc/services", null, 4096);
  results.withoutNames = {
    same: (await nft.listJson("list table inet t")) === listing,
    applied: await nft.run(SETS.replaceAll("inet t", "inet t2")),
  };

  const { script, elements } = bigScript(Number(process.argv[2]));
  const applied = await nft.run(script);
  // While the kernel still grows the hash tables of what was just loaded, it may list elements twice or not at all.
  let loaded = 0;
  for (let tries = 0; tries < 10 && loaded !== elements; tries++) {
    const listed: { set?: { elem: string[] } }[] = JSON.parse(
      await nft.listJson("list table inet big"),
    ).nftables;
    loaded = listed.reduce((sum, each) => sum + new Set(each.set?.elem).size, 0);
  }
  results.big = { ...applied, complete: loaded === elements };
  nft.close();
  process.send!(results);
  return 0;
});
