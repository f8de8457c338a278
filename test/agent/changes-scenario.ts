import assert from "node:assert/strict";
import { namespace, networkPolicy } from "../apiserver/cluster-objects.ts";
import type { Guard } from "./harness/guard.ts";
import { holdConnections } from "./harness/held.ts";
import type { Scenario } from "./harness/scenario.ts";
import { waitUntilNone } from "./harness/wait-for.ts";
import { admits, admitting, openShop, role, waysTo } from "./objects.ts";

const OTHERS = ["shop/other", "shop/far-other"];

const changes: Scenario<Guard> = {
  cluster: { nodes: ["one", "two"] },
  start: openShop,
  cases: {
    async "follow a policy that comes, changes and goes"(cluster, guard) {
      const { reach } = cluster;
      const all = [...waysTo("shop/other", "shop/far-other"), ...waysTo("shop/far-other", "shop/other")];
      await reach.becomes({ passes: all });
      const policy = networkPolicy("shop", "others", { podSelector: role("other") });
      await cluster.create(policy);
      await reach.becomes({ stopped: all });
      await cluster.agreed();
      await cluster.patch(policy, admitting({ podSelector: role("friend") }));
      await reach.becomes({
        passes: [...waysTo("shop/other", "shop/far-friend"), ...waysTo("shop/far-other", "shop/friend")],
        stopped: all,
      });
      await cluster.patch(policy, { spec: { policyTypes: ["Ingress", "Egress"] } });
      await reach.becomes({ stopped: waysTo("shop/far-friend", "shop/other") });
      await cluster.agreed();
      await cluster.delete(policy);
      await reach.becomes({ passes: all });
      await cluster.agreed();
      await guard.check();
    },

    async "follow a pod's labels, and end what they allowed"(cluster, guard) {
      const { kubelet, network, reach } = cluster;
      for (const other of OTHERS) await kubelet.label(other, { role: "friend" });
      await reach.becomes({ passes: waysTo("shop/server", ...OTHERS) });
      const held = await Promise.all(OTHERS.map((other) => holdConnections(network, other, "shop/server")));
      await guard.check();
      for (const other of OTHERS) await kubelet.label(other, { role: null });
      await reach.becomes({ stopped: waysTo("shop/server", ...OTHERS) });
      await cluster.agreed();
      for (const connections of held) {
        for (const seen of await connections.look()) {
          assert.match(
            seen,
            /^TCP IPv[46]: client reset, server reset$|^UDP IPv[46]: client silence, server silence$/,
          );
        }
        connections.close();
      }
      for (const other of OTHERS) await kubelet.label(other, { role: "other" });
      await guard.check();
    },

    async "follow the labels of the server itself"(cluster, guard) {
      const { kubelet, reach } = cluster;
      await cluster.create(admits("closed"));
      await kubelet.label("shop/far-other", { role: "closed" });
      await reach.becomes({ stopped: waysTo("shop/far-other", "shop/other", "shop/far-friend") });
      await kubelet.label("shop/far-other", { role: "other" });
      await reach.becomes({ passes: waysTo("shop/far-other", "shop/other", "shop/far-friend") });
      await cluster.delete(admits("closed"));
      await cluster.agreed();
      await guard.check();
    },

    async "follow the labels of a namespace"(cluster, guard) {
      const { kubelet, reach } = cluster;
      const guests = namespace("guests");
      await cluster.create(guests);
      const inside = ["guests/near", "guests/far"];
      await kubelet.create("guests/near", { node: "one" });
      await kubelet.create("guests/far", { node: "two" });
      const peers = [
        { podSelector: role("friend") },
        { namespaceSelector: { matchLabels: { trust: "high" } } },
      ];
      await cluster.patch(admits("server"), admitting(...peers));
      await cluster.agreed();
      await reach.becomes({ stopped: waysTo("shop/server", ...inside) });
      await cluster.patch(guests, { metadata: { labels: { trust: "high" } } });
      await reach.becomes({ passes: waysTo("shop/server", ...inside) });
      await cluster.patch(guests, { metadata: { labels: { trust: "low" } } });
      await reach.becomes({ stopped: waysTo("shop/server", ...inside) });
      await cluster.patch(guests, { metadata: { labels: { trust: "high" } } });
      await reach.becomes({ passes: waysTo("shop/server", ...inside) });
      await kubelet.remove(...inside);
      await cluster.deleteNamespace("guests");
      await cluster.patch(admits("server"), admitting(peers[0]!));
      await cluster.agreed();
      await guard.check();
    },

    async "close a pod until they know it, both ways"(cluster, guard) {
      const { kubelet, reach } = cluster;
      for (const node of ["one", "two"]) {
        const id = `shop/newborn-${node}`;
        const newborn = await kubelet.begin(id, { node, labels: { role: "friend" } });
        await reach.becomes({
          stopped: [...waysTo(id, "shop/friend", "shop/far-friend"), ...waysTo("shop/server", id)],
        });
        await kubelet.announce(newborn);
        await reach.becomes({
          passes: [...waysTo(id, "shop/friend", "shop/far-friend"), ...waysTo("shop/server", id)],
        });
      }
      await kubelet.remove("shop/newborn-one", "shop/newborn-two");
      await cluster.agreed();
      await guard.check();
    },

    async "know whose an address is that another pod had before"(cluster, guard) {
      const { kubelet, reach } = cluster;
      // Once to one who may less, once to one who may more; and the object of the former goes after the other one has come.
      for (const [first, second] of [
        ["friend", "stranger"],
        ["stranger", "friend"],
      ] as const) {
        const [former, heir] = [`shop/former-${first}`, `shop/heir-${second}`];
        const word = (who: string): "passes" | "stopped" => (who === "friend" ? "passes" : "stopped");
        await kubelet.create(former, { node: "two", number: 500, labels: { role: first } });
        await reach.becomes({ [word(first)]: waysTo("shop/server", former) });
        await kubelet.end(former);
        await kubelet.create(heir, { node: "two", number: 500, labels: { role: second } });
        await reach.becomes({ [word(second)]: waysTo("shop/server", heir) });
        await cluster.agreed();
        await kubelet.forget(former);
        await cluster.agreed();
        await reach.becomes({ [word(second)]: waysTo("shop/server", heir) });
        await kubelet.remove(heir);
      }
      await cluster.agreed();
      await guard.check();
    },

    async "follow a pod to another node"(cluster, guard) {
      const { kubelet, reach } = cluster;
      await kubelet.create("shop/mover", { node: "one", labels: { role: "mover" } });
      await cluster.create(admits("mover", "other"));
      for (const node of ["two", "one"]) {
        await kubelet.move("shop/mover", node);
        await reach.becomes({
          passes: waysTo("shop/mover", ...OTHERS),
          stopped: [
            ...waysTo("shop/mover", "shop/friend", "shop/far-friend"),
            ...waysTo("shop/server", "shop/mover"),
          ],
        });
        await cluster.agreed();
      }
      await kubelet.remove("shop/mover");
      await cluster.delete(admits("mover"));
      await guard.check();
    },

    async "know a node by its new address"(cluster, guard) {
      const { kubelet, reach } = cluster;
      await cluster.create(admits("other"));
      await kubelet.create("shop/host", {
        node: "two",
        hostNetwork: true,
        labels: { role: "host" },
        ports: [{ protocol: "TCP", port: 8080 }],
      });
      const expected = {
        // A node reaches its own pods, and no other node's.
        passes: ["node:one -> shop/other ICMP", "node:two -> shop/far-other ICMP"],
        stopped: ["node:one -> shop/far-other ICMP", "node:two -> shop/other ICMP"],
      } as const;
      await reach.becomes(expected);
      await cluster.readdress("two", 22);
      await cluster.agreed();
      await reach.becomes(expected);
      await reach.becomes({
        passes: ["shop/other -> node:two TCP/8080", "shop/far-other -> node:two TCP/8080"],
      });
      await cluster.readdress("two", 2);
      await cluster.agreed();
      await reach.becomes(expected);
      await kubelet.remove("shop/host");
      await cluster.delete(admits("other"));
      await cluster.agreed();
      await guard.check();
    },

    async "enforce a kind of policy that is installed while they run, until it goes"(cluster, guard) {
      const { reach } = cluster;
      const ways = waysTo("shop/far-other", "shop/other", "shop/far-friend");
      // Which kinds there are is asked now and then only.
      const patience = 120_000;
      await cluster.server.define("clusternetworkpolicies");
      const pods = (name: string): object => ({ pods: { namespaceSelector: {}, podSelector: role(name) } });
      const policy = {
        apiVersion: "policy.networking.k8s.io/v1alpha2",
        kind: "ClusterNetworkPolicy",
        metadata: { name: "others" },
        spec: {
          tier: "Admin",
          priority: 10,
          subject: pods("other"),
          ingress: [{ name: "none", action: "Deny", from: [{ namespaces: {} }] }],
        },
      };
      await reach.becomes({ passes: ways });
      await cluster.create(policy);
      await reach.becomes({ stopped: ways }, patience);
      await cluster.agreed();
      await guard.check();
      const definition = "customresourcedefinitions/clusternetworkpolicies.policy.networking.k8s.io";
      await cluster.api.must("DELETE", `/apis/apiextensions.k8s.io/v1/${definition}`);
      await reach.becomes({ passes: ways }, patience);
      await cluster.agreed();
      for (const node of cluster.nodes.keys()) {
        await waitUntilNone(
          `node ${node} has forgotten the kind`,
          async () => {
            const { source, troubles } = await cluster.agent(node).status();
            const kind = source.resources.find(({ resource }) => resource === "clusternetworkpolicies");
            return kind?.state === "absent" && troubles.length === 0
              ? undefined
              : JSON.stringify({ kind, troubles });
          },
          patience,
        );
      }
      await guard.check();
    },

    async "let nothing pass meanwhile that may not, and everything that may"(cluster, guard) {
      const sent = await guard.finish();
      cluster.note(`packets sent: ${JSON.stringify(sent)}`);
      assert.ok(sent.never > 1000 && sent.always > 100);
      // The strangers' way was open but for the policy.
      await cluster.delete(admits("server"));
      await cluster.reach.becomes({ passes: waysTo("shop/server", "shop/stranger", "shop/far-stranger") });
    },
  },
};

export default changes;
