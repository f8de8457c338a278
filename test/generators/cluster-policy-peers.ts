import { namespaceLabels } from "../reference/namespace.ts";
import type { Labels, RawCluster, RawSelector } from "../reference/raw.ts";
import type { RawClusterPeer, RawNamespacedPods } from "../reference/raw-cluster-policy.ts";
import { randomIpBlock } from "./ip-blocks.ts";
import type { Random } from "./random.ts";
import {
  NAMESPACE_NAME_LABEL,
  randomNamespaceSelector,
  randomNodeSelector,
  randomPodSelector,
} from "./selectors.ts";

const NEWER: readonly RawClusterPeer[] = [{}, { serviceAccounts: { matchLabels: {} } }];

/** Of egress only: in `from` it is as unknown as a field that does not exist yet. */
const EGRESS_ONLY: readonly RawClusterPeer[] = [{ networks: ["10.244.0.0/16"] }, { nodes: {} }];

/** A namespace selector that matches all, one by its name, or what its labels happen to be. */
export function randomNamespaces(random: Random, cluster: RawCluster): RawSelector {
  const names = cluster.namespaces.map((namespace) => namespace.metadata.name);
  const shape = random.weighted([
    [6, "all"],
    [3, "name"],
    [5, "labels"],
  ]);
  switch (shape) {
    case "all":
      return {};
    case "name":
      return { matchLabels: { [NAMESPACE_NAME_LABEL]: random.pick(names) } };
    default:
      return randomNamespaceSelector(
        random,
        names.map((name) => namespaceLabels(cluster, name)),
      );
  }
}

export function randomNamespacedPods(random: Random, cluster: RawCluster): RawNamespacedPods {
  const models = cluster.pods.map((pod): Labels => pod.metadata.labels ?? {});
  return {
    namespaceSelector: randomNamespaces(random, cluster),
    podSelector: random.chance(0.2) ? {} : randomPodSelector(random, models),
  };
}

/** Whether the API refuses named ports beside this peer: what it means has none. */
export function isNameless({ networks, nodes, domainNames }: RawClusterPeer): boolean {
  return networks !== undefined || nodes !== undefined || domainNames !== undefined;
}

/** A peer of an ingress rule. */
export function randomIngressPeer(random: Random, cluster: RawCluster): RawClusterPeer {
  if (random.chance(0.02)) {
    return structuredClone(random.pick([...NEWER, ...EGRESS_ONLY]));
  }
  return random.chance(0.45)
    ? { namespaces: randomNamespaces(random, cluster) }
    : { pods: randomNamespacedPods(random, cluster) };
}

/** A peer of an egress rule; `domainNames` only where the rule accepts. */
export function randomEgressPeer(
  random: Random,
  cluster: RawCluster,
  anchors: readonly string[],
  isAccept: boolean,
): RawClusterPeer {
  if (random.chance(0.02)) {
    return structuredClone(random.pick(NEWER));
  }
  const shape = random.weighted([
    [3, "namespaces"],
    [4, "pods"],
    [4, "networks"],
    [2.5, "nodes"],
    [isAccept ? 1 : 0, "domainNames"],
  ]);
  switch (shape) {
    case "namespaces":
      return { namespaces: randomNamespaces(random, cluster) };
    case "pods":
      return { pods: randomNamespacedPods(random, cluster) };
    case "networks": {
      const count = random.int(1, 3);
      const cidrs = Array.from({ length: count }, () => randomIpBlock(random, anchors).cidr);
      return { networks: [...new Set(cidrs)] };
    }
    case "nodes":
      return { nodes: randomNodes(random, cluster) };
    default:
      return { domainNames: random.sample(["example.com", "*.example.com"], random.int(1, 2)) };
  }
}

function randomNodes(random: Random, cluster: RawCluster): RawSelector {
  return random.chance(0.3)
    ? {}
    : randomNodeSelector(
        random,
        cluster.nodes.map((node) => node.metadata.labels ?? {}),
      );
}
