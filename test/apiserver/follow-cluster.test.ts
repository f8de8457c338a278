import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { buildCluster } from "../../src/cluster/build.ts";
import { clusterChanges } from "../../src/cluster/diff.ts";
import { readCluster } from "../../src/source/kube/read-cluster.ts";
import { describeApiServer } from "./binaries.ts";
import { grant, namespace, networkPolicy, node, pod } from "./cluster-objects.ts";
import { type Followed, follow } from "./followed.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { type ApiObject, createObjects, listPath } from "./objects.ts";
import { type ApiServer, startApiServer } from "./start.ts";

const PATIENCE = { timeout: 20_000, interval: 50 };

describeApiServer("following a cluster", () => {
  let server: ApiServer;
  let kubeconfig: string;
  let followed: Followed | undefined;
  /** One that is there from the beginning, and that nothing disturbs. */
  let undisturbed: Followed;
  let began: number;

  beforeAll(async () => {
    server = await startApiServer({ users: [{ name: "agent" }] });
    kubeconfig = writeKubeconfig(server, "config", [{ name: "prod", user: { token: server.tokens.admin } }]);
    await createObjects(server.requests, [namespace("shop", { team: "red" }), node("node-1", "192.0.2.1")]);
    await createObjects(server.requests, [
      pod("shop", "db", { labels: { app: "db" }, address: "10.1.0.1", node: "node-1" }),
      networkPolicy("shop", "db", { podSelector: { matchLabels: { app: "db" } } }),
    ]);
    undisturbed = await follow(kubeconfig);
    began = performance.now();
  });
  afterEach(async () => {
    await followed?.close();
    followed = undefined;
  });
  afterAll(async () => {
    await undisturbed?.close();
    await server?.stop();
  });

  /** What another reading of the same server gives must be what the follower has. */
  async function expectEqual(): Promise<void> {
    await expect
      .poll(async () => {
        const { objects } = await readCluster(followed!.client);
        return clusterChanges(
          followed!.cluster(),
          buildCluster(objects, { unaddressed: "left-out" }).cluster,
        );
      })
      .toEqual([]);
  }

  const pathOf = (object: ApiObject): string => `${listPath(object)}/${object.metadata.name}`;

  it("gives what is there, then every change in order", async () => {
    followed = await follow(kubeconfig);
    await expectEqual();
    expect(followed.cluster().pods.map(({ id }) => id)).toEqual(["shop/db"]);
    expect(followed.takeChanges()).toEqual([]);

    const web = pod("shop", "web", { labels: { app: "web" }, address: "10.1.0.2" });
    await createObjects(server.requests, [web]);
    await expect.poll(followed.takeChanges, PATIENCE).toEqual(["pod-set pod shop/web"]);
    await server.requests.must("PATCH", pathOf(web), { metadata: { labels: { app: "shop" } } });
    await expect.poll(followed.takeChanges, PATIENCE).toEqual(["pod-set pod shop/web"]);
    await server.requests.must("PATCH", "/api/v1/namespaces/shop", {
      metadata: { labels: { team: "blue" } },
    });
    await expect.poll(followed.takeChanges, PATIENCE).toEqual(["namespace-set namespace shop"]);
    await createObjects(server.requests, [node("node-2", "192.0.2.2")]);
    await expect.poll(followed.takeChanges, PATIENCE).toEqual(["node-set node node-2"]);
    await server.requests.must("DELETE", `${pathOf(web)}?gracePeriodSeconds=0`);
    await expect.poll(followed.takeChanges, PATIENCE).toEqual(["pod-removed pod shop/web"]);
    await server.requests.must("DELETE", "/api/v1/nodes/node-2");
    await expect.poll(followed.takeChanges, PATIENCE).toEqual(["node-removed node node-2"]);
    await expectEqual();
    expect(followed.problems).toEqual([]);
  });

  it("uses what was known before where it is still the same", async () => {
    const seed = undisturbed.cluster();
    followed = await follow(kubeconfig, { seed });
    expect(followed.cluster().pods.find(({ id }) => id === "shop/db")).toBe(
      seed.pods.find(({ id }) => id === "shop/db"),
    );
    await expectEqual();
  });

  it("tells the versions of policies, also where the content is the same", async () => {
    followed = await follow(kubeconfig);
    const path = "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/db";
    const id = "NetworkPolicy shop/db";
    const before = followed.follower.policyVersions().get(id)!;
    await server.requests.must("PATCH", path, { metadata: { labels: { note: "same" } } });
    await expect.poll(() => followed!.versions, PATIENCE).toHaveLength(1);
    expect(followed.takeChanges()).toEqual([]);
    const { version } = followed.versions[0]!;
    expect(version).toMatchObject({ uid: before.uid, generation: before.generation });
    expect(version?.resourceVersion).not.toBe(before.resourceVersion);
    await server.requests.must("PATCH", path, { spec: { policyTypes: ["Ingress", "Egress"] } });
    await expect.poll(followed.takeChanges, PATIENCE).toEqual([`policy-set policy ${id}`]);
    expect(followed.follower.policyVersions().get(id)).toMatchObject({ generation: before.generation! + 1 });
  });

  it("counts and tells events, and which rights it uses", async () => {
    const events = new Map<string, number>();
    followed = await follow(kubeconfig, {
      onEvent: (resource, type) =>
        events.set(`${resource} ${type}`, (events.get(`${resource} ${type}`) ?? 0) + 1),
    });
    expect(events.get("nodes added")).toBe(1);
    expect(followed.resource("nodes")).toMatchObject({ state: "watching", objects: 1, lists: 1, watches: 1 });
    await createObjects(server.requests, [node("node-9", "192.0.2.9")]);
    await expect.poll(() => events.get("nodes added"), PATIENCE).toBe(2);
    await server.requests.must("DELETE", "/api/v1/nodes/node-9");
    await expect.poll(() => events.get("nodes deleted"), PATIENCE).toBe(1);
    expect(followed.resource("nodes").objects).toBe(1);
    await followed.close();
    const used = new Set(followed.requests.map(({ verb, resource }) => `${verb} ${resource ?? "(none)"}`));
    expect([...used].filter((each) => !each.startsWith("watch "))).toEqual(["get (none)"]);
  });

  describe("policies of the whole cluster", () => {
    const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    const POLICIES = "/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies";
    const everything = { namespaceSelector: {}, podSelector: {} };
    const policy = (name: string, rule: object = {}): ApiObject => ({
      apiVersion: "policy.networking.k8s.io/v1alpha2",
      kind: "ClusterNetworkPolicy",
      metadata: { name },
      spec: {
        tier: "Admin",
        priority: 5,
        subject: { pods: everything },
        ingress: [{ action: "Deny", from: [{ pods: everything }], ...rule }],
      },
    });
    const state = (): string => followed!.resource("clusternetworkpolicies").state;

    it("are not waited for where their kind is absent, also by who might not read them", async () => {
      const rules = [{ apiGroups: ["", "networking.k8s.io"], resources: ["*"], verbs: ["list", "watch"] }];
      await createObjects(server.requests, grant("agent", rules));
      const user = { token: server.tokens.agent };
      followed = await follow(writeKubeconfig(server, "config-agent", [{ name: "prod", user }]));
      expect(state()).toBe("absent");
      await server.define("clusternetworkpolicies");
      // Now it is a right that is missing.
      await expect.poll(state, PATIENCE).toBe("waiting");
      expect(followed.resource("clusternetworkpolicies")).toMatchObject({
        error: expect.stringContaining('User "agent" cannot') as string,
        help: expect.stringContaining(
          'apiGroups: ["policy.networking.k8s.io"], resources: ["clusternetworkpolicies"], verbs: ["list", "watch"]',
        ) as string,
      });
    });

    it("are waited for where they may not be read", async () => {
      const user = { token: server.tokens.agent };
      const file = writeKubeconfig(server, "config-agent", [{ name: "prod", user }]);
      followed = await follow(file, {}, false);
      await expect.poll(state, PATIENCE).toBe("waiting");
      await expect.poll(() => followed!.resource("pods").state, PATIENCE).toBe("watching");
      expect(followed.follower.status().synced).toBe(false);
      const role = "/apis/rbac.authorization.k8s.io/v1/clusterroles/rights-of-agent";
      await server.requests.must("PATCH", role, {
        rules: [
          {
            apiGroups: ["", "networking.k8s.io", "policy.networking.k8s.io"],
            resources: ["*"],
            verbs: ["list", "watch"],
          },
        ],
      });
      await followed.follower.synced;
      expect(state()).toBe("watching");
    });

    it("come, and go with their kind, at run time", async () => {
      await server.requests.must("DELETE", `${DEFINITIONS}/clusternetworkpolicies.policy.networking.k8s.io`);
      await expect.poll(async () => (await server.requests.send("GET", POLICIES)).status, PATIENCE).toBe(404);
      followed = await follow(kubeconfig);
      expect(state()).toBe("absent");

      await server.define("clusternetworkpolicies");
      await createObjects(server.requests, [policy("first"), policy("second")]);
      const seen: string[] = [];
      const changes = (): string[] => {
        seen.push(...followed!.takeChanges());
        return seen;
      };
      // They are created at the same time.
      await expect
        .poll(() => changes().sort(), PATIENCE)
        .toEqual([
          "policy-set policy ClusterNetworkPolicy first",
          "policy-set policy ClusterNetworkPolicy second",
        ]);
      expect(state()).toBe("watching");
      await expectEqual();

      seen.length = 0;
      await server.requests.must("DELETE", `${DEFINITIONS}/clusternetworkpolicies.policy.networking.k8s.io`);
      await expect
        .poll(() => changes().sort(), PATIENCE)
        .toEqual([
          "policy-removed policy ClusterNetworkPolicy first",
          "policy-removed policy ClusterNetworkPolicy second",
        ]);
      await expect.poll(state, PATIENCE).toBe("absent");

      seen.length = 0;
      await server.define("clusternetworkpolicies");
      await createObjects(server.requests, [policy("third")]);
      await expect.poll(changes, PATIENCE).toEqual(["policy-set policy ClusterNetworkPolicy third"]);
    });

    it("that are not understood are told with what is wrong, until nothing is any more", async () => {
      followed = await follow(kubeconfig);
      // As a newer API would be: it lets through what this release does not know.
      const path = `${DEFINITIONS}/clusternetworkpolicies.policy.networking.k8s.io`;
      const definition = (await server.requests.must("GET", path)) as {
        spec: { versions: { schema: object }[] };
      };
      const openAPIV3Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
      for (const version of definition.spec.versions) version.schema = { openAPIV3Schema };
      await server.requests.must("PUT", path, definition);
      const strange = policy("strange", { from: [{ planets: { names: ["Mars"] } }] });
      await expect
        .poll(async () => {
          await server.requests.send("DELETE", `${POLICIES}/strange`);
          const created = await server.requests.must("POST", POLICIES, strange);
          return JSON.stringify(created);
        }, PATIENCE)
        .toContain("Mars");
      const id = "ClusterNetworkPolicy strange";
      await expect.poll(() => followed!.findings.get(id), PATIENCE).toEqual(["unknown-matcher"]);
      await server.requests.must("PATCH", `${POLICIES}/strange`, { spec: policy("strange").spec });
      await expect.poll(() => followed!.findings.get(id), PATIENCE).toEqual([]);
      await expectEqual();
    });
  });

  it("does not cut a watch that is quiet for more than half a minute", async () => {
    await sleep(Math.max(0, 32_000 - (performance.now() - began)));
    const { watches, lists, state } = undisturbed.resource("nodes");
    expect({ watches, lists, state }).toEqual({ watches: 1, lists: 1, state: "watching" });
    undisturbed.takeChanges();
    await createObjects(server.requests, [node("node-8", "192.0.2.8")]);
    await expect.poll(undisturbed.takeChanges, PATIENCE).toEqual(["node-set node node-8"]);
    expect(undisturbed.resource("nodes").watches).toBe(1);
  });
});
