import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeApiServer } from "./binaries.ts";
import { grant, namespace, networkPolicy, node, pod, type Rule } from "./cluster-objects.ts";
import { type Followed, follow } from "./followed.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { createObjects } from "./objects.ts";
import { type Relay, startRelay } from "./relay.ts";
import { type ApiServer, startApiServer } from "./start.ts";

const PATIENCE = { timeout: 20_000, interval: 100 };
const PLURALS = ["networkpolicies", "namespaces", "nodes", "pods"];

/** What an agent may do. */
const RULES: readonly Rule[] = [
  { apiGroups: [""], resources: ["pods", "nodes", "namespaces"], verbs: ["list", "watch"] },
  { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["list", "watch"] },
  { apiGroups: ["policy.networking.k8s.io"], resources: ["*"], verbs: ["list", "watch"] },
];

describeApiServer("following a cluster while things go wrong", () => {
  let server: ApiServer;
  let relay: Relay;
  let kubeconfig: string;
  let followed: Followed;
  let count = 0;

  const serverThroughRelay = (): { server: string } => ({ server: `https://127.0.0.1:${relay.port}` });
  const config = (user: object): string =>
    writeKubeconfig(server, `config-${count++}`, [{ name: "prod", user, cluster: serverThroughRelay() }]);

  beforeAll(async () => {
    server = await startApiServer({ users: [{ name: "agent" }] });
    relay = await startRelay({ port: Number(new URL(server.url).port) });
    kubeconfig = config({ token: server.tokens.admin });
    await createObjects(server.requests, [namespace("shop"), node("node-1", "192.0.2.1")]);
    await createObjects(server.requests, [
      ...grant("agent", RULES),
      pod("shop", "db", { address: "10.1.0.1" }),
    ]);
  });
  afterEach(async () => {
    relay.restore();
    await followed?.close();
  });
  afterAll(async () => {
    await relay?.stop();
    await server?.stop();
  });

  let pods = 0;
  async function addPod(): Promise<string> {
    const name = `pod-${++pods}`;
    await createObjects(server.requests, [pod("shop", name, { address: `10.2.0.${pods}` })]);
    return `pod-set pod shop/${name}`;
  }
  async function removePod(name: string): Promise<void> {
    await server.requests.must("DELETE", `/api/v1/namespaces/shop/pods/${name}?gracePeriodSeconds=0`);
  }
  /** Waits until all changes that are to come have come, and those only. */
  async function expectChanges(...expected: readonly string[]): Promise<void> {
    const seen: string[] = [];
    await expect
      .poll(() => {
        seen.push(...followed.takeChanges());
        return [...seen].sort();
      }, PATIENCE)
      .toEqual([...expected].sort());
  }
  const states = (): string[] => PLURALS.map((plural) => followed.resource(plural).state);
  const lists = (): number[] => PLURALS.map((plural) => followed.resource(plural).lists);
  const expectWatching = async (): Promise<void> => {
    await expect.poll(states, PATIENCE).toEqual(PLURALS.map(() => "watching"));
  };

  it.each(["cut", "reset"] as const)("goes on after connections were broken off (%s)", async (how) => {
    followed = await follow(kubeconfig);
    const watches = followed.resource("pods").watches;
    relay[how]();
    const change = await addPod();
    await expectChanges(change);
    expect(followed.resource("pods").watches).toBeGreaterThan(watches);
    // Nothing was read twice for that.
    expect(lists()).toEqual([1, 1, 1, 1]);
  });

  it("notices a connection on which nothing comes any more (half-open)", async () => {
    followed = await follow(kubeconfig, { times: { silence: 2_000 } });
    relay.blackHole();
    const change = await addPod();
    await expect.poll(() => followed.resource("pods").state, PATIENCE).toBe("waiting");
    expect(followed.resource("pods").error).toMatch(/does not answer|took longer than 2 s/);
    relay.restore();
    await expectChanges(change);
    expect(lists()).toEqual([1, 1, 1, 1]);
  });

  it("says that the server is down while it is, and goes on when it is back", async () => {
    followed = await follow(kubeconfig);
    relay.refuse();
    await expect.poll(states, PATIENCE).toEqual(PLURALS.map(() => "waiting"));
    expect(followed.resource("pods")).toMatchObject({
      objects: expect.any(Number) as number,
      error: expect.stringContaining("has closed the connection") as string,
      help: expect.stringContaining("a proxy, or a load balancer") as string,
    });
    const change = await addPod();
    relay.restore();
    await expectChanges(change);
    await expectWatching();
    expect(lists()).toEqual([1, 1, 1, 1]);
  });

  it("does not read anew when the server ends watches in order, as it does all the time", async () => {
    followed = await follow(kubeconfig, { times: { watch: 1_000 } });
    await expect.poll(() => followed.resource("pods").watches, PATIENCE).toBeGreaterThan(3);
    await expectChanges(await addPod());
    await expect.poll(() => followed.resource("pods").watches, PATIENCE).toBeGreaterThan(5);
    expect(lists()).toEqual([1, 1, 1, 1]);
    expect(states()).not.toContain("waiting");
  });

  it("goes on from the last bookmark where nothing else came", async () => {
    const events: string[] = [];
    // The server sends one two seconds before a watch ends.
    followed = await follow(kubeconfig, {
      times: { watch: 6_000 },
      onEvent: (resource, type) => events.push(`${resource} ${type}`),
    });
    const change = await addPod();
    // How far a bookmark has got depends on what the server has heard from etcd until then: one may tell nothing new.
    const later = (): boolean => {
      const [, first, ...others] = followed.watchedFrom("nodes");
      return others.some((version) => Number(version) > Number(first));
    };
    await expect.poll(later, { timeout: 50_000 }).toBe(true);
    expect(followed.watchedFrom("nodes")[0]).toBeUndefined();
    expect(events).toContain("nodes bookmark");
    await expectChanges(change);
    expect(events.filter((event) => event.startsWith("nodes ") && event !== "nodes bookmark")).toEqual([
      "nodes added",
    ]);
    expect(lists()).toEqual([1, 1, 1, 1]);
  });

  it("reads anew where the server has forgotten the version (410), and tells only what is different", async () => {
    await createObjects(server.requests, [
      pod("shop", "stays", { address: "10.3.0.1" }),
      pod("shop", "changes", { address: "10.3.0.2" }),
      pod("shop", "goes", { address: "10.3.0.3" }),
      networkPolicy("shop", "goes", { podSelector: {} }),
    ]);
    followed = await follow(kubeconfig);
    relay.refuse();
    await expect.poll(states, PATIENCE).toEqual(PLURALS.map(() => "waiting"));
    await removePod("goes");
    await server.requests.must("DELETE", "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/goes");
    await server.requests.must("PATCH", "/api/v1/namespaces/shop/pods/changes", {
      metadata: { labels: { new: "label" } },
    });
    const change = await addPod();
    await server.compact();
    await server.restart();
    relay.restore();
    await expectChanges(
      "pod-removed pod shop/goes",
      "policy-removed policy NetworkPolicy shop/goes",
      "pod-set pod shop/changes",
      change,
    );
    await expectWatching();
    expect(followed.resource("pods").lists).toBe(2);
    expect(followed.versions).toEqual([{ policy: "NetworkPolicy shop/goes", version: undefined }]);
    expect(followed.resource("pods").error).toBeUndefined();
  });

  it("outlives a server that is killed and started again", async () => {
    followed = await follow(kubeconfig);
    await server.kill();
    await expect.poll(states, PATIENCE).toEqual(PLURALS.map(() => "waiting"));
    await server.restart();
    const change = await addPod();
    await expectChanges(change);
    await expectWatching();
  });

  it("outlives a server that stands still", async () => {
    followed = await follow(kubeconfig, { times: { silence: 2_000 } });
    server.pause();
    try {
      await expect.poll(states, PATIENCE).toEqual(PLURALS.map(() => "waiting"));
    } finally {
      server.resume();
    }
    await expectChanges(await addPod());
    await expectWatching();
  });

  it("says which right was taken away, keeps what it knows, and goes on when it is back", async () => {
    const binding = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    followed = await follow(config({ token: server.tokens.agent }));
    const known = followed.resource("pods").objects;
    await server.requests.must("DELETE", `${binding}/rights-of-agent`);
    relay.cut();
    await expect
      .poll(() => followed.resource("pods"), PATIENCE)
      .toMatchObject({
        state: "waiting",
        objects: known,
        error: expect.stringMatching(/User "agent" cannot watch resource "pods"/) as string,
        help: expect.stringContaining(
          '{apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"]}',
        ) as string,
      });
    expect(followed.resource("pods").help).toContain("kubectl auth can-i watch pods -A --as agent");
    expect(followed.takeChanges()).toEqual([]);
    const change = await addPod();
    await server.requests.must("POST", binding, grant("agent", RULES)[1]);
    await expectChanges(change);
    await expectWatching();
    expect(lists()).toEqual([1, 1, 1, 1]);
  });

  it("takes the new token of a file when the old one is refused", async () => {
    const file = join(server.folder, "token-of-agent");
    writeFileSync(file, server.tokens.agent!);
    followed = await follow(config({ tokenFile: file }));
    const token = randomBytes(16).toString("hex");
    server.setTokens({ agent: token });
    await server.restart();
    await expect
      .poll(() => followed.resource("pods").error, PATIENCE)
      .toContain("does not accept the credentials");
    writeFileSync(file, token);
    await expectWatching();
    await expectChanges(await addPod());
    server.setTokens({});
    await server.restart();
  });

  it("reports a listener that throws, and goes on", async () => {
    let thrown = 0;
    followed = await follow(kubeconfig, {
      onChanges() {
        if (thrown++ === 0) throw new Error("a bug");
      },
    });
    await expectChanges(await addPod());
    await expectChanges(await addPod());
    expect(followed.problems).toMatchObject([
      { code: "listener", message: expect.stringContaining("changes of the cluster: a bug") as string },
    ]);
    expect(states()).not.toContain("waiting");
  });

  it("leaves no connection open when it is closed", async () => {
    await expect.poll(() => relay.connections(), PATIENCE).toBe(0);
    followed = await follow(kubeconfig);
    expect(relay.connections()).toBeGreaterThan(3);
    await followed.close();
    await expect.poll(() => relay.connections(), PATIENCE).toBe(0);
    await followed.close();
  });

  it("lists by pages where the server does not stream lists", async () => {
    await server.restart(["--feature-gates=WatchList=false"]);
    followed = await follow(kubeconfig);
    await expectChanges(await addPod());
    expect(lists()).toEqual([1, 1, 1, 1]);
    expect(followed.requests.filter(({ verb, code }) => verb === "list" && code === "200")).toHaveLength(4);
    expect(states()).not.toContain("waiting");
    await server.restart();
  });
});
