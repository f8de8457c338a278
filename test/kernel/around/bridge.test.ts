// Pods on a bridge: what goes from port to port meets our rules only through br_netfilter. Where that is missing or
// off, it is found and said.
import { existsSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { describeUnless, skipReason } from "../../../src/lab/testing/harness.ts";
import { describeKernel } from "../kernel-support.ts";
import { denyAll, node, pod, policy } from "./manifests.ts";
import { ipPacket, UDP, udp } from "./packets.ts";
import { type Answers, having, runAround, type Shot, type Step } from "./steps.ts";

const NUMBERS = { client: 1, server: 2, closed: 3 };
const own = (number: number): [string, string] => [`10.244.1.${number}`, `fd00:10:244:1::${number}`];
const CLUSTER = [
  node("one", "172.18.0.1", "fd00:18::1"),
  node("two", "172.18.0.2", "fd00:18::2"),
  ...Object.entries(NUMBERS).map(([name, number]) => pod(name, name, "one", own(number), "TCP/80", "UDP/53")),
  pod("far", "far", "two", ["10.244.2.1", "fd00:10:244:2::1"], "TCP/80"),
].join("");
const STATE = [
  CLUSTER,
  policy(
    "server",
    "server",
    "{ingress: [{from: [{podSelector: {matchLabels: {role: client}}}], ports: [{port: 80}]}]}",
  ),
  denyAll("closed"),
].join("");

/** Makes ports of one bridge out of the links of the pods, which then find each other on it. */
const BRIDGED: Step[] = [
  {
    run: "node:one",
    argv: [
      "sh",
      "-ec",
      `ip link add br0 type bridge
       ip address add fe80::1/64 dev br0 nodad
       ip link set br0 up
       ${Object.values(NUMBERS)
         .map((number) => {
           const [ipv4, ipv6] = own(number);
           return `device=$(ip -o route get ${ipv4} | sed 's/.* dev \\([^ ]*\\).*/\\1/')
             ip link set "$device" master br0
             ip route replace ${ipv4} dev br0
             ip route replace ${ipv6} dev br0
             ip route del ${ipv6} dev "$device" || true`;
         })
         .join("\n")}`,
    ],
  },
  ...Object.keys(NUMBERS).map(
    (name): Step => ({
      run: `shop/${name}`,
      argv: ["sh", "-ec", "ip route add 10.244.1.0/24 dev eth0; ip route add fd00:10:244:1::/64 dev eth0"],
    }),
  ),
];
const filter = (ipv4: 0 | 1, ipv6: 0 | 1): Step => ({
  run: "node:one",
  argv: [
    "sh",
    "-ec",
    `cd /proc/sys/net/bridge; echo ${ipv4} > bridge-nf-call-iptables; echo ${ipv6} > bridge-nf-call-ip6tables`,
  ],
});
const ofBridge = (settings: string): Step => ({
  run: "node:one",
  argv: ["sh", "-ec", `ip link set br0 type bridge ${settings}`],
});

const ALLOWED = [
  "shop/client -> shop/server TCP 80",
  "shop/server -> shop/client TCP 80",
  "shop/client -> shop/far TCP 80",
  "shop/far -> shop/client TCP 80",
  "node:one -> shop/closed TCP 80",
];
const BETWEEN_PORTS = [
  "shop/client -> shop/server UDP 53",
  "shop/client -> shop/server ICMP",
  "shop/client -> shop/closed TCP 80",
  "shop/closed -> shop/client TCP 80",
];
const ELSEWHERE = [
  "shop/far -> shop/closed TCP 80",
  "shop/closed -> shop/far TCP 80",
  "shop/closed -> node:one ICMP",
];
const PROBES = [...ALLOWED, ...BETWEEN_PORTS, ...ELSEWHERE];

/** To everybody on the bridge. */
const GROUPS = ["224.0.0.1", "239.1.2.3", "ff02::1", "ff05::2"];
const toGroups = (round: number): Shot[] =>
  GROUPS.map((to, i) => {
    const family = to.includes(":") ? 6 : 4;
    const from = own(NUMBERS.client)[family === 4 ? 0 : 1];
    const marker = `to ${to} ${round};`;
    const packet = ipPacket(
      from,
      to,
      UDP,
      udp(from, to, 20_000 + 100 * round + i, 9999, Buffer.from(marker)),
    );
    const packets = [packet.toString("base64")];
    return {
      name: to,
      from: "shop/client",
      at: "shop/closed",
      onWire: true,
      family,
      protocol: UDP,
      packets,
      marker,
    };
  });

const noFilter = existsSync("/proc/sys/net/bridge/bridge-nf-call-iptables")
  ? undefined
  : "this kernel has no br_netfilter; as root: modprobe br_netfilter";

describeKernel("the bridges of a node", () => {
  it("are looked through: only one that joins two or more is asked about", async () => {
    const empty = { run: "node:one", argv: ["ip", "link", "add", "br9", "type", "bridge"] };
    const answers = await runAround([
      { state: STATE },
      empty,
      { bridgesOf: "node:one", as: "none" },
      ...BRIDGED,
      ...(noFilter === undefined ? [filter(0, 0)] : []),
      { bridgesOf: "node:one", as: "open" },
    ]);
    expect(answers.none).toEqual({});
    expect(answers.open).toEqual({
      code: noFilter === undefined ? "br-netfilter-off" : "br-netfilter-missing",
      bridges: "br0",
      families: "4 6",
    });
  });
});

describeUnless(skipReason() ?? noFilter, "pods on a bridge", () => {
  let answers: Answers;
  beforeAll(async () => {
    answers = await runAround([
      { state: STATE },
      ...BRIDGED,
      filter(1, 1),
      { bridgesOf: "node:one", as: "on" },
      { probes: PROBES, as: "probes, on" },
      { shots: toGroups(1), as: "groups" },
      { state: CLUSTER },
      { shots: toGroups(2), as: "groups, no policies" },
      { state: STATE },
      filter(0, 0),
      { bridgesOf: "node:one", as: "off" },
      { probes: PROBES, as: "probes, off" },
      filter(1, 0),
      { bridgesOf: "node:one", as: "half" },
      { probes: BETWEEN_PORTS, as: "probes, half" },
      filter(0, 0),
      ofBridge("nf_call_iptables 1 nf_call_ip6tables 1"),
      { bridgesOf: "node:one", as: "of the bridge" },
      { probes: PROBES, as: "probes, of the bridge" },
    ]);
  });

  it.each(["on", "of the bridge"])("obey the policies with br_netfilter: %s", (setting) => {
    expect(answers[setting]).toEqual({});
    expect(having("passed", answers[`probes, ${setting}`])).toEqual(ALLOWED);
    expect(having("stopped", answers[`probes, ${setting}`])).toEqual([...BETWEEN_PORTS, ...ELSEWHERE]);
  });

  it.each(GROUPS)("that may not receive do not get what is sent to all: %s", (group) => {
    expect(answers["groups, no policies"]![group]).toBe("passed");
    expect(answers.groups![group]).toBe("stopped");
  });

  it("pass each other without it whatever the policies, and that is found", () => {
    expect(answers.off).toEqual({ code: "br-netfilter-off", bridges: "br0", families: "4 6" });
    expect(having("passed", answers["probes, off"])).toEqual([...ALLOWED, ...BETWEEN_PORTS]);
    expect(having("stopped", answers["probes, off"])).toEqual(ELSEWHERE);
  });

  it("do so in the family for which it is off", () => {
    expect(answers.half).toEqual({ code: "br-netfilter-off", bridges: "br0", families: "6" });
    expect(new Set(Object.values(answers["probes, half"]!))).toEqual(new Set(["IPv4 stopped, IPv6 passed"]));
  });
});
