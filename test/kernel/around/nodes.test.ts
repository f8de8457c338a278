// Nodes as ends: a node reaches its own pods always, other nodes are addresses, and host-network pods are their node's.
import { beforeAll, expect, it } from "vitest";
import { describeKernel } from "../kernel-support.ts";
import { denyAll, hostPod, node, pod, policy } from "./manifests.ts";
import { ipPacket, UDP, udp } from "./packets.ts";
import { type Answers, runAround, type Shot } from "./steps.ts";

const own = (number: number): [string, string] => [`10.244.1.${number}`, `fd00:10:244:1::${number}`];
const PORTS = ["TCP/80", "UDP/53"];
const ONE = "{ipBlock: {cidr: 172.18.0.1/32}}, {ipBlock: {cidr: 'fd00:18::1/128'}}";
const TWO = "{ipBlock: {cidr: 172.18.0.2/32}}, {ipBlock: {cidr: 'fd00:18::2/128'}}";
const HOSTS = "{podSelector: {matchLabels: {role: host}}}";
const CLUSTER = [
  node("one", "172.18.0.1", "fd00:18::1"),
  node("two", "172.18.0.2", "fd00:18::2"),
  hostPod("host-one", "host", "one", "TCP/9100", "UDP/9100"),
  hostPod("host-two", "host", "two", "TCP/9100", "UDP/9100"),
  pod("open", "open", "one", own(1), ...PORTS),
  pod("closed", "closed", "one", own(2), ...PORTS),
  pod("from-label", "from-label", "one", own(3), ...PORTS),
  pod("from-two", "from-two", "one", own(4), ...PORTS),
  pod("to-label", "to-label", "one", own(5), ...PORTS),
  pod("to-one", "to-one", "one", own(6), ...PORTS),
  pod("to-two", "to-two", "one", own(7), ...PORTS),
].join("");
const POLICIES = [
  denyAll("closed"),
  denyAll("host"),
  policy("from-label", "from-label", `{ingress: [{from: [${HOSTS}]}]}`),
  policy("from-two", "from-two", `{ingress: [{from: [${TWO}]}]}`),
  policy("to-label", "to-label", `{policyTypes: [Egress], egress: [{to: [${HOSTS}]}]}`),
  policy("to-one", "to-one", `{policyTypes: [Egress], egress: [{to: [${ONE}]}]}`),
  policy("to-two", "to-two", `{policyTypes: [Egress], egress: [{to: [${TWO}]}]}`),
].join("");

const CASES: [what: string, from: string, to: string, verdict: "passed" | "stopped"][] = [
  ["a node probes its own pod, whatever the policies", "node:one", "shop/closed", "passed"],
  ["another node does not", "node:two", "shop/closed", "stopped"],
  ["a pod that may not send does not reach its own node", "shop/closed", "node:one", "stopped"],
  ["nor another node", "shop/closed", "node:two", "stopped"],
  ["a pod that may reach its node's address does", "shop/to-one", "node:one", "passed"],
  ["and not another node", "shop/to-one", "node:two", "stopped"],
  ["another node is its address: the sender's side", "shop/to-two", "node:two", "passed"],
  ["and its own node is none of that", "shop/to-two", "node:one", "stopped"],
  ["another node is its address: the receiver's side", "node:two", "shop/from-two", "passed"],
  [
    "a host-network pod sends as its node: to a pod beside it, always",
    "shop/host-one",
    "shop/closed",
    "passed",
  ],
  ["to pods elsewhere, by its address", "shop/host-two", "shop/from-two", "passed"],
  ["and not by its labels", "shop/host-two", "shop/from-label", "stopped"],
  ["a pod does not pass for a node", "shop/open", "shop/from-two", "stopped"],
  ["a host-network pod is reached by its address", "shop/to-two", "shop/host-two", "passed"],
  ["also on the pod's own node", "shop/to-one", "shop/host-one", "passed"],
  ["and not by its labels", "shop/to-label", "shop/host-two", "stopped"],
  ["nor on the pod's own node", "shop/to-label", "shop/host-one", "stopped"],
  ["no policy closes a host-network pod", "shop/open", "shop/host-two", "passed"],
  ["or keeps it from sending", "shop/host-two", "shop/open", "passed"],
];
const probesOf = (from: string, to: string): string[] => {
  const host = /host|node/.test(to);
  return [
    `${from} -> ${to} TCP ${host ? 9100 : 80}`,
    `${from} -> ${to} UDP ${host ? 9100 : 53}`,
    `${from} -> ${to} ICMP`,
  ];
};

describeKernel("nodes and host-network pods", () => {
  let answers: Answers;
  beforeAll(async () => {
    const probes = CASES.flatMap(([, from, to]) => probesOf(from, to));
    answers = await runAround([
      { state: CLUSTER },
      { probes, as: "without policies" },
      { state: CLUSTER + POLICIES },
      { probes, as: "with policies" },
    ]);
  });
  const found = (step: string, from: string, to: string): (string | undefined)[] =>
    probesOf(from, to).map((text) => answers[step]![text]);

  it.each(CASES)("%s: %s -> %s", (_, from, to, verdict) => {
    expect(found("without policies", from, to)).toEqual(["passed", "passed", "passed"]);
    expect(found("with policies", from, to)).toEqual([verdict, verdict, verdict]);
  });
});

/** Addresses that Node objects do not tell: that of a bridge to the pods, of a tunnel, of another network. */
const UNTOLD = ["10.244.1.254", "fd00:10:244:1::fe", "198.51.100.1", "2001:db8:100::1"];

describeKernel("addresses of a node that its object does not tell", () => {
  let answers: Answers;
  const shots = (round: number): Shot[] =>
    UNTOLD.map((from) => {
      const family = from.includes(":") ? 6 : 4;
      const to = own(2)[family === 4 ? 0 : 1];
      const marker = `from ${from};`;
      const packet = ipPacket(from, to, UDP, udp(from, to, 20_000 + round, 53, Buffer.from(marker)));
      const packets = [packet.toString("base64")];
      return { name: from, from: "node:one", at: "shop/closed", family, protocol: UDP, packets, marker };
    });
  beforeAll(async () => {
    answers = await runAround([
      { state: CLUSTER },
      {
        run: "node:one",
        argv: ["sh", "-ec", UNTOLD.map((address) => `ip address add ${address} dev lo`).join("; ")],
      },
      { shots: shots(1), as: "without policies" },
      { state: CLUSTER + POLICIES },
      { shots: shots(2), as: "with policies" },
    ]);
  });

  it.each(UNTOLD)("are the node's all the same when it probes its own pods: %s", (address) => {
    expect(answers["without policies"]![address]).toBe("passed");
    expect(answers["with policies"]![address]).toBe("passed");
  });
});
