import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  allWaiting,
  changeAfterCompaction,
  everyNodeReady,
  flush,
  NODES,
  PATIENCE,
  tableIsBack,
  waitForPhase,
} from "./fault-steps.ts";
import { FLOWING, holdConnections } from "./harness/held.ts";
import { readKernel } from "./harness/model.ts";
import type { Scenario } from "./harness/scenario.ts";
import { admits, admitting, role, waysTo } from "./objects.ts";
import { openTroubledShop, type TroubledShop, whileGuarded } from "./troubled-shop.ts";

/** How often agents are killed; more for whoever has the time. */
const KILLS = Number(process.env.PODWALL_AGENT_KILLS ?? 6);
const PAUSE_SECONDS = Number(process.env.PODWALL_PAUSE_SECONDS ?? 10);

const faults: Scenario<TroubledShop> = {
  cluster: { nodes: NODES },
  start: openTroubledShop,
  cases: {
    "come back after they were killed at any time": whileGuarded(async (cluster, shop, guard) => {
      const { random } = shop;
      for (let kill = 0; kill < KILLS; kill++) {
        const node = random.pick(NODES);
        // Half of them have no time to start.
        const isReady = random.chance(0.5);
        if (isReady) await cluster.agent(node).ready();
        await sleep(random.int(0, 1_000));
        const agent = cluster.agent(node);
        if (random.chance(0.5)) await agent.kill();
        else {
          const code = await agent.stop();
          if (isReady) assert.equal(code, 0);
        }
        await sleep(random.int(0, 1_000));
        shop.start(node);
        if (random.chance(0.5)) await shop.settle(guard);
      }
    }),

    "keep a pod closed that comes while their node has none": whileGuarded(async (cluster, shop) => {
      const { kubelet, reach } = cluster;
      await cluster.agent("one").kill();
      await shop.churn.rest(() =>
        kubelet.create("shop/newborn", { node: "one", labels: { role: "friend" } }),
      );
      const ways = [...waysTo("shop/newborn", "shop/friend"), ...waysTo("shop/server", "shop/newborn")];
      await reach.becomes({ stopped: ways });
      shop.start("one");
      await reach.becomes({ passes: ways });
      await shop.churn.rest(() => kubelet.remove("shop/newborn"));
    }),

    "go on when the API server was killed, with what was changed just before": whileGuarded(
      async (cluster, shop, guard) => {
        const { reach, server } = cluster;
        const policy = admits("other", "friend");
        const ways = {
          friend: waysTo("shop/other", "shop/friend"),
          stranger: waysTo("shop/other", "shop/stranger"),
        };
        await cluster.create(policy);
        await server.kill();
        await allWaiting(cluster);
        await everyNodeReady(cluster);
        await guard.check();
        await sleep(2_000);
        await server.restart();
        await reach.becomes({ passes: ways.friend, stopped: ways.stranger }, PATIENCE);
        await cluster.patch(policy, admitting({ podSelector: role("stranger") }));
        await reach.becomes({ passes: ways.stranger, stopped: ways.friend }, PATIENCE);
        await cluster.delete(policy);
        await reach.becomes({ passes: [...ways.friend, ...ways.stranger] }, PATIENCE);
        assert.notDeepEqual(shop.churn.takeFailures(), []);
      },
    ),

    "hold what is in force when they start without an API server, also if somebody takes it away":
      whileGuarded(async (cluster, shop, guard) => {
        const { network, server } = cluster;
        await server.kill();
        for (const node of NODES) await cluster.agent(node).kill();
        shop.start("one");
        await waitForPhase(cluster, "one", "restored");
        await guard.check();
        const { status } = await cluster.agent("one").get("/readyz");
        assert.equal(status, 503);
        const leaked = await guard.except(async () => {
          await flush(cluster, "one");
          await tableIsBack(cluster, "one");
        });
        cluster.note(`packets between a flush and what was known last: ${leaked}`);
        await guard.check();
        const leakedMore = await guard.except(async () => {
          await flush(cluster, "two");
          shop.start("two");
          await tableIsBack(cluster, "two");
        });
        // The server is on the other node, which guards it.
        assert.equal(leakedMore, 0);
        await waitForPhase(cluster, "two", "restored");
        assert.ok((await readKernel(network, "two")).chains.size > 0);
        await guard.check();
        await server.restart();
        await cluster.agent("one").ready(PATIENCE);
        await cluster.agent("two").ready(PATIENCE);
        shop.churn.takeFailures();
      }),

    "keep what is denied for the whole cluster when they and the API server start at once": whileGuarded(
      async (cluster, shop) => {
        const { reach, server } = cluster;
        const policy = {
          apiVersion: "policy.networking.k8s.io/v1alpha2",
          kind: "ClusterNetworkPolicy",
          metadata: { name: "others" },
          spec: {
            tier: "Admin",
            priority: 10,
            subject: { pods: { namespaceSelector: {}, podSelector: role("other") } },
            ingress: [{ name: "none", action: "Deny", from: [{ namespaces: {} }] }],
          },
        };
        await server.define("clusternetworkpolicies");
        await cluster.create(policy);
        // Which kinds there are is asked now and then only.
        await reach.becomes({ stopped: waysTo("shop/other", "shop/friend", "shop/far-other") }, 120_000);
        const closed = await cluster.guard({ never: [["shop/far-other", "shop/other"]], always: [] });
        for (let starts = 0; starts < 2; starts++) {
          await server.kill();
          for (const node of NODES) await cluster.agent(node).kill();
          for (const node of NODES) shop.start(node);
          await server.restart();
          for (const node of NODES) await cluster.agent(node).ready(PATIENCE);
          await closed.check();
          shop.churn.takeFailures();
        }
        await shop.settle(closed);
        cluster.note(`packets denied for the whole cluster: ${(await closed.finish()).never}`);
        await cluster.delete(policy);
        await reach.becomes({ passes: waysTo("shop/other", "shop/friend", "shop/far-other") });
      },
    ),

    "wait for an API server that stands still": whileGuarded(async (cluster, { relays }, guard) => {
      const { reach, server } = cluster;
      const made = [...relays.values()].map((relay) => relay.accepted());
      server.pause();
      const end = performance.now() + PAUSE_SECONDS * 1_000;
      while (performance.now() < end) {
        await everyNodeReady(cluster);
        await guard.check();
        await sleep(500);
      }
      server.resume();
      const policy = admits("other");
      const ways = waysTo("shop/other", "shop/friend", "shop/far-friend");
      await cluster.create(policy);
      await reach.becomes({ stopped: ways });
      await cluster.delete(policy);
      await reach.becomes({ passes: ways });
      await everyNodeReady(cluster);
      const more = [...relays.values()].map((relay, i) => relay.accepted() - made[i]!);
      cluster.note(`stood still for ${PAUSE_SECONDS} s; connections made anew for it: ${more.join(", ")}`);
    }),

    "go on where they were when connections break off, or go dead before": whileGuarded(
      async (cluster, { relays }) => {
        const { reach } = cluster;
        const policy = admits("other");
        const ways = waysTo("shop/other", "shop/friend", "shop/far-friend");
        for (const disturb of ["cut", "reset", "blackHole"] as const) {
          for (const relay of relays.values()) relay[disturb]();
          await cluster.create(policy);
          if (disturb === "blackHole") {
            await sleep(3_000);
            await everyNodeReady(cluster);
            for (const relay of relays.values()) {
              relay.restore();
              relay.reset();
            }
          }
          await reach.becomes({ stopped: ways }, PATIENCE);
          await cluster.delete(policy);
          await reach.becomes({ passes: ways }, PATIENCE);
        }
      },
    ),

    "know what became of everything while they were cut off, and etcd has forgotten it (410)": whileGuarded(
      (cluster, shop) =>
        changeAfterCompaction(cluster, shop, {
          async begin() {
            for (const relay of shop.relays.values()) relay.refuse();
            await allWaiting(cluster);
          },
          end() {
            for (const relay of shop.relays.values()) relay.restore();
          },
        }),
    ),

    "know what became of everything while they stood still, and etcd has forgotten it (410)": whileGuarded(
      (cluster, shop) =>
        changeAfterCompaction(cluster, shop, {
          async begin() {
            for (const node of NODES) cluster.agent(node).pause();
            // Else the kernel would take what is told meanwhile, and hand it to them later.
            for (const relay of shop.relays.values()) relay.refuse();
          },
          end() {
            for (const relay of shop.relays.values()) relay.restore();
            for (const node of NODES) cluster.agent(node).resume();
          },
        }),
    ),

    "put back the rules that somebody has flushed": whileGuarded(async (cluster, shop, guard) => {
      for (let flushes = 0; flushes < 3; flushes++) {
        const leaked = await guard.except(async () => {
          await flush(cluster, "one");
          await tableIsBack(cluster, "one");
        });
        cluster.note(`packets between a flush and its repair: ${leaked}`);
        await shop.settle(guard);
        await flush(cluster, "two");
        await shop.settle(guard);
      }
      for (const node of NODES) {
        const agent = cluster.agent(node);
        assert.ok((await agent.status()).verification.repairs >= 3);
        assert.match(agent.log(), /deleted the table inet podwall: loaded again within/);
      }
    }),

    "put back the rules that somebody has flushed while nobody was there": whileGuarded(
      async (cluster, shop, guard) => {
        await cluster.agent("one").kill();
        const leaked = await guard.except(async () => {
          await flush(cluster, "one");
          await sleep(500);
          await shop.start("one").ready();
        });
        assert.ok(leaked > 0, "packets pass while there are no rules, or none would have to be put back");
        await guard.check();
      },
    ),

    "end what began while their rules were gone": whileGuarded(async (cluster, shop, guard) => {
      const { network } = cluster;
      // As kube-proxy has it: without any table that asks for connections, the kernel knows of none that began meanwhile.
      const other = `table inet other { chain c { type filter hook forward priority 10; ct state new accept; }; }`;
      await network.runInNode("one", ["nft", other]);
      await cluster.agent("one").kill();
      await guard.except(async () => {
        await network.runInNode("one", ["nft", "delete table inet podwall"]);
        const held = await holdConnections(network, "shop/stranger", "shop/server");
        assert.deepEqual(await held.look(), FLOWING);
        await shop.start("one").ready();
        for (const seen of await held.look()) {
          assert.match(seen, /: client (reset|silence), server (reset|silence)$/);
        }
        held.close();
      });
      await network.runInNode("one", ["nft", "delete table inet other"]);
    }),

    ...(process.env.PODWALL_HALF_OPEN === undefined
      ? {}
      : {
          "notice connections that are dead, after minutes": whileGuarded(async (cluster, { relays }) => {
            const { reach } = cluster;
            const policy = admits("other");
            const ways = waysTo("shop/other", "shop/friend", "shop/far-friend");
            for (const relay of relays.values()) relay.blackHole();
            await cluster.create(policy);
            await sleep(5_000);
            for (const relay of relays.values()) relay.restore();
            const begun = performance.now();
            await reach.becomes({ stopped: ways }, 200_000);
            cluster.note(`dead for ${Math.round((performance.now() - begun) / 1000)} s`);
            await cluster.delete(policy);
            await reach.becomes({ passes: ways }, PATIENCE);
          }),
        }),

    async "need nobody to start them again"(cluster, shop) {
      await shop.churn.close();
      await cluster.agreed();
      for (const relay of shop.relays.values()) await relay.stop();
      cluster.note(`changes in all: ${shop.churn.made}`);
      for (const node of NODES) assert.equal(cluster.agent(node).ended(), undefined);
    },
  },
};

export default faults;
