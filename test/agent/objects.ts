import { networkPolicy } from "../apiserver/cluster-objects.ts";
import type { ApiObject } from "../apiserver/objects.ts";
import type { AgentCluster } from "./harness/agent-cluster.ts";
import type { Guard, GuardedPairs } from "./harness/guard.ts";
import type { Way } from "./harness/reach.ts";

/** A selector of pods by one label. */
export function role(name: string): object {
  return { matchLabels: { role: name } };
}

/** The policy of `shop` that opens the pods of a role to those of others, and to nobody else. */
export function admits(to: string, ...from: readonly string[]): ApiObject {
  return networkPolicy("shop", `to-${to}`, {
    podSelector: role(to),
    // A rule without peers would be about everybody.
    ingress: from.length === 0 ? [] : [{ from: from.map((name) => ({ podSelector: role(name) })) }],
  });
}

/** As a patch of {@link admits}, of the peers. */
export function admitting(...peers: readonly object[]): object {
  return { spec: { ingress: [{ from: peers }] } };
}

/** Ways from each of some ends to another, by TCP. */
export function waysTo(to: string, ...from: readonly string[]): Way[] {
  return from.map((each): Way => `${each} -> ${to} TCP/80`);
}

/** Of {@link openShop}. */
export const GUARDED: GuardedPairs = {
  never: [
    ["shop/stranger", "shop/server"],
    ["shop/far-stranger", "shop/server"],
  ],
  always: [
    ["shop/friend", "shop/server"],
    ["shop/far-friend", "shop/server"],
  ],
};

/**
 * Two nodes with an agent each. On both there is a pod of the role `friend`, which `shop/server` on node `one` admits, one
 * of the role `stranger`, which it does not, and one of the role `other`, to play with. Packets flow from all friends and
 * strangers to the server, from when the agents have agreed.
 */
export async function openShop(cluster: AgentCluster): Promise<Guard> {
  await createShop(cluster);
  for (const node of ["one", "two"]) cluster.startAgent(node);
  await cluster.agreed();
  return cluster.guard(GUARDED);
}

/** What there is in {@link openShop}, without agents and without packets. */
export async function createShop(cluster: AgentCluster): Promise<void> {
  const { kubelet } = cluster;
  await cluster.create(admits("server", "friend"));
  await kubelet.create("shop/server", { node: "one", labels: { role: "server" } });
  for (const [node, prefix] of [
    ["one", ""],
    ["two", "far-"],
  ] as const) {
    for (const name of ["friend", "stranger", "other"]) {
      await kubelet.create(`shop/${prefix}${name}`, { node, labels: { role: name } });
    }
  }
}
