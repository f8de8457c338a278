import type { ContainerPort, Namespace } from "../../src/k8s/objects.ts";
import { createRandom, type Random } from "../../test/generators/random.ts";
import {
  apportion,
  type GeneratedCluster,
  generateNamespace,
  generateNodes,
  generatePods,
  type PlannedWorkload,
} from "./inventory.ts";
import { publishedPolicies } from "./published-policies.ts";
import type { ClusterStatistics } from "./statistics.ts";

/** The size of a real cluster whose figures were published. */
export const PUBLISHED_SIZES = { pods: 5413, namespaces: 604, policies: 13_678 };

/** The shape of its policies, as published. */
export const PUBLISHED_FIGURES: Readonly<Omit<ClusterStatistics, Unpublished>> = {
  medianCidrs: 1,
  medianPorts: 1,
  medianSelectors: 1,
  medianPeerPods: 2,
  meanLocalPods: 13,
  meanPeerPodsOfSelector: 35,
};

type Unpublished = "distinctCidrs" | "distinctPortItems" | "podGroups";

export interface PublishedOptions {
  readonly seed: number;
  readonly pods: number;
  readonly namespaces: number;
  readonly policies: number;
  readonly nodes: number;
}

/** A cluster with the published figures. What they leave open (names, labels, the tails) is made up. */
export function publishedCluster(options: PublishedOptions): GeneratedCluster {
  const random = createRandom(options.seed);
  const namespaces = publishedNamespaces(options.namespaces, random);
  const nodes = generateNodes(options.nodes);
  // Means far above the medians need a few large namespaces and many of a handful of pods.
  // The smallest come first: what their policies lack in pods, those of the large ones make up for.
  const sizes = apportion(options.pods, options.namespaces, (i) => (options.namespaces - i) ** -0.8);
  const workloads = namespaces.flatMap((namespace, i) => workloadsOf(namespace, sizes[i]!, random));
  return {
    namespaces,
    nodes,
    pods: generatePods(workloads, nodes, random),
    policies: publishedPolicies(options.policies, namespaces, sizes, workloads, random),
  };
}

const NAMESPACES_PER_TEAM = 20;
const TIERS = ["frontend", "backend", "data", "infra"];

function publishedNamespaces(count: number, random: Random): Namespace[] {
  const teams = Math.max(2, Math.round(count / NAMESPACES_PER_TEAM));
  return Array.from({ length: count }, (_, i) =>
    generateNamespace(`project-${i + 1}`, {
      team: `team-${Math.floor(teams * (random.int(0, 999) / 1000) ** 2) + 1}`,
      tier: random.pick(TIERS),
    }),
  );
}

function workloadsOf(namespace: Namespace, pods: number, random: Random): PlannedWorkload[] {
  const workloads: PlannedWorkload[] = [];
  for (let left = pods; left > 0; ) {
    const replicas = Math.min(
      left,
      random.weighted([
        [40, 1],
        [30, 2],
        [18, 3],
        [10, random.int(4, 10)],
        [2, random.int(11, 60)],
      ]),
    );
    const app = `app-${workloads.length + 1}`;
    workloads.push({
      namespace: namespace.name,
      name: app,
      replicas,
      labels: {
        app,
        component: random.pick(["web", "api", "worker", "db", "cache", "agent"]),
        version: `v${random.int(1, 9)}`,
      },
      ports: random.pick(DECLARED_PORTS),
      revisions: replicas > 1 && random.chance(0.05) ? 2 : 1,
    });
    left -= replicas;
  }
  return workloads;
}

const DECLARED_PORTS: readonly (readonly ContainerPort[])[] = [
  [{ name: "http", port: 8080, protocol: "TCP" }],
  [{ name: "https", port: 8443, protocol: "TCP" }],
  [
    { name: "http", port: 80, protocol: "TCP" },
    { name: "metrics", port: 9090, protocol: "TCP" },
  ],
  [],
];
