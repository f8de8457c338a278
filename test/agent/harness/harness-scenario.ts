// What the tests of agents stand on, without any agent.
import assert from "node:assert/strict";
import { runInNamespace } from "../../../src/linux/command.ts";
import { namespace, networkPolicy } from "../../apiserver/cluster-objects.ts";
import { PODWALL } from "../../cli/run-podwall.ts";
import { OUTSIDE, OUTSIDE_IPV6 } from "./agent-cluster.ts";
import { kernelDifferences, readModel } from "./model.ts";
import type { Way } from "./reach.ts";
import type { Scenario } from "./scenario.ts";

const ENDS = ["shop/client", "shop/server", "shop/far"];
const WAYS: readonly Way[] = ENDS.flatMap((from): Way[] => [
  ...ENDS.filter((to) => to !== from).map((to): Way => `${from} -> ${to} TCP/80`),
  `${from} -> node:two ICMP`,
  `${from} -> ${OUTSIDE} ICMP`,
  `${from} -> ${OUTSIDE_IPV6} ICMP`,
]);

const harness: Scenario<void> = {
  cluster: { nodes: ["one", "two"] },
  async start(cluster) {
    await cluster.create(namespace("shop"));
    await cluster.kubelet.create("shop/client", { node: "one", labels: { role: "client" } });
    await cluster.kubelet.create("shop/server", { node: "one", labels: { role: "server" } });
    await cluster.kubelet.create("shop/far", { node: "two", labels: { role: "far" } });
  },
  cases: {
    async "lets all pods reach each other, the nodes and what is outside"({ reach }) {
      await reach.becomes({ passes: WAYS });
    },
    async "serves its API to the nodes"({ network, kubeconfig }) {
      for (const node of ["one", "two"]) {
        const argv = [process.execPath, PODWALL, "map", "--kubeconfig", kubeconfig];
        const { code, stdout, stderr } = await runInNamespace(
          network.namespaceOf(`node:${node}`),
          argv,
          undefined,
        );
        assert.equal(code, 0, stderr);
        assert.match(stdout, /\bfar\b/);
      }
    },
    async "counts the packets of a stream, and those that a rule stops"({ network, traffic }) {
      const open = await traffic.start("shop/client", "shop/far");
      await open.sends(500);
      const { sent, arrived } = await open.stop();
      assert.ok(sent >= 500);
      assert.equal(arrived, sent);
      const closed = await traffic.start("shop/far", "shop/client");
      const rules = `table inet t {
        chain f { type filter hook forward priority 0; meta nfproto ipv6 drop; meta l4proto udp drop; }
      }`;
      await network.runInNode("one", ["nft", "-f", "-"], rules);
      const before = closed.arrived();
      await closed.sends(400);
      await network.runInNode("one", ["nft", "delete", "table", "inet", "t"]);
      const count = await closed.stop();
      // One of four kinds of packets passed.
      assert.ok(count.arrived - before >= 100);
      assert.ok(count.arrived < count.sent);
    },
    async "reads the model that the kernel is compared with"(cluster) {
      await cluster.create(networkPolicy("shop", "closed", { podSelector: {} }));
      const model = await readModel(cluster.kubeconfig);
      assert.equal(model.engine.cluster.pods.length, 3);
      assert.deepEqual(await kernelDifferences(cluster.network, "one", model), [{ code: "table-missing" }]);
    },
    async "ends pods as a kubelet does, and gives their addresses to others"({ api, kubelet, reach }) {
      const before = kubelet.pod("shop/server");
      await kubelet.end("shop/server");
      const path = "/api/v1/namespaces/shop/pods/server";
      const ending = (await api.must("GET", path)) as {
        metadata: { deletionTimestamp?: string };
        status: { phase: string };
      };
      assert.equal(ending.status.phase, "Failed");
      assert.ok(ending.metadata.deletionTimestamp !== undefined);
      const heir = await kubelet.create("shop/heir", { node: "one", number: 11 });
      assert.deepEqual(heir.addresses, before.addresses);
      await kubelet.forget("shop/server");
      assert.equal((await api.send("GET", path)).status, 404);
      await reach.becomes({ passes: ["shop/client -> shop/heir TCP/80", "shop/heir -> shop/far TCP/80"] });
    },
    async "moves a pod to another node"({ api, kubelet, reach }) {
      const moved = await kubelet.move("shop/far", "one");
      const seen = (await api.must("GET", "/api/v1/namespaces/shop/pods/far")) as {
        spec: { nodeName: string };
        status: { podIP: string };
      };
      assert.equal(seen.spec.nodeName, "one");
      assert.equal(seen.status.podIP, moved.addresses[0]);
      await reach.becomes({ passes: ["shop/client -> shop/far TCP/80"] });
    },
  },
};

export default harness;
