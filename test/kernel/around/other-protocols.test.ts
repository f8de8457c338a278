// SCTP with its ports, and protocols that have none for us: those pass where a rule names no ports, and nowhere else.
import { beforeAll, describe, expect, it } from "vitest";
import { describeKernel } from "../kernel-support.ts";
import { denyAll, node, pod, policy } from "./manifests.ts";
import { GRE, gre, ipPacket, UDP_LITE, udpLite } from "./packets.ts";
import { type Answers, runAround, type Shot } from "./steps.ts";

const EVERY_PROTOCOL = "[{protocol: TCP}, {protocol: UDP}, {protocol: SCTP}]";
/** Ports of a rule, the same for what may enter and what may leave; and what they let pass. */
const RULES = {
  none: { rule: "[{PEERS}]", passes: ["SCTP 3868", "SCTP 3869", "UDP 3868", "ICMP", "GRE", "UDP-Lite"] },
  everyone: { rule: "[{}]", passes: ["SCTP 3868", "SCTP 3869", "UDP 3868", "ICMP", "GRE", "UDP-Lite"] },
  "one-sctp": { rule: "[{PEERS, ports: [{protocol: SCTP, port: 3868}]}]", passes: ["SCTP 3868"] },
  "all-sctp": { rule: "[{PEERS, ports: [{protocol: SCTP}]}]", passes: ["SCTP 3868", "SCTP 3869"] },
  "all-udp": { rule: "[{PEERS, ports: [{protocol: UDP}]}]", passes: ["UDP 3868"] },
  "all-ports": {
    rule: `[{PEERS, ports: ${EVERY_PROTOCOL}}]`,
    passes: ["SCTP 3868", "SCTP 3869", "UDP 3868"],
  },
  "anybody-sctp": { rule: "[{ports: [{protocol: SCTP, port: 3868}]}]", passes: ["SCTP 3868"] },
  nothing: { rule: "[]", passes: [] },
} as const;
type Rule = keyof typeof RULES;
const NAMES = Object.keys(RULES) as Rule[];
const FAMILIES = [4, 6] as const;
const LISTENING = ["SCTP/3868", "SCTP/3869", "UDP/3868"];

const address = (family: 4 | 6, nodeNumber: number, number: number): string =>
  family === 4 ? `10.244.${nodeNumber}.${number}` : `fd00:10:244:${nodeNumber}::${number}`;
const both = (nodeNumber: number, number: number): string[] =>
  FAMILIES.map((family) => address(family, nodeNumber, number));
const CLUSTER = [
  node("one", "172.18.0.1", "fd00:18::1"),
  node("two", "172.18.0.2", "fd00:18::2"),
  pod("peer", "peer", "two", both(2, 1), ...LISTENING),
  ...NAMES.map((name, i) => pod(`in-${name}`, `in-${name}`, "one", both(1, 10 + i), ...LISTENING)),
  ...NAMES.map((name, i) => pod(`out-${name}`, `out-${name}`, "one", both(1, 30 + i))),
].join("");
const POLICIES = NAMES.flatMap((name) => {
  const rule = (side: string): string =>
    RULES[name].rule.replace("PEERS", `${side}: [{podSelector: {matchLabels: {role: peer}}}]`);
  return [
    policy(`in-${name}`, `in-${name}`, `{ingress: ${rule("from")}}`),
    policy(`out-${name}`, `out-${name}`, `{policyTypes: [Egress], egress: ${rule("to")}}`),
  ];
}).join("");

/** The ends of what a rule judges, for one that lets in and for one that lets out. */
const ENDS = NAMES.flatMap((name, i) => [
  { name, side: "in", from: "peer", to: `in-${name}`, sender: [2, 1], receiver: [1, 10 + i] },
  { name, side: "out", from: `out-${name}`, to: "peer", sender: [1, 30 + i], receiver: [2, 1] },
]) as {
  name: Rule;
  side: string;
  from: string;
  to: string;
  sender: [number, number];
  receiver: [number, number];
}[];
const SOCKET_PROBES = ["SCTP 3868", "SCTP 3869", "UDP 3868", "ICMP"];
const PROBES = ENDS.flatMap(({ from, to }) =>
  SOCKET_PROBES.map((what) => `shop/${from} -> shop/${to} ${what}`),
);
const SHOTS: Shot[] = ENDS.flatMap(({ from, to, sender, receiver }) =>
  FAMILIES.flatMap((family) => {
    const [source, destination] = [address(family, ...sender), address(family, ...receiver)];
    const shot = (name: string, protocol: number, payload: (marker: Buffer) => Buffer): Shot => {
      const marker = `${from} -> ${to} ${name};`;
      const packet = ipPacket(source, destination, protocol, payload(Buffer.from(marker)));
      return {
        name: `shop/${from} -> shop/${to} ${name} ${family}`,
        from: `shop/${from}`,
        at: `shop/${to}`,
        family,
        protocol,
        packets: [packet.toString("base64")],
        marker,
      };
    };
    return [
      shot("GRE", GRE, gre),
      shot("UDP-Lite", UDP_LITE, (marker) => udpLite(source, destination, 20_000, 3868, marker)),
    ];
  }),
);

describeKernel("protocols other than TCP and UDP", () => {
  let answers: Answers;
  beforeAll(async () => {
    answers = await runAround([
      { state: CLUSTER },
      { probes: PROBES, as: "probes, no policies" },
      { shots: SHOTS, as: "shots, no policies" },
      { state: CLUSTER + POLICIES },
      { probes: PROBES, as: "probes" },
      { shots: SHOTS, as: "shots" },
      { state: CLUSTER + denyAll("peer") },
      { shots: SHOTS, as: "shots, peer closed" },
    ]);
  });

  it("all pass without policies", () => {
    expect(new Set(Object.values(answers["probes, no policies"]!))).toEqual(new Set(["passed"]));
    expect(new Set(Object.values(answers["shots, no policies"]!))).toEqual(new Set(["passed"]));
  });

  it("all stop where nothing may pass", () => {
    expect(new Set(Object.values(answers["shots, peer closed"]!))).toEqual(new Set(["stopped"]));
  });

  describe.each(["in", "out"])("that may go %s by a rule", (side) => {
    it.each(NAMES)("of the kind %s", (name) => {
      const { from, to } = ENDS.find((each) => each.name === name && each.side === side)!;
      const ends = `shop/${from} -> shop/${to} `;
      const all = { ...answers.probes, ...answers.shots };
      const verdict = (what: string): string =>
        (RULES[name].passes as readonly string[]).includes(what) ? "passed" : "stopped";
      expect(Object.fromEntries(Object.entries(all).filter(([text]) => text.startsWith(ends)))).toEqual(
        Object.fromEntries([
          ...SOCKET_PROBES.map((what) => [ends + what, verdict(what)]),
          ...["GRE", "UDP-Lite"].flatMap((what) =>
            FAMILIES.map((family) => [`${ends}${what} ${family}`, verdict(what)]),
          ),
        ]),
      );
    });
  });
});
