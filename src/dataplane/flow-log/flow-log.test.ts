import { describe, expect, it } from "vitest";
import { policyObject } from "../../cluster/objects.fixture.ts";
import { createEngine, type Engine } from "../../engine/engine.ts";
import type { FlowEvent, FlowLogEvent } from "./event.ts";
import {
  ADDRESSES,
  DB_POLICY,
  engineOf,
  logged,
  syn,
  type TestClock,
  testClock,
} from "./flow-log.fixture.ts";
import { createFlowLog, type FlowLog, type FlowLogOptions } from "./flow-log.ts";
import { hex, ipPacket, tcp, udp } from "./packets.fixture.ts";

interface Setup {
  readonly log: FlowLog;
  readonly clock: TestClock;
  readonly events: FlowLogEvent[];
  readonly errors: unknown[];
  readonly flows: () => FlowEvent[];
  /** Packets that events of either kind tell of. */
  readonly told: () => number;
}

function setUp(
  options: Partial<FlowLogOptions> = {},
  engine: () => Engine = once(engineOf(DB_POLICY)),
): Setup {
  const clock = testClock();
  const events: FlowLogEvent[] = [];
  const errors: unknown[] = [];
  const log = createFlowLog({
    engine,
    node: "n1",
    onEvent: (event) => events.push(event),
    onError: (error) => errors.push(error),
    clock,
    ...options,
  });
  const flows = (): FlowEvent[] => events.filter((event) => event.kind === "flow");
  const told = (): number =>
    events.reduce((sum, event) => sum + (event.kind === "flow" ? 1 + event.repeated : event.count), 0);
  return { log, clock, events, errors, flows, told };
}

function once<T>(value: T): () => T {
  return () => value;
}

const { db, web, job, db6, web6, n1, n2, outside } = ADDRESSES;

describe("a flow event", () => {
  it("names both ends, the policies and the reason", () => {
    const { log, flows } = setUp();
    log.take(syn(web, db, 3306));
    const [event] = flows();
    expect(event).toMatchObject({
      kind: "flow",
      time: "2030-01-01T00:00:00.000Z",
      node: "n1",
      direction: "ingress",
      verdict: "denied",
      family: 4,
      protocol: 6,
      source: { kind: "pod", pod: "shop/web", workload: "shop/web[Pod]", node: "n1", port: 40_000 },
      destination: { kind: "pod", pod: "shop/db", workload: "shop/db[Pod]", node: "n1", port: 3306 },
      repeated: 0,
      policies: ["NetworkPolicy shop/db-policy"],
      reason: { why: "decided", side: { direction: "ingress", reason: "no-rule" } },
    });
    expect(event).not.toHaveProperty("truncated");
    expect(event).not.toHaveProperty("fragment");
  });

  it("tells what is no pod: a node, an address, and a host-network pod only if it must be that one", () => {
    const { log, flows } = setUp();
    log.take(syn(n1, db, 1));
    log.take(syn(outside, db, 2));
    log.take(syn(web, n2, 9100, { direction: "egress" }));
    log.take(syn(web, n2, 9101, { direction: "egress" }));
    log.take(syn(web, n2, 9300, { direction: "egress" }));
    const ends = flows().map(({ source, destination }) => [source.kind, destination.kind]);
    expect(ends).toEqual([
      ["node", "pod"],
      ["address", "pod"],
      ["pod", "host-network-pod"],
      ["pod", "node"],
      ["pod", "node"],
    ]);
    expect(flows()[0]!.source).toEqual({
      address: { family: 4, value: 0xc0000201n },
      port: 40_000,
      kind: "node",
      node: "n1",
    });
    expect(flows()[2]!.destination).toMatchObject({ pod: "shop/agent", node: "n2" });
  });

  it("says it when the rules do not agree with what the kernel did", () => {
    let engine = engineOf(DB_POLICY);
    const { log, flows } = setUp({}, () => engine);
    log.take(syn(web, db, 3306));
    engine = engineOf();
    log.take(syn(web, db, 3307));
    log.take(syn(web, db, 3308, { verdict: "allowed" }));
    engine = engineOf(DB_POLICY);
    log.take(syn(web, db, 3309, { verdict: "allowed" }));
    expect(flows().map(({ reason, policies }) => [reason.why, policies.length])).toEqual([
      ["decided", 1],
      ["rules-changed", 0],
      ["decided", 0],
      ["rules-changed", 0],
    ]);
  });

  it("asks the side that the kernel decided on", () => {
    const engine = engineOf(DB_POLICY, policyObject("silent", { policyTypes: ["Egress"] }));
    const { log, flows } = setUp({}, once(engine));
    log.take(syn(web, db, 3306, { direction: "egress" }));
    log.take(syn(web, db, 3306));
    expect(flows().map(({ policies }) => policies)).toEqual([
      ["NetworkPolicy shop/silent"],
      ["NetworkPolicy shop/db-policy"],
    ]);
  });

  it("keeps audited packets apart from denied ones", () => {
    const { log, flows } = setUp();
    log.take(syn(web, db, 3306, { verdict: "audited" }));
    log.take(syn(web, db, 3306));
    expect(flows().map(({ verdict, reason }) => [verdict, reason.why])).toEqual([
      ["audited", "decided"],
      ["denied", "decided"],
    ]);
  });

  it("says of denied packets what policies in earnest say, of audited ones what all say", () => {
    const trial = policyObject("trial", { policyTypes: ["Ingress"] });
    const { log, flows } = setUp({ unaudited: once(engineOf(DB_POLICY)) }, once(engineOf(DB_POLICY, trial)));
    log.take(syn(web, db, 3306));
    log.take(syn(web, db, 3306, { verdict: "audited" }));
    expect(flows().map(({ policies }) => policies)).toEqual([
      ["NetworkPolicy shop/db-policy"],
      ["NetworkPolicy shop/db-policy", "NetworkPolicy shop/trial"],
    ]);
  });

  it("knows of what is closed at birth whether the pod is known by now", () => {
    const { log, flows } = setUp();
    log.take(syn(web, "10.244.0.77", 80, { verdict: "closed-at-birth" }));
    log.take(syn(web, db, 80, { verdict: "closed-at-birth" }));
    log.take(syn(db, web, 80, { verdict: "closed-at-birth", direction: "egress" }));
    expect(flows().map(({ reason }) => reason)).toEqual([
      { why: "not-known-yet" },
      { why: "known-since", pod: "shop/db" },
      { why: "known-since", pod: "shop/db" },
    ]);
  });

  it("reads ICMP, fragments and packets that were cut, of both families", () => {
    const { log, flows } = setUp();
    log.take(logged(ipPacket(web6, db6, 58, hex("8000 0000"))));
    log.take(logged(ipPacket(web, db, 17, udp(1, 2), { fragmentOffset: 8 })));
    log.take(logged(ipPacket(web, db, 6, tcp(1, 2)).subarray(0, 22)));
    const [echo, fragment, cut] = flows();
    expect(echo).toMatchObject({ family: 6, icmp: { type: 128, code: 0 }, reason: { why: "decided" } });
    expect(fragment).toMatchObject({
      fragment: true,
      protocol: 17,
      reason: { why: "no-ports" },
      policies: [],
    });
    expect(cut).toMatchObject({ truncated: true, protocol: 6, reason: { why: "no-ports" } });
  });

  it("is made of no other program's packets", () => {
    const { log, events, clock } = setUp();
    log.take({ ...syn(web, db, 3306), prefix: "somebody else" });
    expect(events).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});

describe("repeated packets", () => {
  it("are told at once the first time, then once a second as a count", async () => {
    const { log, clock, flows, events } = setUp();
    for (let i = 0; i < 100; i++) log.take(syn(web, db, 3306));
    expect(flows().map(({ repeated }) => repeated)).toEqual([0]);
    await clock.pass(1000);
    expect(flows().map(({ repeated }) => repeated)).toEqual([0, 98]);
    for (let i = 0; i < 10; i++) log.take(syn(web, db, 3306));
    await clock.pass(999);
    expect(flows()).toHaveLength(2);
    await clock.pass(5000);
    expect(flows().map(({ repeated }) => repeated)).toEqual([0, 98, 9]);
    expect(events).toHaveLength(3);
  });

  it("are those of the same class: port and workload count, not the source port or a neighbour's address", () => {
    const { log, flows } = setUp();
    log.take(syn(outside, db, 1));
    log.take(syn("203.0.113.77", db, 1));
    expect(flows()).toHaveLength(1);
    log.take(syn("203.0.114.77", db, 1));
    log.take(syn(outside, db, 2));
    log.take(syn(job, db, 1));
    expect(flows()).toHaveLength(4);
  });

  it("leave no timer behind when they end", async () => {
    const { log, clock } = setUp({ deniedPackets: () => Promise.resolve(0) });
    await log.ready;
    expect(clock.waiting).toBe(0);
    log.take(syn(web, db, 3306));
    expect(clock.waiting).toBe(1);
    await clock.pass(10_000);
    expect(clock.waiting).toBe(0);
  });

  it("are explained once, until something changes", async () => {
    const engine = engineOf(DB_POLICY);
    const { log, clock, flows } = setUp({}, once(engine));
    const reasons = (): unknown[] => flows().map(({ reason }) => reason);
    log.take(syn(web, db, 3306));
    await clock.pass(1500);
    log.take(syn(web, db, 3306));
    expect(reasons()[1]).toBe(reasons()[0]);
    engine.apply([{ kind: "policy-removed", id: "NetworkPolicy shop/db-policy" }]);
    await clock.pass(1500);
    log.take(syn(web, db, 3306));
    expect(reasons()[2]).toMatchObject({ why: "rules-changed" });
  });

  it("are explained anew by another engine, though it counts its changes alike", async () => {
    let engine = engineOf(DB_POLICY);
    const { log, clock, flows } = setUp({}, () => engine);
    log.take(syn(web, db, 3306));
    engine = createEngine({ ...engine.cluster, networkPolicies: [] });
    await clock.pass(1500);
    log.take(syn(web, db, 3306));
    expect(flows().map(({ reason }) => reason.why)).toEqual(["decided", "rules-changed"]);
  });

  it("are not told with the words about another pod of the class", async () => {
    const { log, clock, flows } = setUp();
    log.take(syn(outside, db, 3306));
    await clock.pass(1500);
    log.take(syn("203.0.113.10", db, 3306));
    expect(flows()[1]!.reason).toMatchObject({
      explanation: { from: { address: { value: 0xcb00710an } } },
    });
  });
});

describe("a flood", () => {
  it("of ever new classes is told within the budget, and counted", async () => {
    const { log, clock, flows, told, events } = setUp();
    for (let port = 1; port <= 20_000; port++) log.take(syn(web, db, port));
    expect(flows()).toHaveLength(50);
    await clock.pass(1000);
    expect(events.at(-1)).toEqual({
      kind: "suppressed",
      time: "2030-01-01T00:00:01.000Z",
      node: "n1",
      count: 19_950,
      seconds: 1,
      cause: "limits",
    });
    expect(told()).toBe(20_000);
  });

  it("leaves half of the budget for what is new", async () => {
    const { log, clock, flows } = setUp();
    for (let port = 1; port <= 50; port++) log.take(syn(web, db, port));
    await clock.pass(990);
    for (let port = 1; port <= 50; port++) log.take(syn(web, db, port));
    await clock.pass(10);
    expect(flows()).toHaveLength(75);
    log.take(syn(job, db, 7777));
    expect(flows()).toHaveLength(76);
    await clock.pass(5000);
    expect(flows().filter(({ repeated }) => repeated > 0)).toEqual([]);
    expect(flows()).toHaveLength(101);
  });

  it("is remembered no further than asked for, and what is forgotten is counted", async () => {
    const { log, clock, told, flows } = setUp({ mostFlows: 3, eventsPerSecond: 1000 });
    for (let port = 1; port <= 10; port++) {
      log.take(syn(web, db, port));
      log.take(syn(web, db, port));
    }
    await clock.pass(3000);
    expect(flows()).toHaveLength(13);
    expect(told()).toBe(20);
  });

  it("is not explained for longer than the time that there is for it", async () => {
    const clock = testClock();
    let explained = 0;
    // Whenever somebody looks at the policies, which explaining does, it takes 10 ms.
    const engine = engineOf(DB_POLICY);
    let spent = 0;
    const slow: Engine = Object.create(engine, {
      policiesIn: {
        value: (namespace: string) => {
          spent += 10;
          explained++;
          return engine.policiesIn(namespace);
        },
      },
    });
    const { log, flows } = setUp({ clock: { ...clock, now: () => clock.now() + spent } }, once(slow));
    for (let port = 1; port <= 20; port++) log.take(syn(web, db, port));
    expect(explained).toBeGreaterThan(0);
    expect(flows().length).toBeGreaterThan(1);
    expect(flows().length).toBeLessThan(6);
  });

  it("counts packets that cannot be read", async () => {
    const { log, clock, events } = setUp();
    log.take(logged(Buffer.from("20ff", "hex")));
    await clock.pass(1000);
    expect(events).toMatchObject([{ kind: "suppressed", count: 1 }]);
  });
});

describe("the count of the kernel", () => {
  it("makes known what was not logged, once nothing of it can be on its way", async () => {
    let denied = 5000;
    const { log, clock, told, events } = setUp({ deniedPackets: () => Promise.resolve(denied) });
    await log.ready;
    denied += 1000;
    for (let i = 0; i < 15; i++) log.take(syn(web, db, 3306));
    await clock.pass(1000);
    expect(told()).toBe(15);
    await clock.pass(1000);
    expect(told()).toBe(1000);
    expect(events.at(-1)).toMatchObject({ kind: "suppressed", count: 985, seconds: 1 });
    await clock.pass(10_000);
    expect(told()).toBe(1000);
  });

  it("goes on when the table was made anew, and its counters with it", async () => {
    let denied = 5000;
    const { log, clock, told } = setUp({ deniedPackets: () => Promise.resolve(denied) });
    await log.ready;
    denied = 40;
    log.take(syn(web, db, 3306));
    await clock.pass(3000);
    expect(told()).toBe(40);
  });

  it("is not that of audited and of allowed packets", async () => {
    const { log, clock, told } = setUp({ deniedPackets: () => Promise.resolve(0) });
    await log.ready;
    log.take(syn(web, db, 1, { verdict: "audited" }));
    log.take(syn(web, db, 2, { verdict: "closed-at-birth" }));
    await clock.pass(5000);
    expect(told()).toBe(2);
  });

  it("is that of audited packets on a node that denies nothing", async () => {
    let counted = 0;
    const { log, clock, told } = setUp({
      deniedPackets: () => Promise.resolve(counted),
      countedVerdict: "audited",
    });
    await log.ready;
    counted = 10;
    log.take(syn(web, db, 1, { verdict: "audited" }));
    await clock.pass(5000);
    expect(told()).toBe(10);
  });

  it("may fail, which is reported, and is read again", async () => {
    let denied: number | undefined = 0;
    const read = (): Promise<number> =>
      denied === undefined ? Promise.reject(new Error("no table")) : Promise.resolve(denied);
    const { log, clock, told, errors } = setUp({ deniedPackets: read });
    await log.ready;
    log.take(syn(web, db, 3306));
    denied = undefined;
    await clock.pass(1000);
    expect(errors).toEqual([new Error("no table")]);
    denied = 7;
    await clock.pass(10_000);
    expect(told()).toBe(7);
  });

  it("is taken in full at the end", async () => {
    let denied = 0;
    const { log, told, events } = setUp({ deniedPackets: () => Promise.resolve(denied) });
    await log.ready;
    denied = 100;
    for (let i = 0; i < 15; i++) log.take(syn(web, db, 3306));
    await log.close();
    expect(told()).toBe(100);
    log.take(syn(web, db, 3306));
    expect(events).toHaveLength(2);
  });
});
