import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { buildCluster } from "../../src/cluster/build.ts";
import { clusterChanges } from "../../src/cluster/diff.ts";
import { readCluster } from "../../src/source/kube/read-cluster.ts";
import { describeApiServer } from "./binaries.ts";
import { namespace, networkPolicy, node, pod } from "./cluster-objects.ts";
import { type Followed, follow } from "./followed.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { type ApiObject, createObjects, listPath } from "./objects.ts";
import { type ApiServer, startApiServer } from "./start.ts";

describeApiServer("following a cluster", () => {
  let server: ApiServer;
  let kubeconfig: string;
  let followed: Followed | undefined;

  beforeAll(async () => {
    server = await startApiServer();
    kubeconfig = writeKubeconfig(server, "config", [{ name: "prod", user: { token: server.tokens.admin } }]);
    await createObjects(server.requests, [namespace("shop", { team: "red" }), node("node-1", "192.0.2.1")]);
    await createObjects(server.requests, [
      pod("shop", "db", { labels: { app: "db" }, address: "10.1.0.1", node: "node-1" }),
      networkPolicy("shop", "db", { podSelector: { matchLabels: { app: "db" } } }),
    ]);
  });
  afterEach(async () => {
    await followed?.close();
    followed = undefined;
  });
  afterAll(() => server?.stop());

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
    await expect.poll(followed.takeChanges).toEqual(["pod-set pod shop/web"]);
    await server.requests.must("PATCH", pathOf(web), { metadata: { labels: { app: "shop" } } });
    await expect.poll(followed.takeChanges).toEqual(["pod-set pod shop/web"]);
    await server.requests.must("PATCH", "/api/v1/namespaces/shop", {
      metadata: { labels: { team: "blue" } },
    });
    await expect.poll(followed.takeChanges).toEqual(["namespace-set namespace shop"]);
    await createObjects(server.requests, [node("node-2", "192.0.2.2")]);
    await expect.poll(followed.takeChanges).toEqual(["node-set node node-2"]);
    await server.requests.must("DELETE", `${pathOf(web)}?gracePeriodSeconds=0`);
    await expect.poll(followed.takeChanges).toEqual(["pod-removed pod shop/web"]);
    await server.requests.must("DELETE", "/api/v1/nodes/node-2");
    await expect.poll(followed.takeChanges).toEqual(["node-removed node node-2"]);
    await expectEqual();
    expect(followed.problems).toEqual([]);
  });
});
