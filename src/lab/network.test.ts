import { expect, it } from "vitest";
import { describeUnless, runScript, skipReason } from "./testing/harness.ts";
import type { Step } from "./testing/network-script.ts";

/** Runs the steps in a fresh lab with the topology of testing/cluster.ts. */
async function run(...steps: Step[]): Promise<unknown[]> {
  const { code, messages, output } = await runScript("network-script.ts", [JSON.stringify(steps)]);
  expect({ code, output }).toEqual({ code: 0, output: "" });
  return messages.map((message) => (message as { answer: unknown }).answer);
}

const DROP = (rules: string): string =>
  `table inet t {\n chain forward {\n type filter hook forward priority 0; policy accept;\n ct state established,related accept\n ${rules}\n }\n}\n`;
const LOADED = { code: 0, stdout: "", stderr: "" };

describeUnless(skipReason(), "lab network", () => {
  it("tells listening, closed and unreachable apart for every protocol and family", async () => {
    const targets = ["10.244.0.10", "fd00:244::10"];
    const kinds = ["ICMP", "TCP/80", "TCP/81", "UDP/53", "UDP/54", "SCTP/3868", "SCTP/3869"];
    const open = ["answered", "answered", "refused", "answered", "refused", "answered", "refused"];
    const probes = ["shop/web", "shop/db"].flatMap((from) =>
      targets.flatMap((to) => kinds.map((kind) => [from, to, kind] as const)),
    );
    const rules = DROP("ip daddr 10.244.0.10 drop\n ip6 daddr fd00:244::10 drop");
    const [before, loaded, after] = await run({ probes }, { node: "alpha", nft: rules }, { probes });
    expect(before).toEqual([...open, ...open, ...open, ...open]);
    expect(loaded).toEqual(LOADED);
    expect(after).toEqual(probes.map(() => "no-answer"));
  });

  it("takes an ICMP prohibition for blocked, and a protocol without any socket for refused", async () => {
    const kinds = ["ICMP", "TCP/80", "UDP/53", "SCTP/3868"];
    const probes = ["10.244.0.10", "fd00:244::10"].flatMap((to) =>
      kinds.map((k) => ["shop/db", to, k] as const),
    );
    const nothing = ["10.244.1.10", "fd00:244:1::10"].map((to) => ["shop/web", to, "SCTP/3868"] as const);
    const reject = DROP(
      "ip daddr 10.244.0.10 reject with icmp admin-prohibited\n ip6 daddr fd00:244::10 reject with icmpv6 admin-prohibited",
    );
    const [refused, , rejected] = await run({ probes: nothing }, { node: "alpha", nft: reject }, { probes });
    expect(refused).toEqual(["refused", "refused"]);
    expect(rejected).toEqual(probes.map(() => "no-answer"));
  });

  it("drops only what the rule names", async () => {
    const rules = DROP("ip saddr 10.244.1.10 tcp dport 80 drop");
    const [, answers] = await run(
      { node: "alpha", nft: rules },
      {
        probes: [
          ["shop/db", "10.244.0.10", "TCP/80"],
          ["shop/db", "fd00:244::10", "TCP/80"],
          ["shop/web", "10.244.0.10", "TCP/80"],
          ["shop/db", "10.244.0.10", "TCP/81"],
        ],
      },
    );
    expect(answers).toEqual(["no-answer", "answered", "answered", "refused"]);
  });

  it("joins pods with external hosts both ways, whatever the address", async () => {
    const [answers] = await run({
      probes: [
        ["203.0.113.9", "10.244.0.10", "TCP/80"],
        ["10.244.200.1", "10.244.0.10", "UDP/53"],
        ["10.244.200.1", "10.244.0.10", "SCTP/3868"],
        ["2001:db8::9", "fd00:244:1::10", "TCP/3306"],
        ["shop/web", "203.0.113.9", "ICMP"],
        ["shop/web", "10.244.200.1", "TCP/443"],
        ["shop/db", "2001:db8::9", "UDP/443"],
        ["shop/db", "203.0.113.9", "SCTP/1"],
        ["shop/db", "203.0.113.77", "TCP/1"],
        ...["0.0.0.1", "240.0.0.1", "169.254.169.254"].flatMap(
          (odd) =>
            [
              [odd, "10.244.0.10", "ICMP"],
              ["shop/web", odd, "ICMP"],
            ] as const,
        ),
        ...["64:ff9b::1", "fec0::1"].flatMap(
          (odd) =>
            [
              [odd, "fd00:244::10", "ICMP"],
              ["shop/web", odd, "ICMP"],
            ] as const,
        ),
      ],
    });
    expect(answers).toEqual([
      ...["answered", "answered", "answered", "answered", "answered"],
      ...["refused", "refused", "refused", "no-answer"],
      ...new Array(10).fill("answered"),
    ]);
  });

  it("shows the node's address to its pods, and serves host-network pods at it", async () => {
    const counters = `table inet t {
      counter own4 { }
      counter own6 { }
      counter host { }
      chain output {
        type filter hook output priority 0;
        ip saddr 192.168.7.1 ip daddr 10.244.0.10 tcp dport 80 counter name own4
        ip6 saddr fd00:7::1 ip6 daddr fd00:244::10 tcp dport 80 counter name own6
        ip saddr 192.168.7.1 ip daddr 10.244.1.10 tcp dport 3306 counter name host
      }
    }\n`;
    const answers = await run(
      { node: "alpha", nft: counters },
      {
        probes: [
          ["node:alpha", "10.244.0.10", "TCP/80"],
          ["node:alpha", "fd00:244::10", "TCP/80"],
          ["kube/proxy-a", "10.244.1.10", "TCP/3306"],
          ["shop/db", "192.168.7.1", "TCP/10256"],
          ["shop/web", "192.168.7.1", "TCP/10256"],
          ["node:beta", "192.168.7.1", "TCP/10256"],
          ["shop/api", "192.168.7.2", "ICMP"],
          ["shop/api", "10.244.0.10", "TCP/80"],
        ],
      },
      { node: "alpha", counter: "own4" },
      { node: "alpha", counter: "own6" },
      { node: "alpha", counter: "host" },
    );
    expect(answers[1]).toEqual(new Array(8).fill("answered"));
    for (const count of answers.slice(2)) expect(count).toBeGreaterThan(0);
  });

  it("gives programs of a node its own address as source, unasked", async () => {
    const counters = `table inet t {
      counter own { }
      chain output {
        type filter hook output priority 0;
        ip saddr 192.168.7.1 ip daddr 10.244.0.10 udp dport 53 counter name own
        ip6 saddr fd00:7::1 ip6 daddr fd00:244::10 udp dport 53 counter name own
      }
    }\n`;
    const send = `const send = (type, to) => {
        const socket = require("dgram").createSocket(type);
        socket.send("x", 53, to, () => socket.close());
      };
      send("udp4", "10.244.0.10");
      send("udp6", "fd00:244::10");`;
    const answers = await run(
      { node: "alpha", nft: counters },
      { node: "alpha", argv: [process.execPath, "-e", send] },
      { node: "alpha", counter: "own" },
    );
    expect(answers).toEqual([LOADED, LOADED, 2]);
  });

  it("speaks every protocol so that connection tracking follows it", async () => {
    const rules = `table inet t {
      counter invalid { }
      chain forward {
        type filter hook forward priority 0; policy drop;
        ct state established,related accept
        ct state invalid counter name invalid
        ct state new ip saddr 10.244.1.10 accept
        ct state new ip6 saddr fd00:244:1::10 accept
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
      }
    }\n`;
    const kinds = ["ICMP", "TCP/80", "TCP/81", "UDP/53", "UDP/54", "SCTP/3868", "SCTP/3869"];
    const open = ["answered", "answered", "refused", "answered", "refused", "answered", "refused"];
    const probes = ["10.244.0.10", "fd00:244::10"].flatMap((to) =>
      kinds.map((k) => ["shop/db", to, k] as const),
    );
    const back = [
      ["shop/api", "10.244.1.10", "TCP/3306"],
      ["shop/api", "10.244.1.10", "SCTP/1"],
    ] as const;
    const answers = await run(
      { node: "alpha", nft: rules },
      { probes: [...probes, ...back] },
      { node: "alpha", counter: "invalid" },
    );
    expect(answers).toEqual([LOADED, [...open, ...open, "no-answer", "no-answer"], 0]);
  });

  it("adds and removes pods, ports, external hosts and nodes while running", async () => {
    const web = [["shop/api", "10.244.0.11", "ICMP"]] as const;
    const answers = await run(
      { probes: [...web, ["shop/db", "203.0.113.9", "ICMP"]] },
      { topology: "without-web" },
      { probes: [...web, ["shop/db", "203.0.113.9", "ICMP"]] },
      { topology: "api-on-81" },
      { probes: [...web, ["shop/db", "10.244.0.10", "TCP/80"], ["shop/db", "10.244.0.10", "TCP/81"]] },
      { topology: "one-node" },
      {
        probes: [
          ["shop/db", "fd00:244::10", "TCP/80"],
          ["shop/web", "10.244.1.10", "TCP/3306"],
        ],
      },
      { topology: "first" },
      {
        probes: [...web, ["shop/web", "fd00:244:1::10", "TCP/3306"], ["node:beta", "10.244.0.10", "TCP/80"]],
      },
    );
    expect(answers.filter((answer) => answer !== null)).toEqual([
      ["answered", "answered"],
      ["no-answer", "no-answer"],
      ["answered", "refused", "answered"],
      ["answered", "answered"],
      ["answered", "answered", "answered"],
    ]);
  });

  it("gives a running node other addresses", async () => {
    const rules = `table inet t {
      counter own { }
      chain output {
        type filter hook output priority 0;
        ip saddr { 192.168.7.1, 192.168.7.3 } ip daddr 10.244.0.10 counter name own
        ip6 saddr { fd00:7::1, fd00:7::3 } ip6 daddr fd00:244::10 counter name own
      }
    }\n`;
    const pods = [
      ["shop/db", "10.244.0.10", "TCP/80"],
      ["shop/api", "fd00:244:1::10", "TCP/3306"],
    ] as const;
    const at = (...addresses: string[]): Step => ({
      probes: [
        ...addresses.map((to) => ["shop/db", to, "TCP/10256"] as const),
        ...pods,
        ["node:alpha", "10.244.0.10", "TCP/80"],
        ["node:alpha", "fd00:244::10", "TCP/80"],
      ],
    });
    const [first, second] = [
      ["192.168.7.1", "fd00:7::1"],
      ["192.168.7.3", "fd00:7::3"],
    ] as const;
    const answers = await run(
      { node: "alpha", nft: rules },
      at(...first, ...second),
      { topology: "readdressed" },
      at(...first, ...second),
      { node: "alpha", counter: "own" },
      { topology: "first" },
      at(...first, ...second),
    );
    const open = new Array(4).fill("answered");
    const home = ["answered", "answered", "no-answer", "no-answer", ...open];
    expect(answers[1]).toEqual(home);
    expect(answers[3]).toEqual(["no-answer", "no-answer", "answered", "answered", ...open]);
    // The table has stayed, and so has what it counted.
    expect(answers[4]).toBeGreaterThanOrEqual(12);
    expect(answers[6]).toEqual(home);
  });

  it("takes packets to new pods from the moment update returns", async () => {
    // Carrier and IPv6 addresses take effect later than the kernel says; without waiting a few in a hundred fail.
    const to = ["10.244.1.10", "fd00:244:1::10"].map((address) => ["shop/web", address, "TCP/3306"] as const);
    const around: Step[] = [{ topology: "one-node" }, { probes: to }, { topology: "first" }, { probes: to }];
    const answers = await run(...Array.from({ length: 15 }, () => around).flat());
    expect(answers).toEqual(Array.from({ length: 30 }, () => [null, ["answered", "answered"]]).flat());
  });

  it("keeps a node's rules when pods come and go", async () => {
    const drop = DROP("tcp dport 80 drop");
    const probes = [["shop/db", "10.244.0.10", "TCP/80"]] as const;
    const answers = await run({ node: "alpha", nft: drop }, { topology: "without-web" }, { probes });
    expect(answers[2]).toEqual(["no-answer"]);
  });

  it("sends a hand-made packet", async () => {
    const seen = `table inet t {
      counter raw { }
      chain forward {
        type filter hook forward priority 0;
        ip saddr 10.244.0.11 ip daddr 10.244.1.10 ip protocol 99 counter name raw
      }
    }\n`;
    // IPv4 header, protocol 99, 10.244.0.11 -> 10.244.1.10; the kernel computes the checksum.
    const packet = "450000180000000040630000" + "0af4000b" + "0af4010a" + "01020304";
    const answers = await run(
      { node: "alpha", nft: seen },
      { raw: ["shop/web", packet] },
      { node: "alpha", counter: "raw" },
    );
    expect(answers[2]).toBe(1);
  });
});
