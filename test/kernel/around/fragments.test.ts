// Datagrams in fragments: only the first of them carries ports, and all have to be judged as one.
import { beforeAll, expect, it } from "vitest";
import { describeKernel } from "../kernel-support.ts";
import { node, pod, policy } from "./manifests.ts";
import { fragments, ipPacket, UDP, udp } from "./packets.ts";
import { type Answers, type Datagram, runAround, type Shot, type Step } from "./steps.ts";

const CLIENT = { 4: "10.244.1.1", 6: "fd00:10:244:1::1" } as const;
const SERVER = { 4: "10.244.2.1", 6: "fd00:10:244:2::1" } as const;
const CLUSTER = [
  node("one", "172.18.0.1", "fd00:18::1"),
  node("two", "172.18.0.2", "fd00:18::2"),
  pod("client", "client", "one", Object.values(CLIENT)),
  pod("server", "server", "two", Object.values(SERVER), "UDP/53", "UDP/54"),
].join("");
const RULE = "ports: [{protocol: UDP, port: 53}]";
const INGRESS = policy("in", "server", `{ingress: [{from: [{podSelector: {}}], ${RULE}}]}`);
const EGRESS = policy(
  "out",
  "client",
  `{policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ${RULE}}]}`,
);

const FAMILIES = [4, 6] as const;
const DATAGRAMS: Datagram[] = FAMILIES.flatMap((family) =>
  [53, 54].map((port) => ({
    name: `IPv${family} port ${port}`,
    from: "shop/client",
    to: "shop/server",
    family,
    port,
    bytes: 4000,
  })),
);

/** Fragments of a datagram of 4,000 bytes to a port, of which `choose` takes those to send, in its order. */
function cut(
  name: string,
  family: 4 | 6,
  port: number,
  number: number,
  choose: (all: Buffer[]) => Buffer[],
): Shot {
  const marker = `${name} ends here`;
  const payload = Buffer.concat([Buffer.alloc(4000 - marker.length, "x"), Buffer.from(marker)]);
  const [from, to] = [CLIENT[family], SERVER[family]];
  // Every datagram has a source port of its own: a connection that was answered would let pass the next one.
  const id = 1000 * family + number;
  const all = fragments(from, to, UDP, udp(from, to, 20_000 + id, port, payload), 1400, id);
  const packets = choose(all).map((packet) => packet.toString("base64"));
  return {
    name,
    from: "shop/client",
    at: "shop/server",
    onWire: true,
    family,
    protocol: UDP,
    packets,
    marker,
  };
}

/** The same for each round of the test, but for what tells one datagram from another. */
function shots(round: number): Shot[] {
  return FAMILIES.flatMap((family) => {
    const named = (text: string): string => `IPv${family} ${text}`;
    const number = 20 * round;
    return [
      cut(named("in order, to 53"), family, 53, number + 1, (all) => all),
      cut(named("in order, to 54"), family, 54, number + 2, (all) => all),
      cut(named("last first, to 53"), family, 53, number + 3, (all) => all.toReversed()),
      cut(named("last first, to 54"), family, 54, number + 4, (all) => all.toReversed()),
      cut(named("without the first, to 53"), family, 53, number + 5, (all) => all.slice(1)),
      cut(named("without the first, to 54"), family, 54, number + 6, (all) => all.slice(1)),
    ];
  });
}
const NAMES = shots(0).map(({ name }) => name);

/** A first fragment whose marker is in it, for itself or with the rest behind it. */
function firstAlone(family: 4 | 6, port: number, number: number, withRest: boolean): Shot {
  const name = `IPv${family} first ${withRest ? "and rest" : "alone"}, to ${port}`;
  const [from, to] = [CLIENT[family], SERVER[family]];
  const id = 1000 * family + number;
  const payload = Buffer.alloc(2000, `${name};`);
  const all = fragments(from, to, UDP, udp(from, to, 20_000 + id, port, payload), 1400, id);
  const packets = (withRest ? all : all.slice(0, 1)).map((packet) => packet.toString("base64"));
  return {
    name,
    from: "shop/client",
    at: "shop/server",
    onWire: true,
    family,
    protocol: UDP,
    packets,
    marker: name,
  };
}

/** An allowed port in the first fragment, and a second one that lies over it and says another. */
function overlapping(family: 4 | 6, number: number): Shot {
  const name = `IPv${family} overlapping`;
  const [from, to] = [CLIENT[family], SERVER[family]];
  const id = 1000 * family + number;
  const payload = Buffer.alloc(72, `${name};`);
  const allowed = udp(from, to, 20_000 + id, 53, payload);
  const other = udp(from, to, 20_000 + id, 54, payload);
  const packets = [
    ipPacket(from, to, UDP, allowed.subarray(0, 32), { id, offset: 0, more: true }),
    ipPacket(from, to, UDP, other.subarray(0, 32), { id, offset: 0, more: true }),
    ipPacket(from, to, UDP, other.subarray(24), { id, offset: 24, more: false }),
  ].map((packet) => packet.toString("base64"));
  return {
    name,
    from: "shop/client",
    at: "shop/server",
    onWire: true,
    family,
    protocol: UDP,
    packets,
    marker: name,
  };
}

function firsts(round: number): Shot[] {
  const number = 20 * round;
  return FAMILIES.flatMap((family) => [
    firstAlone(family, 53, number + 7, false),
    firstAlone(family, 54, number + 8, false),
    firstAlone(family, 53, number + 9, true),
    firstAlone(family, 54, number + 10, true),
    overlapping(family, number + 11),
  ]);
}

/** Keeps a node from following connections, and with that from putting fragments together. */
const untracked = (node: string): Step => ({
  run: `node:${node}`,
  argv: ["nft", "-f", "-"],
  stdin: `table inet untracked { chain prerouting { type filter hook prerouting priority -450; notrack; }
}
`,
});

describeKernel("fragments under rules with ports", () => {
  let answers: Answers;
  beforeAll(async () => {
    answers = await runAround([
      { state: CLUSTER },
      { datagrams: DATAGRAMS, as: "datagrams, no policy" },
      { state: CLUSTER + INGRESS },
      { datagrams: DATAGRAMS, as: "datagrams, ingress" },
      { shots: shots(1), as: "shots, ingress" },
      { shots: firsts(1), as: "firsts" },
      { state: CLUSTER + EGRESS },
      { datagrams: DATAGRAMS, as: "datagrams, egress" },
      { shots: shots(2), as: "shots, egress" },
      { state: CLUSTER },
      { shots: shots(3), as: "shots, no policy" },
      { state: CLUSTER + INGRESS },
      untracked("one"),
      untracked("two"),
      { shots: [...shots(4), ...firsts(4)], as: "untracked" },
    ]);
  });
  const BY_PORT = {
    "IPv4 port 53": "passed",
    "IPv4 port 54": "stopped",
    "IPv6 port 53": "passed",
    "IPv6 port 54": "stopped",
  };
  const shotsBy = (verdict: (port: string, whole: boolean) => string): Record<string, string> =>
    Object.fromEntries(
      NAMES.map((name) => [name, verdict(name.slice(-2), !name.includes("without the first"))]),
    );

  it.each(["ingress", "egress"])("a datagram of 4,000 bytes passes where its port is allowed: %s", (side) => {
    expect(answers[`datagrams, ${side}`]).toEqual(BY_PORT);
  });

  it.each(["ingress", "egress"])("fragments in any order are judged by the port of the first: %s", (side) => {
    expect(answers[`shots, ${side}`]).toEqual(
      shotsBy((port, whole) => (whole && port === "53" ? "passed" : "stopped")),
    );
  });

  it("all pass without policies, but for those that are never whole", () => {
    expect(new Set(Object.values(answers["datagrams, no policy"]!))).toEqual(new Set(["passed"]));
    expect(answers["shots, no policy"]).toEqual(shotsBy((_, whole) => (whole ? "passed" : "stopped")));
  });

  it("a first fragment waits for the rest, also where its port is allowed", () => {
    expect(answers.firsts).toMatchObject(
      Object.fromEntries(
        FAMILIES.flatMap((family) => [
          [`IPv${family} first alone, to 53`, "stopped"],
          [`IPv${family} first alone, to 54`, "stopped"],
          [`IPv${family} first and rest, to 53`, "passed"],
          [`IPv${family} first and rest, to 54`, "stopped"],
        ]),
      ),
    );
  });

  it("would be judged each by itself without connection tracking: the first passes, the rest has no port", () => {
    const each = answers.untracked!;
    for (const family of FAMILIES) {
      expect(each[`IPv${family} first alone, to 53`]).toBe("passed");
      expect(each[`IPv${family} first alone, to 54`]).toBe("stopped");
      expect(each[`IPv${family} in order, to 53`]).toBe("stopped");
    }
  });

  it("a fragment that lies over the ports of another does not change them", () => {
    expect(answers.firsts).toMatchObject({ "IPv4 overlapping": "stopped", "IPv6 overlapping": "stopped" });
  });
});
