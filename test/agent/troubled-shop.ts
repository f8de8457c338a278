import assert from "node:assert/strict";
import { writeKubeconfig } from "../apiserver/kubeconfig.ts";
import { type Relay, startRelay } from "../apiserver/relay.ts";
import { createRandom, type Random } from "../generators/random.ts";
import { startChurn } from "./churn.ts";
import { type AgentCluster, SERVER_ADDRESS } from "./harness/agent-cluster.ts";
import type { AgentProcess } from "./harness/agent-process.ts";
import { AGENT_USER } from "./harness/agent-rights.ts";
import type { Changing } from "./harness/changing.ts";
import type { Guard } from "./harness/guard.ts";
import { fillShop, GUARDED } from "./objects.ts";

/** The shop of two nodes, which changes all the time; each agent reaches the API server by a way that can be disturbed. */
export interface TroubledShop {
  readonly churn: Changing;
  readonly random: Random;
  /** By node. */
  readonly relays: ReadonlyMap<string, Relay>;
  /** Starts a node's agent, or another one when the last has ended. */
  start(node: string): AgentProcess;
  /** Stands still until all agents are right, and do as the API says. */
  settle(guard: Guard): Promise<void>;
}

export async function openTroubledShop(cluster: AgentCluster): Promise<TroubledShop> {
  const seed = Number(process.env.PODWALL_SEED ?? 1);
  const random = createRandom(seed);
  cluster.note(`PODWALL_SEED=${seed}`);
  await fillShop(cluster);
  const { server } = cluster;
  const relays = new Map<string, Relay>();
  const kubeconfigs = new Map<string, string>();
  const target = { port: Number(new URL(server.url).port), host: SERVER_ADDRESS };
  for (const node of cluster.nodes.keys()) {
    const relay = await startRelay(target, { host: SERVER_ADDRESS });
    const context = {
      name: AGENT_USER,
      user: { token: server.tokens[AGENT_USER] },
      cluster: { server: `https://${SERVER_ADDRESS}:${relay.port}` },
    };
    relays.set(node, relay);
    kubeconfigs.set(node, writeKubeconfig(server, `relayed-${node}.kubeconfig`, [context]));
  }
  const start: TroubledShop["start"] = (node) =>
    cluster.startAgent(node, { kubeconfig: kubeconfigs.get(node)! });
  for (const node of cluster.nodes.keys()) start(node);
  await cluster.agreed();
  const churn = await startChurn(cluster, random);
  return {
    churn,
    random,
    relays,
    start,
    settle: (guard) =>
      churn.rest(async () => {
        await cluster.agreed();
        await guard.check();
      }),
  };
}

/** A case during which packets are watched, and after which all is right again. */
export function whileGuarded(
  act: (cluster: AgentCluster, shop: TroubledShop, guard: Guard) => Promise<void>,
): (cluster: AgentCluster, shop: TroubledShop) => Promise<void> {
  return async (cluster, shop) => {
    try {
      const guard = await cluster.guard(GUARDED);
      const before = shop.churn.made;
      await act(cluster, shop, guard);
      await shop.settle(guard);
      const { never, always } = await guard.finish();
      const changes = shop.churn.made - before;
      cluster.note(`denied packets: ${never}, allowed ones: ${always}, changes meanwhile: ${changes}`);
      assert.deepEqual(shop.churn.takeFailures(), [], "changes that the API server did not take");
    } catch (error) {
      // Those of the next case are its own.
      await cluster.traffic.stopAll();
      throw error;
    }
  };
}
