import { beforeEach, describe, expect, it } from "vitest";
import { testClock } from "../../../dataplane/flow-log/flow-log.fixture.ts";
import { KubeError } from "../../../source/kube/kube-error.ts";
import { testLogger } from "../testing/agent.ts";
import type { EventPolicy, PostedEvent } from "./event-object.ts";
import { eventPolicy } from "./event-policy.ts";
import { createPolicyEvents, type PolicyEvents, type PolicyTrouble } from "./policy-events.ts";

const MINUTE = 60_000;
const DB = eventPolicy("NetworkPolicy shop/db", { uid: "u1", generation: 1, resourceVersion: "1" });
const OTHER: EventPolicy = { ...DB, name: "web", uid: "u2" };
const broken = (message: string): PolicyTrouble => ({ reason: "PolicyNotUnderstood", message });

let clock: ReturnType<typeof testClock>;
let log: ReturnType<typeof testLogger>;
let posts: { path: string; event: PostedEvent; minute: number }[];
/** What the API server says to the next posts. */
let answer: () => void;
let events: PolicyEvents;

beforeEach(() => {
  clock = testClock();
  log = testLogger();
  posts = [];
  answer = () => undefined;
  const client = {
    post: async (path: string, body: object) => {
      posts.push({ path, event: body as PostedEvent, minute: clock.now() / MINUTE });
      answer();
    },
  };
  events = createPolicyEvents({ client, node: "n1", logger: log.logger, clock });
});

const told = (): string[] => posts.map(({ event }) => `${event.reason} ${event.message}`);
const fails =
  (code: KubeError["code"], message = code as string) =>
  (): never => {
    throw new KubeError(code, message);
  };

describe("events about policies", () => {
  it("are posted at once, into the namespace of the policy", async () => {
    events.report(DB, broken("endPort 80 is below port 443"));
    await clock.pass(0);
    expect(posts).toHaveLength(1);
    const [{ path, event }] = posts as [(typeof posts)[0]];
    expect(path).toBe("/api/v1/namespaces/shop/events");
    expect(event).toMatchObject({
      metadata: { name: expect.stringMatching(/^db\.[0-9a-f]{16}$/), namespace: "shop" },
      involvedObject: {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        namespace: "shop",
        name: "db",
        uid: "u1",
      },
      type: "Warning",
      reason: "PolicyNotUnderstood",
      message: "endPort 80 is below port 443",
      source: { component: "podwall", host: "n1" },
      firstTimestamp: "2030-01-01T00:00:00Z",
      lastTimestamp: "2030-01-01T00:00:00Z",
    });
  });

  it("go to the namespace default for a policy of the whole cluster", async () => {
    events.report(
      eventPolicy("ClusterNetworkPolicy guard", { uid: "u2", resourceVersion: "1" }),
      broken("bad"),
    );
    await clock.pass(0);
    expect(posts[0]).toMatchObject({
      path: "/api/v1/namespaces/default/events",
      event: { metadata: { namespace: "default" }, involvedObject: { kind: "ClusterNetworkPolicy" } },
    });
    expect(posts[0]!.event.involvedObject).not.toHaveProperty("namespace");
  });

  it("are repeated while they hold, when the API server has forgotten them", async () => {
    events.report(DB, broken("a"));
    for (let n = 0; n < 200; n++) {
      events.report(DB, broken("a"));
      await clock.pass(MINUTE);
    }
    expect(posts.map(({ minute }) => minute)).toEqual([0, 61, 122, 183]);
    events.gone("NetworkPolicy shop/db");
    await clock.pass(500 * MINUTE);
    expect(posts).toHaveLength(4);
    expect(clock.waiting).toBe(0);
  });

  it("tell that all is well again, but only after something bad was told", async () => {
    events.report(DB, undefined);
    await clock.pass(0);
    expect(told()).toEqual([]);
    events.report(DB, broken("a"));
    await clock.pass(0);
    events.report(DB, undefined);
    events.report(DB, undefined);
    await clock.pass(200 * MINUTE);
    expect(told()).toEqual([
      "PolicyNotUnderstood a",
      "PolicyEnforced It is understood and enforced as written again.",
    ]);
    expect(posts[1]!.event.type).toBe("Normal");
  });

  it("say nothing of what went by before it could be told", async () => {
    answer = fails("unreachable");
    events.report(DB, broken("a"));
    await clock.pass(0);
    answer = () => undefined;
    events.report(DB, undefined);
    await clock.pass(10 * MINUTE);
    expect(told()).toEqual(["PolicyNotUnderstood a"]);
  });

  it("say that all is well again when another node had told what was wrong", async () => {
    answer = fails("conflict", "events already exists");
    events.report(DB, broken("a"));
    await clock.pass(0);
    answer = () => undefined;
    events.report(DB, undefined);
    await clock.pass(0);
    expect(posts[1]!.event.reason).toBe("PolicyEnforced");
    expect(log.lines()).toEqual([]);
  });

  it("are new ones for another message or another spec, but not without end", async () => {
    for (const message of ["a", "b", "a", "b"]) {
      events.report(DB, broken(message));
      await clock.pass(1000);
    }
    expect(told()).toEqual(["PolicyNotUnderstood a", "PolicyNotUnderstood b"]);
    events.report({ ...DB, generation: 2 }, broken("b"));
    await clock.pass(1000);
    expect(told()).toHaveLength(3);
    expect(new Set(posts.map(({ event }) => event.metadata.name)).size).toBe(3);
    for (let n = 0; n < 100; n++) {
      events.report(DB, broken(`${n}`));
      await clock.pass(1000);
    }
    expect(told()).toHaveLength(5);
    // The last one is told as soon as the limit allows.
    await clock.pass(50 * MINUTE);
    expect(told()).toHaveLength(6);
    expect(told()[5]).toBe("PolicyNotUnderstood 99");
  });

  it("say nothing good of a policy that has the name of a bad one", async () => {
    events.report(DB, broken("a"));
    await clock.pass(0);
    events.report({ ...DB, uid: "u9" }, undefined);
    await clock.pass(100 * MINUTE);
    expect(told()).toEqual(["PolicyNotUnderstood a"]);
    events.report(DB, broken("b"));
    await clock.pass(0);
    events.report({ ...DB, uid: "u9" }, broken("c"));
    events.report({ ...DB, uid: "u9" }, undefined);
    await clock.pass(100 * MINUTE);
    expect(told()).toEqual(["PolicyNotUnderstood a", "PolicyNotUnderstood b"]);
  });

  it("have a name that every node would give", async () => {
    const other: PostedEvent[] = [];
    const client = { post: async (_: string, body: object) => other.push(body as PostedEvent) };
    const elsewhere = createPolicyEvents({ client, node: "n2", logger: log.logger, clock });
    for (const each of [events, elsewhere]) each.report(DB, broken("a"));
    await clock.pass(0);
    expect(other.map(({ metadata }) => metadata)).toEqual(posts.map(({ event }) => event.metadata));
  });

  it("are 20 at once, then one every five seconds, and none is lost", async () => {
    const many = Array.from(
      { length: 100 },
      (_, n): EventPolicy => ({ ...DB, name: `db-${n}`, uid: `u${n}` }),
    );
    for (const policy of many) events.report(policy, broken("a"));
    await clock.pass(0);
    expect(posts).toHaveLength(20);
    await clock.pass(50_000);
    expect(posts).toHaveLength(30);
    await clock.pass(350_000);
    expect(new Set(posts.map(({ event }) => event.involvedObject.uid)).size).toBe(100);
  });

  it("wait for a server that cannot be reached, and the log says so once", async () => {
    answer = fails("unreachable", "no connection");
    events.report(DB, broken("a"));
    events.report(OTHER, broken("a"));
    await clock.pass(5 * MINUTE);
    expect(posts.length).toBeLessThanOrEqual(6);
    expect(log.lines()).toMatchObject([{ level: "warn", code: "unreachable" }]);
    answer = () => undefined;
    posts = [];
    await clock.pass(2 * MINUTE);
    expect(posts.map(({ event }) => event.involvedObject.uid).sort()).toEqual(["u1", "u2"]);
  });

  it("name the RBAC rule that is missing, once", async () => {
    answer = fails("forbidden", 'events is forbidden: User "x" cannot create resource "events"');
    events.report(DB, broken("a"));
    await clock.pass(60 * MINUTE);
    expect(log.lines()).toHaveLength(1);
    expect(log.lines()[0]!.msg).toContain('{apiGroups: [""], resources: ["events"], verbs: ["create"]}');
    expect(posts.length).toBeLessThanOrEqual(7);
  });

  it.each([
    ["not-found", 'namespaces "shop" not found', 0],
    ["forbidden", "unable to create new content in namespace shop because it is being terminated", 0],
    ["server", "answers with 422", 1],
  ] as const)("that are refused (%s: %s) hold up no others", async (code, message, lines) => {
    answer = fails(code, message);
    events.report(DB, broken("a"));
    await clock.pass(0);
    answer = () => undefined;
    events.report(OTHER, broken("a"));
    await clock.pass(0);
    expect(posts[1]!.event.involvedObject.uid).toBe("u2");
    expect(log.lines()).toHaveLength(lines);
  });

  it("end with close", async () => {
    events.report(DB, broken("a"));
    events.close();
    events.report(OTHER, broken("a"));
    await clock.pass(MINUTE);
    expect(posts).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});
