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
import { typicalPolicies } from "./typical-policies.ts";

export interface TypicalOptions {
  readonly seed: number;
  readonly pods: number;
  readonly namespaces: number;
  readonly policies: number;
  readonly nodes: number;
}

/** Values of the label `team` of namespaces; a few teams own most of them. */
export const TEAMS: readonly string[] = Array.from({ length: 40 }, (_, i) => `team-${i + 1}`);

/**
 * A large cluster of the usual kind: teams own namespaces, namespaces hold applications of 1 to 50 replicas, and
 * policies are those that people write.
 */
export function typicalCluster(options: TypicalOptions): GeneratedCluster {
  const random = createRandom(options.seed);
  const namespaces = typicalNamespaces(options.namespaces, random);
  const nodes = generateNodes(options.nodes);
  const workloads = typicalWorkloads(options.pods, namespaces, random);
  return {
    namespaces,
    nodes,
    pods: generatePods(workloads, nodes, random),
    policies: typicalPolicies(options.policies, namespaces, workloads, random),
  };
}

const STAGES = ["dev", "test", "prod"];

function typicalNamespaces(count: number, random: Random): Namespace[] {
  const fixed = ["kube-system", "monitoring", "ingress-nginx"].slice(0, count);
  const namespaces = fixed.map((name) =>
    generateNamespace(name, { team: "platform", purpose: name === "kube-system" ? "system" : name }),
  );
  for (let i = namespaces.length; i < count; i++) {
    const team = TEAMS[Math.floor(TEAMS.length * (random.int(0, 999) / 1000) ** 2)]!;
    const stage = STAGES[i % STAGES.length]!;
    namespaces.push(generateNamespace(`${team}-${i}-${stage}`, { team, stage, purpose: "application" }));
  }
  return namespaces;
}

const COMPONENTS = ["web", "api", "worker", "db", "cache", "queue", "proxy", "batch"];

function typicalWorkloads(pods: number, namespaces: readonly Namespace[], random: Random): PlannedWorkload[] {
  // Namespaces differ in size by a factor of about 30, in no particular order.
  const sizes = apportion(pods, namespaces.length, () => Math.exp(random.int(0, 340) / 100));
  return namespaces.flatMap((namespace, i) => {
    const workloads: PlannedWorkload[] = [];
    for (let left = sizes[i]!; left > 0; ) {
      // Log-uniform: as many workloads of 1-7 replicas as of 7-50.
      const replicas = Math.min(left, Math.floor(Math.exp((random.int(0, 999) / 1000) * Math.log(51))));
      workloads.push(typicalWorkload(namespace, workloads.length, replicas, random));
      left -= replicas;
    }
    return workloads;
  });
}

function typicalWorkload(
  namespace: Namespace,
  index: number,
  replicas: number,
  random: Random,
): PlannedWorkload {
  const component = namespace.name === "kube-system" && index === 0 ? "dns" : random.pick(COMPONENTS);
  const app = component === "dns" ? "kube-dns" : `${component}-${index}`;
  return {
    namespace: namespace.name,
    name: app,
    replicas,
    labels: {
      app,
      component,
      "app.kubernetes.io/part-of": namespace.name,
      version: `v${random.int(1, 4)}.${random.int(0, 20)}`,
      ...(component === "dns" ? { "k8s-app": "kube-dns" } : {}),
    },
    ports: PORTS_OF_COMPONENT[component] ?? [{ name: "http", port: 8080, protocol: "TCP" }],
    revisions: replicas > 1 && random.chance(0.1) ? 2 : 1,
  };
}

const PORTS_OF_COMPONENT: Readonly<Record<string, readonly ContainerPort[]>> = {
  db: [
    { name: "sql", port: 5432, protocol: "TCP" },
    { name: "metrics", port: 9187, protocol: "TCP" },
  ],
  cache: [{ name: "redis", port: 6379, protocol: "TCP" }],
  queue: [{ name: "amqp", port: 5672, protocol: "TCP" }],
  web: [
    { name: "http", port: 80, protocol: "TCP" },
    { name: "metrics", port: 9090, protocol: "TCP" },
  ],
  dns: [
    { name: "dns", port: 53, protocol: "UDP" },
    { name: "dns-tcp", port: 53, protocol: "TCP" },
  ],
};
