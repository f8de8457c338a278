// Service addresses: the node of the caller translates them to a pod's before our rules judge, which therefore know
// pods and never services. Node `one` translates, in the style of nftables or in that of iptables.
import { beforeAll, describe, expect, it } from "vitest";
import { findProgram } from "../../../src/linux/programs.ts";
import { describeKernel } from "../kernel-support.ts";
import { denyAll, node, pod, policy } from "./manifests.ts";
import { ipPacket, UDP, udp } from "./packets.ts";
import { iptablesRestore, iptablesStyle, nftablesStyle, type ServicePort } from "./services.ts";
import { type Answers, having, runAround, type Shot, type Step } from "./steps.ts";

/** Both addresses of the pod with this number on a node. */
const own = (nodeNumber: number, number: number): [string, string] => [
  `10.244.${nodeNumber}.${number}`,
  `fd00:10:244:${nodeNumber}::${number}`,
];
const PORTS = ["TCP/8080", "UDP/5353"];
const CLUSTER = [
  node("one", "172.18.0.1", "fd00:18::1"),
  node("two", "172.18.0.2", "fd00:18::2"),
  pod("by-pod", "by-pod", "one", own(1, 1)),
  pod("by-service", "by-service", "one", own(1, 2)),
  pod("stranger", "stranger", "one", own(1, 3)),
  pod("self", "self", "one", own(1, 4), ...PORTS),
  pod("near", "server", "one", own(1, 5), ...PORTS),
  pod("far", "server", "two", own(2, 5), ...PORTS),
  pod("far-closed", "closed", "two", own(2, 6), ...PORTS),
].join("");
const SERVER_PORTS = "ports: [{port: 8080}, {port: 5353, protocol: UDP}]";
const POLICIES = [
  denyAll("self"),
  denyAll("closed"),
  policy(
    "server",
    "server",
    `{ingress: [{${SERVER_PORTS}, from: [
      {podSelector: {matchExpressions: [{key: role, operator: In, values: [by-pod, by-service]}]}},
      {ipBlock: {cidr: 203.0.113.9/32}}, {ipBlock: {cidr: "2001:db8::9/128"}},
      {ipBlock: {cidr: 172.18.0.1/32}}, {ipBlock: {cidr: "fd00:18::1/128"}}]}]}`,
  ),
  policy(
    "by-pod",
    "by-pod",
    `{policyTypes: [Egress], egress: [{${SERVER_PORTS}, to: [{podSelector: {matchLabels: {role: server}}}]}]}`,
  ),
  policy(
    "by-service",
    "by-service",
    '{policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.96.0.0/16}}, {ipBlock: {cidr: "fd00:10:96::/112"}}]}]}',
  ),
].join("");

const NAMES = ["near", "far", "self", "far-closed"] as const;
const PODS = { near: own(1, 5), far: own(2, 5), self: own(1, 4), "far-closed": own(2, 6) };
const addresses = (name: (typeof NAMES)[number]): [string, string] => {
  const number = NAMES.indexOf(name) + 1;
  return [`10.96.0.${number}`, `fd00:10:96::${number}`];
};
const SERVICES: ServicePort[] = NAMES.flatMap((name) =>
  addresses(name).flatMap((address, i): ServicePort[] => {
    const each = { address, pod: PODS[name][i]! };
    return [
      { ...each, name: `${name}-tcp`, protocol: "tcp", port: 80, targetPort: 8080 },
      { ...each, name: `${name}-udp`, protocol: "udp", port: 53, targetPort: 5353 },
    ];
  }),
);

/** Ports of node `one` that lead to the pod `near`. */
const NODE_PORTS: ServicePort[] = ["172.18.0.1", "fd00:18::1"].flatMap((address, i): ServicePort[] => {
  const each = { address, pod: PODS.near[i]! };
  return [
    { ...each, name: "node-tcp", protocol: "tcp", port: 30080, targetPort: 8080 },
    { ...each, name: "node-udp", protocol: "udp", port: 30053, targetPort: 5353 },
  ];
});
const TRANSLATED = [...SERVICES, ...NODE_PORTS];
/** Hosts outside of the cluster: the policy of `near` names the first. */
const ADMITTED = ["203.0.113.9", "2001:db8::9"];
const OTHERS = ["203.0.113.10", "2001:db8::10"];
const nodePortProbes = (hosts: readonly string[]): string[] =>
  hosts.flatMap((host) => [`${host} -> node:one TCP 30080`, `${host} -> node:one UDP 30053`]);
const NODE_PORT_PROBES = nodePortProbes([...ADMITTED, ...OTHERS]);

/** Who calls which service, and whether it passes under the policies. */
const CALLS: [what: string, from: string, service: (typeof NAMES)[number], verdict: "passed" | "stopped"][] =
  [
    ["a policy that names the pod lets pass to a pod of the same node", "shop/by-pod", "near", "passed"],
    ["and to a pod elsewhere", "shop/by-pod", "far", "passed"],
    [
      "a policy that names the service's address never matches: same node",
      "shop/by-service",
      "near",
      "stopped",
    ],
    ["nor to a pod elsewhere", "shop/by-service", "far", "stopped"],
    [
      "who may not enter by the pod's address may not by the service's: same node",
      "shop/stranger",
      "near",
      "stopped",
    ],
    ["nor to a pod elsewhere", "shop/stranger", "far", "stopped"],
    ["a pod reaches itself, whatever the policies, if masqueraded", "shop/self", "self", "passed"],
    ["a pod that may not send does not reach another", "shop/self", "near", "stopped"],
    ["another does not reach a pod that may not receive", "shop/stranger", "self", "stopped"],
    ["the node reaches a pod of its own that may not receive", "node:one", "self", "passed"],
    ["the node reaches a pod elsewhere that admits its address", "node:one", "far", "passed"],
    ["and not one that admits nobody", "node:one", "far-closed", "stopped"],
  ];
const probesOf = (from: string, service: (typeof NAMES)[number]): string[] =>
  addresses(service).flatMap((address) => [`${from} -> ${address} TCP 80`, `${from} -> ${address} UDP 53`]);
const PROBES = CALLS.flatMap(([, from, service]) => probesOf(from, service));

/** What a pod sends to the service that it is itself, without masquerade: it arrives, but cannot be answered. */
function hairpin(family: 4 | 6, sourcePort: number): Shot {
  const [from, to] = [own(1, 4)[family === 4 ? 0 : 1]!, addresses("self")[family === 4 ? 0 : 1]!];
  const name = `IPv${family}`;
  const packet = ipPacket(from, to, UDP, udp(from, to, sourcePort, 53, Buffer.from(`hairpin ${name}`)));
  return {
    name,
    from: "shop/self",
    at: "shop/self",
    family,
    protocol: UDP,
    packets: [packet.toString("base64")],
    marker: `hairpin ${name}`,
  };
}
const hairpins = (round: number): Shot[] => [hairpin(4, 20_000 + round), hairpin(6, 20_000 + round)];
const SELF_RULE = String.raw`ip6? saddr \. ip6? daddr @self[46] accept`;

const nft = (text: string): Step => ({ run: "node:one", argv: ["nft", "-f", "-"], stdin: text });
const remove = (table: string): Step => nft(`delete table ip ${table}\ndelete table ip6 ${table}\n`);
const noIptables =
  findProgram("iptables-restore") === undefined || findProgram("ip6tables-restore") === undefined
    ? "iptables is not installed; its tables are made with nft above"
    : undefined;
const iptables: Step[] =
  noIptables !== undefined
    ? []
    : [
        { run: "node:one", argv: ["iptables-restore"], stdin: iptablesRestore(SERVICES, 4) },
        { run: "node:one", argv: ["ip6tables-restore"], stdin: iptablesRestore(SERVICES, 6) },
        { probes: PROBES, as: "iptables itself" },
        { run: "node:one", argv: ["iptables", "-t", "nat", "-F"] },
        { run: "node:one", argv: ["ip6tables", "-t", "nat", "-F"] },
      ];

describeKernel("service addresses", () => {
  let answers: Answers;
  beforeAll(async () => {
    answers = await runAround(
      [
        { state: CLUSTER + POLICIES },
        { probes: PROBES, as: "no translation" },
        nft(nftablesStyle(TRANSLATED, true)),
        { probes: PROBES, as: "nftables" },
        { probes: NODE_PORT_PROBES, as: "nftables, ports of the node" },
        { state: CLUSTER },
        { probes: PROBES, as: "no policies" },
        { probes: NODE_PORT_PROBES, as: "no policies, ports of the node" },
        { state: CLUSTER + POLICIES },
        remove("kube-proxy-like"),
        nft(iptablesStyle(TRANSLATED, true)),
        { probes: PROBES, as: "the tables of iptables" },
        { probes: NODE_PORT_PROBES, as: "the tables of iptables, ports of the node" },
        remove("nat"),
        ...iptables,
        nft(nftablesStyle(SERVICES, false)),
        // Linux takes packets from an address of its own only if it is told to.
        { run: "shop/self", argv: ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/all/accept_local"] },
        { shots: hairpins(1), as: "hairpin" },
        {
          copyTable: "node:one",
          name: "without-self",
          pattern: SELF_RULE,
          replacement: "",
          as: "rules left out",
        },
        { shots: hairpins(2), as: "hairpin without the rule" },
      ],
      [...ADMITTED, ...OTHERS],
    );
  });
  const found = (step: string, from: string, service: (typeof NAMES)[number]): (string | undefined)[] =>
    probesOf(from, service).map((text) => answers[step]![text]);
  const four = (verdict: string): string[] => [verdict, verdict, verdict, verdict];

  describe.each(["nftables", "the tables of iptables"])("translated in the style of %s", (style) => {
    it.each(CALLS)("%s", (_, from, service, verdict) => {
      expect(found(style, from, service)).toEqual(four(verdict));
    });
  });

  it.each(["nftables", "the tables of iptables"])(
    "and ports of the node lead in who may enter by an address of its own, in the style of %s",
    (style) => {
      const found = answers[`${style}, ports of the node`];
      expect(having("passed", found)).toEqual(nodePortProbes(ADMITTED));
      expect(having("stopped", found)).toEqual(nodePortProbes(OTHERS));
    },
  );

  it("translated by iptables itself give the same", (context) => {
    if (noIptables !== undefined) context.skip(noIptables);
    expect(answers["iptables itself"]).toEqual(answers.nftables);
  });

  it("lead nowhere without translation, and everywhere without policies", () => {
    expect(new Set(Object.values(answers["no translation"]!))).toEqual(new Set(["stopped"]));
    expect(new Set(Object.values(answers["no policies"]!))).toEqual(new Set(["passed"]));
    expect(having("passed", answers["no policies, ports of the node"])).toEqual(NODE_PORT_PROBES);
  });

  it("bring a pod's packet back to itself also without masquerade, thanks to the rule for that", () => {
    expect(answers.hairpin).toEqual({ IPv4: "passed", IPv6: "passed" });
    expect(Number(answers["rules left out"]!.found)).toBeGreaterThan(0);
    expect(answers["hairpin without the rule"]).toEqual({ IPv4: "stopped", IPv6: "stopped" });
  });
});
