import type { ClusterNode } from "../cluster/cluster.ts";
import { compareNames } from "../cluster/names.ts";
import type { Engine } from "../engine/engine.ts";
import type { LabelSelector } from "../k8s/objects.ts";
import { selectorMatches } from "../k8s/selector.ts";

/**
 * The nodes to send packets to, where policies name nodes as peers: one of each kind that their selectors tell apart,
 * if possible one that has pods. None of a kind that a host-network pod stands for, as it has its node's addresses.
 */
export function chosenNodes({ cluster, policies }: Engine): ClusterNode[] {
  const selectors = policies.flatMap(({ rules }) =>
    rules.egress.flatMap(({ peers }) =>
      peers === "everyone" ? [] : peers.flatMap((peer) => (peer.kind === "nodes" ? [peer.selector] : [])),
    ),
  );
  if (selectors.length === 0) return [];
  const used = new Set(cluster.pods.map(({ node }) => node));
  const reached = new Set(cluster.pods.filter(({ hostNetwork }) => hostNetwork).map(({ node }) => node));
  const rank = ({ name }: ClusterNode): number => (reached.has(name) ? 0 : used.has(name) ? 1 : 2);
  const kinds = new Map<string, ClusterNode>();
  const candidates = [...cluster.nodes.values()]
    .filter(({ addresses }) => addresses.length > 0)
    .sort((a, b) => rank(a) - rank(b) || compareNames(a.name, b.name));
  for (const node of candidates) {
    const kind = kindOf(node, selectors);
    if (!kinds.has(kind)) kinds.set(kind, node);
  }
  return [...kinds.values()].filter(({ name }) => !reached.has(name));
}

function kindOf(node: ClusterNode, selectors: readonly LabelSelector[]): string {
  return selectors.map((selector) => (selectorMatches(selector, node.labels) ? "1" : "0")).join("");
}
