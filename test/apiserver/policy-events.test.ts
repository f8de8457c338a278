import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventPolicy } from "../../src/agent/telemetry/events/event-policy.ts";
import {
  createPolicyEvents,
  type PolicyEvents,
  type PolicyEventsOptions,
} from "../../src/agent/telemetry/events/policy-events.ts";
import { testLogger } from "../../src/agent/telemetry/testing/agent.ts";
import { createKubeClient, type KubeClient } from "../../src/source/kube/client.ts";
import { loadContext } from "../../src/source/kube/kubeconfig.ts";
import { describeApiServer } from "./binaries.ts";
import { grant, namespace, networkPolicy } from "./cluster-objects.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { createObjects } from "./objects.ts";
import { type ApiServer, startApiServer } from "./start.ts";

interface ListedEvent {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly reason: string;
  readonly type: string;
  readonly message: string;
  readonly count: number;
  readonly source: { readonly component: string };
}

describeApiServer("events about policies", () => {
  let server: ApiServer;
  const open: (KubeClient | PolicyEvents)[] = [];

  beforeAll(async () => {
    server = await startApiServer({ users: [{ name: "agent" }, { name: "nobody" }] });
    await server.define("clusternetworkpolicies");
    await createObjects(server.requests, [
      namespace("shop"),
      ...grant("agent", [{ apiGroups: [""], resources: ["events"], verbs: ["create"] }]),
    ]);
  });
  afterAll(async () => {
    for (const each of open) each.close();
    await server.stop();
  });

  /** Answers of the API server to posts, as far as a test waits for them. */
  interface Agent {
    readonly events: PolicyEvents;
    readonly log: ReturnType<typeof testLogger>;
    /** Resolves with the outcome of the next post. */
    outcome(): Promise<"created" | string>;
  }

  async function agent(node: string, user = "agent"): Promise<Agent> {
    const file = writeKubeconfig(server, `${node}.yaml`, [
      { name: "c", user: { token: server.tokens[user] } },
    ]);
    const client = createKubeClient(await loadContext({ kubeconfig: file }));
    const outcomes: string[] = [];
    const waiting: ((outcome: string) => void)[] = [];
    const tell = (outcome: string): void => {
      const resolve = waiting.shift();
      if (resolve === undefined) outcomes.push(outcome);
      else resolve(outcome);
    };
    const watched: PolicyEventsOptions["client"] = {
      post: async (path, body, signal) => {
        try {
          const made = await client.post(path, body, signal);
          tell("created");
          return made;
        } catch (error) {
          tell((error as { code: string }).code);
          throw error;
        }
      },
    };
    const log = testLogger();
    const events = createPolicyEvents({ client: watched, node, logger: log.logger });
    open.push(events, client);
    return {
      events,
      log,
      outcome: () => {
        const known = outcomes.shift();
        if (known !== undefined) return Promise.resolve(known);
        return new Promise((resolve) => waiting.push(resolve));
      },
    };
  }

  async function uidOf(path: string): Promise<string> {
    const object = (await server.requests.must("GET", path)) as { metadata: { uid: string } };
    return object.metadata.uid;
  }

  /** As `kubectl describe` looks for them. */
  async function described(kind: string, name: string, space: string, uid: string): Promise<ListedEvent[]> {
    const selector = [
      `involvedObject.kind=${kind}`,
      `involvedObject.name=${name}`,
      // client-go asks for the namespace of the object, which is empty for one of the whole cluster.
      `involvedObject.namespace=${kind === "NetworkPolicy" ? space : ""}`,
      `involvedObject.uid=${uid}`,
    ].join(",");
    const path = `/api/v1/namespaces/${space}/events?fieldSelector=${encodeURIComponent(selector)}`;
    return ((await server.requests.must("GET", path)) as { items: ListedEvent[] }).items;
  }

  it("are one for a thousand nodes, and kubectl describe finds it", async () => {
    await createObjects(server.requests, [networkPolicy("shop", "db", { podSelector: {} })]);
    const uid = await uidOf("/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/db");
    const policy = eventPolicy("NetworkPolicy shop/db", { uid, generation: 1, resourceVersion: "1" });
    const [one, two] = [await agent("n1"), await agent("n2")];
    const trouble = { reason: "PolicyNotUnderstood", message: "endPort 80 is below port 443" } as const;
    one.events.report(policy, trouble);
    expect(await one.outcome()).toBe("created");
    two.events.report(policy, trouble);
    expect(await two.outcome()).toBe("conflict");
    expect(await described("NetworkPolicy", "db", "shop", uid)).toMatchObject([
      { type: "Warning", ...trouble, count: 1, source: { component: "podwall", host: "n1" } },
    ]);

    one.events.report(policy, undefined);
    expect(await one.outcome()).toBe("created");
    two.events.report(policy, undefined);
    expect(await two.outcome()).toBe("conflict");
    const after = await described("NetworkPolicy", "db", "shop", uid);
    expect(after.map(({ reason, type }) => `${type} ${reason}`).sort()).toEqual([
      "Normal PolicyEnforced",
      "Warning PolicyNotUnderstood",
    ]);
    expect([one, two].flatMap(({ log }) => log.lines())).toEqual([]);
    // As whoever lists them in the new form sees them.
    const path = "/apis/events.k8s.io/v1/namespaces/shop/events";
    const { items } = (await server.requests.must("GET", path)) as {
      items: { reportingController: string }[];
    };
    expect(items.map(({ reportingController }) => reportingController)).toEqual(["podwall", "podwall"]);
  });

  it("may be about a policy of the whole cluster, with as much to say as there is", async () => {
    const path = "/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies";
    const name = "guard.".repeat(41) + "x".repeat(7);
    await server.requests.must("POST", path, {
      apiVersion: "policy.networking.k8s.io/v1alpha2",
      kind: "ClusterNetworkPolicy",
      metadata: { name },
      spec: { tier: "Admin", priority: 1, subject: { namespaces: {} } },
    });
    const uid = await uidOf(`${path}/${name}`);
    const { events, outcome } = await agent("n3");
    const policy = eventPolicy(`ClusterNetworkPolicy ${name}`, { uid, resourceVersion: "1" });
    events.report(policy, { reason: "PolicyNotEnforced", message: "é".repeat(2000) });
    expect(await outcome()).toBe("created");
    const [event] = await described("ClusterNetworkPolicy", name, "default", uid);
    expect(event).toMatchObject({ reason: "PolicyNotEnforced", metadata: { namespace: "default" } });
  });

  it("are what kubectl shows", async ({ skip }) => {
    if (spawnSync("kubectl", ["version", "--client"]).status !== 0) return skip("kubectl is not installed");
    await createObjects(server.requests, [networkPolicy("shop", "cache", { podSelector: {} })]);
    const uid = await uidOf("/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/cache");
    const { events, outcome } = await agent("n6");
    const policy = eventPolicy("NetworkPolicy shop/cache", { uid, resourceVersion: "1" });
    events.report(policy, { reason: "PolicyNotEnforced", message: "nft refuses it" });
    expect(await outcome()).toBe("created");
    const file = writeKubeconfig(server, "admin.yaml", [{ name: "c", user: { token: server.tokens.admin } }]);
    const args = ["--kubeconfig", file, "-n", "shop", "events", "--for", "networkpolicy/cache"];
    const { stdout } = spawnSync("kubectl", args, { encoding: "utf8" });
    expect(stdout).toMatch(/Warning +PolicyNotEnforced +NetworkPolicy\/cache +nft refuses it/);
  });

  it("need a right that the log names when it is missing", async () => {
    const { events, log, outcome } = await agent("n4", "nobody");
    const policy = eventPolicy("NetworkPolicy shop/web", { uid: "u", resourceVersion: "1" });
    events.report(policy, { reason: "PolicyNotUnderstood", message: "bad" });
    expect(await outcome()).toBe("forbidden");
    await expect.poll(log.lines).toHaveLength(1);
    expect(log.lines()[0]).toMatchObject({ level: "warn", code: "forbidden" });
    expect(log.lines()[0]!.msg).toMatch(
      /User "nobody" cannot create resource "events".*resources: \["events"\]/,
    );
  });

  it("do not mind that a namespace has gone", async () => {
    const { events, log, outcome } = await agent("n5");
    const policy = eventPolicy("NetworkPolicy gone/web", { uid: "u", resourceVersion: "1" });
    events.report(policy, { reason: "PolicyNotUnderstood", message: "bad" });
    expect(await outcome()).toBe("not-found");
    expect(log.lines()).toEqual([]);
  });
});
