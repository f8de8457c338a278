import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { networkPolicy } from "../apiserver/cluster-objects.ts";
import type { AgentCluster } from "./harness/agent-cluster.ts";
import { FLOWING, holdConnections } from "./harness/held.ts";
import { readKernel } from "./harness/model.ts";
import type { Scenario } from "./harness/scenario.ts";
import { waitUntilNone } from "./harness/wait-for.ts";
import { admits, admitting, role, waysTo } from "./objects.ts";
import { openTroubledShop, type TroubledShop, whileGuarded } from "./troubled-shop.ts";

/** How often agents are killed; more for whoever has the time. */
const KILLS = Number(process.env.PODWALL_AGENT_KILLS ?? 6);
const PAUSE_SECONDS = Number(process.env.PODWALL_PAUSE_SECONDS ?? 10);
const NODES = ["one", "two"];
/** Longer than the longest back-off, and a list after it. */
const PATIENCE = 90_000;

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
          },
          end() {
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

    "put back the rules that somebody has flushed while nobody was there, and end what began meanwhile":
      whileGuarded(async (cluster, shop, guard) => {
        const { network } = cluster;
        await cluster.agent("one").kill();
        await guard.except(async () => {
          await flush(cluster, "one");
          const held = await holdConnections(network, "shop/stranger", "shop/server");
          assert.deepEqual(await held.look(), FLOWING);
          const agent = shop.start("one");
          await agent.ready();
          const seen = await held.look();
          for (const each of seen) {
            assert.match(each, /: client (reset|silence), server (reset|silence)$/);
          }
          held.close();
        });
        await guard.check();
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
      await shop.close();
      await cluster.agreed();
      cluster.note(`changes in all: ${shop.churn.made}`);
      for (const node of NODES) assert.equal(cluster.agent(node).ended(), undefined);
    },
  },
};

export default faults;

/** Objects come, go and change while no agent hears of it, and the API server starts anew without what they were told last. */
async function changeAfterCompaction(
  cluster: AgentCluster,
  shop: TroubledShop,
  away: { begin(): Promise<void>; end(): void },
): Promise<void> {
  const { kubelet, reach, server } = cluster;
  const stays = admits("other", "friend");
  const goes = networkPolicy("shop", "goes", {
    podSelector: role("other"),
    ingress: [{ from: [{ podSelector: role("stranger") }] }],
  });
  const comes = admits("stranger", "friend");
  const toOther = {
    friend: waysTo("shop/other", "shop/friend", "shop/far-friend"),
    stranger: waysTo("shop/other", "shop/stranger", "shop/far-stranger"),
  };
  const toStranger = {
    friend: waysTo("shop/stranger", "shop/friend"),
    other: waysTo("shop/stranger", "shop/other", "shop/far-other"),
  };
  const fields = { node: "two", number: 600 };
  await cluster.create(stays, goes);
  await shop.churn.rest(() => kubelet.create("shop/former", { ...fields, labels: { role: "friend" } }));
  await reach.becomes({
    passes: [
      ...toOther.friend,
      ...toOther.stranger,
      ...toStranger.other,
      ...waysTo("shop/server", "shop/former"),
    ],
  });
  const lists = new Map<string, number>();
  for (const node of NODES) lists.set(node, await listsOf(cluster, node));

  await away.begin();
  await cluster.delete(goes);
  await cluster.create(comes);
  await shop.churn.rest(async () => {
    await kubelet.remove("shop/former");
    await kubelet.create("shop/heir", { ...fields, labels: { role: "stranger" } });
    await server.compact();
    await server.restart();
  });
  away.end();

  await reach.becomes(
    {
      passes: [...toOther.friend, ...toStranger.friend],
      stopped: [...toOther.stranger, ...toStranger.other, ...waysTo("shop/server", "shop/heir")],
    },
    PATIENCE,
  );
  for (const node of NODES)
    assert.ok((await listsOf(cluster, node)) > lists.get(node)!, `${node} has listed anew`);
  await cluster.delete(stays, comes);
  await shop.churn.rest(() => kubelet.remove("shop/heir"));
}

async function listsOf(cluster: AgentCluster, node: string): Promise<number> {
  const { source } = await cluster.agent(node).status();
  return source.resources.find(({ resource }) => resource === "pods")!.lists;
}

/** Waits until all agents know that they hear nothing any more. */
async function allWaiting(cluster: AgentCluster): Promise<void> {
  for (const node of NODES) {
    await waitUntilNone(`node ${node} knows that it hears nothing`, async () => {
      const { source } = await cluster.agent(node).status();
      const others = source.resources.filter(({ state }) => state !== "waiting" && state !== "absent");
      return others.length === 0 ? undefined : JSON.stringify(others);
    });
  }
}

async function everyNodeReady(cluster: AgentCluster): Promise<void> {
  for (const node of NODES) {
    const { status, text } = await cluster.agent(node).get("/readyz");
    assert.equal(status, 200, `${node} is not ready: ${text}`);
  }
}

async function waitForPhase(cluster: AgentCluster, node: string, phase: string): Promise<void> {
  await waitUntilNone(`the agent of node ${node} is ${phase}`, async () => {
    const status = await cluster.agent(node).status();
    return status.phase === phase ? undefined : status.phase;
  });
}

async function flush(cluster: AgentCluster, node: string): Promise<void> {
  const { code, stderr } = await cluster.network.runInNode(node, ["nft", "flush", "ruleset"]);
  assert.equal(code, 0, stderr);
}

async function tableIsBack(cluster: AgentCluster, node: string): Promise<void> {
  await waitUntilNone(`node ${node} has a table`, async () =>
    (await readKernel(cluster.network, node)).chains.size > 0 ? undefined : "there is none",
  );
}
