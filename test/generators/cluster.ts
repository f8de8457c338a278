import type { Family } from "../reference/ip.ts";
import type { RawCluster, RawNamespace, RawNode } from "../reference/raw.ts";
import { nodeAddress, podCidr } from "./addresses.ts";
import { addClusterPolicies } from "./cluster-policies.ts";
import { randomPods } from "./pods.ts";
import { blockAnchors, randomNetworkPolicy } from "./policies.ts";
import { createRandom, type Random } from "./random.ts";
import { NAMESPACE_NAME_LABEL, randomNamespaceLabels } from "./selectors.ts";

/**
 * Which policies a cluster may have: only NetworkPolicies; cluster-wide ones (ClusterNetworkPolicy and the older
 * AdminNetworkPolicy and BaselineAdminNetworkPolicy) as well; or `any`, which is the one or the other by chance.
 */
export type PolicyKinds = "NetworkPolicy" | "cluster-wide" | "any";

export interface ClusterOptions {
  /** Default: `any`. A seed gives the same pods whatever this is; beside cluster-wide policies, fewer of the others. */
  policyKinds?: PolicyKinds;
  /** At least 0, at most 10; a BaselineAdminNetworkPolicy comes on top. Default: 5. */
  maxClusterPolicies?: number;
  /** At least 1 of each; at most 4 namespaces and 100 nodes. Default: 4 namespaces, 3 nodes, 8 pods. */
  maxNamespaces?: number;
  maxNodes?: number;
  maxPods?: number;
  /** At least 0. Default: 5. */
  maxPolicies?: number;
  /** `dual`: every pod has both families; `mixed` (the default): some have one, some both, in either order. */
  families?: "4" | "6" | "dual" | "mixed";
  /** Whether there may be pods on the host network. Default: true. */
  hostNetwork?: boolean;
  /** Whether there may be finished pods. Default: true. */
  finished?: boolean;
  /** Whether there may be pods without an address. Default: true. */
  unaddressed?: boolean;
  /** Whether nodes may have an ExternalIP besides the internal one. Default: true. */
  externalNodeAddresses?: boolean;
}

/** Not sorted, and one a prefix of another: names must never be compared loosely. */
const NAMESPACES = ["shop", "default", "ops", "shop-2"];

/**
 * A small, dense cluster of valid objects that favours the corners of the policy APIs.
 * The same seed and options give the same cluster, always.
 */
export function randomCluster(seed: number, options: ClusterOptions = {}): RawCluster {
  const random = createRandom(seed);
  const families = familiesOf(options);
  const namespaceCount = random.int(1, Math.min(options.maxNamespaces ?? 4, NAMESPACES.length));
  const namespaces = random.sample(NAMESPACES, namespaceCount).map((name) => randomNamespace(random, name));
  const nodes = Array.from({ length: random.int(1, options.maxNodes ?? 3) }, (_, index) =>
    randomNode(random, index, families, options.externalNodeAddresses ?? true),
  );
  const pods = randomPods(
    random,
    biasedCount(random, 1, options.maxPods ?? 8),
    namespaces.map((namespace) => namespace.metadata.name),
    nodes,
    {
      hostNetwork: options.hostNetwork ?? true,
      finished: options.finished ?? true,
      unaddressed: options.unaddressed ?? true,
      podFamilies:
        options.families === "mixed" || !options.families ? [[4], [6], [4, 6], [6, 4]] : [families],
    },
  );
  const cluster: RawCluster = { namespaces, nodes, pods, networkPolicies: [] };
  const anchors = blockAnchors(cluster, families);
  const policyCount = biasedCount(random, 0, options.maxPolicies ?? 5);
  cluster.networkPolicies = Array.from({ length: policyCount }, (_, index) =>
    randomNetworkPolicy(random, cluster, `policy-${index}`, anchors),
  );
  const policyKinds = options.policyKinds ?? "any";
  const isChosen = random.chance(0.5);
  if (policyKinds === "cluster-wide" || (policyKinds === "any" && isChosen)) {
    // Where every pod is isolated, Baseline has nothing to say and Admin little.
    cluster.networkPolicies.splice(random.chance(0.6) ? random.int(0, 2) : policyCount);
    addClusterPolicies(random, cluster, biasedCount(random, 0, options.maxClusterPolicies ?? 5), anchors);
  }
  return cluster;
}

function familiesOf(options: ClusterOptions): readonly Family[] {
  switch (options.families) {
    case "4":
      return [4];
    case "6":
      return [6];
    default:
      return [4, 6];
  }
}

/** The larger of two draws: tiny clusters are quickly exhausted. */
function biasedCount(random: Random, min: number, max: number): number {
  return Math.max(random.int(min, max), random.int(min, max));
}

function randomNamespace(random: Random, name: string): RawNamespace {
  const labels = randomNamespaceLabels(random);
  const named = random.chance(0.7);
  const all = { ...labels, ...(named ? { [NAMESPACE_NAME_LABEL]: name } : {}) };
  const isBare = labels === undefined && !named;
  return { apiVersion: "v1", kind: "Namespace", metadata: isBare ? { name } : { name, labels: all } };
}

function randomNode(
  random: Random,
  index: number,
  families: readonly Family[],
  externalAddresses: boolean,
): RawNode {
  const name = `node-${index}`;
  const ordered = random.chance(0.3) ? [...families].reverse() : families;
  const podCidrs = ordered.map((family) => podCidr(family, index));
  const isExternal = externalAddresses && random.chance(0.25);
  const external = isExternal
    ? [{ type: "ExternalIP", address: nodeAddress(random.pick(families), index, 1) }]
    : [];
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name } },
    spec: { podCIDR: podCidrs[0]!, podCIDRs: podCidrs },
    status: {
      addresses: [
        ...ordered.map((family) => ({ type: "InternalIP", address: nodeAddress(family, index, 0) })),
        ...external,
        { type: "Hostname", address: name },
      ],
    },
  };
}
