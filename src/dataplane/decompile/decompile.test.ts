import { describe, expect, it } from "vitest";
import { ENGINE_POLICY_KINDS, engineOf } from "../../../test/agreement/from-raw.ts";
import { randomCluster } from "../../../test/generators/cluster.ts";
import type { End } from "../../engine/end.ts";
import { FAMILIES, formatAddress, parseAddress } from "../../net/address.ts";
import { ALL_PORTS, NO_PORTS, portSetFromTokens } from "../../net/port-set.ts";
import { compileProgram } from "../compile/compile.ts";
import type { Program, ProgramSet } from "../program/program.ts";
import { decompile } from "./decompile.ts";
import { parseRule } from "./rule.ts";

const CLUSTERS = 60;
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);
const OUTSIDE = ["1.2.3.4", "192.168.5.10", "10.0.0.1", "2001:db8::7", "fd00::5"].map(
  (text) => parseAddress(text)!,
);

describe("decompile", () => {
  it("finds in compiled programs what the engine says", () => {
    let [asked, passing] = [0, 0];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS; seed++) {
      const engine = engineOf(randomCluster(seed, { policyKinds: ENGINE_POLICY_KINDS }));
      for (const node of engine.cluster.nodes.keys()) {
        const passes = decompile(compileProgram(engine, node));
        for (const pod of engine.cluster.pods) {
          if (pod.node !== node || pod.hostNetwork) continue;
          for (const family of FAMILIES) {
            const local = pod.addresses[family];
            if (local === undefined) continue;
            const others = engine.cluster.pods.flatMap((each) =>
              each === pod ? [] : (each.addresses[family] ?? []),
            );
            for (const peer of [...others, ...OUTSIDE.filter((each) => each.family === family)]) {
              // The node's own traffic is let pass before any pod's chain is asked.
              if (engine.addresses.isNodeAddress(node, peer)) continue;
              const [own, other]: [End, End] = [
                { kind: "pod", pod },
                { kind: "address", address: peer },
              ];
              for (const direction of ["ingress", "egress"] as const) {
                const [from, to] = direction === "ingress" ? [other, own] : [own, other];
                const expected = engine.sidePorts(direction, from, to, family);
                const found = passes(direction, local, peer);
                const about = `seed ${seed}: ${direction} of ${pod.id}, peer ${formatAddress(peer)}`;
                expect(found, about).toEqual({ passes: expected, skipsIngress: NO_PORTS, unknown: NO_PORTS });
                asked++;
                if (expected !== ALL_PORTS && expected !== NO_PORTS) passing++;
              }
            }
          }
        }
      }
    }
    expect(asked).toBeGreaterThan(CLUSTERS * 20);
    expect(passing).toBeGreaterThan(CLUSTERS);
  });

  const PEER = "10.0.0.9";
  const set = (name: string, type: string, ...elements: string[]): ProgramSet => ({
    name,
    kind: type.endsWith("verdict") ? "map" : "set",
    type,
    interval: type.includes("inet_proto"),
    elements: new Map(
      elements.map((each) => each.split(" : ") as [string, string?]).map(([e, v = ""]) => [e, v]),
    ),
  });
  /** What a chain of these rules lets pass from the peer, and hands on to it. */
  const outcome = (
    rules: readonly string[],
    ...sets: readonly ProgramSet[]
  ): ReturnType<ReturnType<typeof decompile>> => {
    const chains = new Map([
      ["eg4_x", { name: "eg4_x", rules }],
      ["sub", { name: "sub", rules: ["tcp dport 80 return", "tcp dport 1-100 drop"] }],
      ["ingress", { name: "ingress", rules: ["accept"] }],
    ]);
    const all = [set("egress4", "ipv4_addr : verdict", "10.0.0.1 : goto eg4_x"), ...sets];
    const program: Program = { chains, sets: new Map(all.map((each) => [each.name, each])) };
    return decompile(program)("egress", parseAddress("10.0.0.1")!, parseAddress(PEER)!);
  };

  it("follows jump, goto and return as the kernel does", () => {
    const handOn = "goto ingress";
    expect(outcome(["jump sub", "tcp dport 1-200 goto ingress", "drop"]).passes).toBe(
      portSetFromTokens(["TCP/80", "TCP/101-200"]),
    );
    // After goto nobody comes back: what returns meets the policy of the base chain.
    expect(outcome(["tcp dport 1-200 goto sub", "drop"]).skipsIngress).toBe(
      portSetFromTokens(["TCP/80", "TCP/101-200"]),
    );
    expect(outcome(["counter accept"]).skipsIngress).toBe(ALL_PORTS);
    expect(outcome([`ip daddr @p ${handOn}`, "drop"], set("p", "ipv4_addr", PEER)).passes).toBe(ALL_PORTS);
    expect(outcome([`ip daddr != @p ${handOn}`, "drop"], set("p", "ipv4_addr", PEER)).passes).toBe(NO_PORTS);
    expect(outcome([`ip6 daddr @p ${handOn}`, "drop"], set("p", "ipv6_addr", "::1")).passes).toBe(NO_PORTS);
    expect(
      outcome(
        [`ip daddr . meta l4proto @n ${handOn}`, "drop"],
        set("n", "ipv4_addr . inet_proto", "10.0.0.0-10.0.0.9 . 0-255"),
      ).passes,
    ).toBe(ALL_PORTS);
  });

  it.each([
    ["a rule of another grammar", "meta mark 7 accept", []],
    ["a rule that was not understood when it was read", 'unknown {"x":1} accept', []],
    ["a verdict behind a limit", "limit rate 10/second burst 20 packets accept", []],
    ["a set that is not there", "ip daddr @gone accept", []],
    ["a set of another type", "ip daddr @p accept", [set("p", "ipv6_addr", "::1")]],
    ["the other end's address", "ip saddr @p accept", [set("p", "ipv4_addr", PEER)]],
    ["every port but port 0", "tcp dport 1-65535 accept", []],
    [
      "a set of all ports but port 0",
      "meta l4proto . th dport @t accept",
      [set("t", "inet_proto . inet_service", "tcp . 1-65535")],
    ],
    ["a chain that is not there", "goto nowhere", []],
    ["a loop", "goto eg4_x", []],
  ] as const)("says of %s that it does not know", (_, rule, sets) => {
    const { passes, skipsIngress, unknown } = outcome(["tcp dport 80 drop", rule], ...sets);
    expect([passes, skipsIngress]).toEqual([NO_PORTS, NO_PORTS]);
    expect(unknown.TCP).toEqual([1, 79, 81, 65535]);
  });

  it("passes over what only counts or logs", () => {
    const log = 'limit rate 10/second burst 20 packets log prefix "podwall deny egress" group 86 snaplen 256';
    expect(outcome([log, "counter", "tcp dport 80 goto ingress", "drop"]).passes).toBe(
      portSetFromTokens(["TCP/80"]),
    );
  });
});

describe("parseRule", () => {
  it.each([
    "acceptor",
    "accept accept",
    "tcp dport 80-70 accept",
    "counter accept drop",
    "ip saddr @a  accept",
    " accept",
    "",
  ])("does not take %j for a rule", (text) => {
    if (text === "") expect(parseRule(text)?.verdict).toBeUndefined();
    else expect(parseRule(text)).toBeUndefined();
  });
});
