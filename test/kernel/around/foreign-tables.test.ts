// Other tables on the node are none of our business: they stay as they are, to the byte, and what we hold can be
// listed and read by anybody with nft.
import { beforeAll, expect, it } from "vitest";
import { describeKernel } from "../kernel-support.ts";
import { denyAll, node, pod, policy } from "./manifests.ts";
import { type Answers, runAround, type Step } from "./steps.ts";

const own = (number: number): [string, string] => [`10.244.1.${number}`, `fd00:10:244:1::${number}`];
const FOREIGN = `
table inet filter {
  comment "somebody else's"
  counter refused { packets 17 bytes 4711 }
  set friends { type ipv4_addr; flags interval; elements = { 192.0.2.0/25, 198.51.100.7 comment "a friend" } }
  set ports { type inet_proto . inet_service; flags interval; elements = { tcp . 1-1023, udp . 53 } }
  map ways { type ipv4_addr : verdict; elements = { 192.0.2.1 : drop, 192.0.2.2 : jump strangers } }
  chain strangers { ip saddr @friends counter packets 5 bytes 300 accept; meta l4proto . th dport @ports counter name refused drop; }
  chain forward { type filter hook forward priority filter - 1; policy accept; ip saddr 192.0.2.0/24 ip saddr vmap @ways; }
}
table ip nat {
  chain POSTROUTING { type nat hook postrouting priority srcnat; policy accept; ip saddr 192.0.2.0/24 oifname "eth0" counter packets 1 bytes 60 masquerade; }
}
`;
/** With handles, which tell that nothing was taken away and put back. */
const listForeign = "nft -a list table inet filter; nft -a list table ip nat";
const foreignAt = (endpoint: string, as: string): Step => ({
  run: endpoint,
  argv: ["sh", "-ec", listForeign],
  as,
});

const PODS = [pod("a", "a", "one", own(1), "TCP/80"), pod("b", "b", "one", own(2), "TCP/80")].join("");
const BEFORE = node("one", "172.18.0.1", "fd00:18::1") + PODS;
const PORTS = "ports: [{port: 80}, {port: 443}, {protocol: UDP, port: 53}]";
const AFTER =
  BEFORE +
  policy(
    "a",
    "a",
    `{ingress: [{from: [{podSelector: {}}], ${PORTS}}, {from: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.8/29]}}]}]}`,
  ) +
  denyAll("b");
const MORE = AFTER + pod("c", "c", "one", own(3), "TCP/80");

describeKernel("the tables of others", () => {
  let answers: Answers;
  beforeAll(async () => {
    answers = await runAround([
      { state: BEFORE },
      { run: "node:one", argv: ["nft", "-f", "-"], stdin: FOREIGN },
      foreignAt("node:one", "at first"),
      { watch: "node:one", states: [AFTER, MORE, BEFORE, MORE], as: "changes" },
      foreignAt("node:one", "after changes"),
      // A first load beside them: the lab makes its nodes with their rules, so this one is in a namespace that is none.
      { run: "shop/b", argv: ["nft", "-f", "-"], stdin: FOREIGN },
      foreignAt("shop/b", "before a first load"),
      { rulesOf: "one", loadAt: "shop/b", as: "first load" },
      foreignAt("shop/b", "after a first load"),
      {
        run: "node:one",
        argv: ["sh", "-ec", "nft list ruleset > /dev/null; nft -s list table inet podwall | tee /run/listed"],
        as: "listed",
      },
      { run: "shop/a", argv: ["sh", "-ec", "nft -f /run/listed; nft -s list ruleset"], as: "listed again" },
      { closeAround: "node:one", argv: ["sh", "-ec", listForeign], as: "after the end" },
    ]);
  });

  it("stay as they were, to the byte and the handle", () => {
    expect(answers["at first"]!.stdout).toContain("packets 17 bytes 4711");
    expect(answers["after changes"]).toEqual(answers["at first"]);
    expect(answers["after a first load"]).toEqual(answers["before a first load"]);
    expect(answers["after the end"]).toEqual(answers["at first"]);
  });

  it("are named by nothing that we send", () => {
    expect(Object.keys(answers.changes!)).toEqual(["inet podwall"]);
    expect(Number(answers.changes!["inet podwall"])).toBeGreaterThanOrEqual(4);
    const commands = answers["first load"]!.rules!.trim().split("\n");
    expect(commands.filter((line) => !/^(?:add|flush|delete) [a-z]+ inet podwall(?: |$)/.test(line))).toEqual(
      [],
    );
  });

  it("and ours is listed by nft without complaint, in words that load again as the same", () => {
    expect(answers.listed).toMatchObject({ code: "0", stderr: "" });
    expect(answers.listed!.stdout).toContain("chain in4_shop_a");
    expect(answers["listed again"]).toEqual(answers.listed);
  });
});
