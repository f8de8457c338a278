// What several cases of faults do, and wait for.
import assert from "node:assert/strict";
import { networkPolicy } from "../apiserver/cluster-objects.ts";
import type { AgentCluster } from "./harness/agent-cluster.ts";
import { readKernel } from "./harness/model.ts";
import { waitUntilNone } from "./harness/wait-for.ts";
import { admits, role, waysTo } from "./objects.ts";
import type { TroubledShop } from "./troubled-shop.ts";

export const NODES: readonly string[] = ["one", "two"];
/** Longer than the longest back-off, and a list after it. */
export const PATIENCE = 90_000;

/** Objects come, go and change while no agent hears of it, and the API server starts anew without what they were told last. */
export async function changeAfterCompaction(
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
  for (const node of NODES) {
    await waitUntilNone(
      `node ${node} has listed pods anew`,
      async () => ((await listsOf(cluster, node)) > lists.get(node)! ? undefined : "it has not"),
      PATIENCE,
    );
  }
  await cluster.delete(stays, comes);
  await shop.churn.rest(() => kubelet.remove("shop/heir"));
}

async function listsOf(cluster: AgentCluster, node: string): Promise<number> {
  const { source } = await cluster.agent(node).status();
  return source.resources.find(({ resource }) => resource === "pods")!.lists;
}

/** Waits until all agents know that they hear nothing any more. */
export async function allWaiting(cluster: AgentCluster): Promise<void> {
  for (const node of NODES) {
    await waitUntilNone(`node ${node} knows that it hears nothing`, async () => {
      const { source } = await cluster.agent(node).status();
      const others = source.resources.filter(({ state }) => state !== "waiting" && state !== "absent");
      return others.length === 0 ? undefined : JSON.stringify(others);
    });
  }
}

export async function everyNodeReady(cluster: AgentCluster): Promise<void> {
  for (const node of NODES) {
    const { status, text } = await cluster.agent(node).get("/readyz");
    assert.equal(status, 200, `${node} is not ready: ${text}`);
  }
}

export async function waitForPhase(cluster: AgentCluster, node: string, phase: string): Promise<void> {
  await waitUntilNone(`the agent of node ${node} is ${phase}`, async () => {
    const status = await cluster.agent(node).status();
    return status.phase === phase ? undefined : status.phase;
  });
}

export async function flush(cluster: AgentCluster, node: string): Promise<void> {
  const { code, stderr } = await cluster.network.runInNode(node, ["nft", "flush", "ruleset"]);
  assert.equal(code, 0, stderr);
}

export async function tableIsBack(cluster: AgentCluster, node: string): Promise<void> {
  await waitUntilNone(`node ${node} has a table`, async () =>
    (await readKernel(cluster.network, node)).chains.size > 0 ? undefined : "there is none",
  );
}
