// Random clusters as manifests, as people have them: with Services, with parts that are missing, and with mistakes.
import { stringify } from "yaml";
import type { CheckContext } from "../../src/analysis/check/check.ts";
import { checkContext } from "../../src/analysis/check/run-checks.ts";
import { buildCluster } from "../../src/cluster/build.ts";
import { declaredNamespacesOf } from "../../src/cluster/declared-namespaces.ts";
import { parseManifests } from "../../src/k8s/manifests.ts";
import { randomCluster } from "../generators/cluster.ts";
import { objectsOf } from "../generators/objects-of.ts";
import { createRandom, type Random } from "../generators/random.ts";
import type { RawCluster } from "../reference/raw.ts";

export interface RandomManifests {
  readonly documents: readonly string[];
  /** All of them in one. */
  readonly text: string;
  /** Whether checks are to take it for a whole cluster. */
  readonly everything: boolean;
}

/** The same seed gives the same manifests. */
export function randomManifests(seed: number): RandomManifests {
  const random = createRandom(seed);
  const cluster = randomCluster(seed, { maxPolicies: 8 });
  const services = randomServices(random, cluster);
  addNotable(random, cluster);
  // A repository of policies alone; one without Namespaces; a cluster whose nodes are not shown.
  if (random.chance(0.1)) cluster.pods = [];
  if (random.chance(0.1)) cluster.namespaces = [];
  if (random.chance(0.1)) cluster.nodes = [];
  const objects: object[] = [...objectsOf(cluster).map((object) => mistaken(random, object)), ...services];
  const documents = objects.map((object) =>
    stringify(object, { compat: "yaml-1.1", aliasDuplicateObjects: false, nullStr: "" }),
  );
  return { documents, text: documents.join("---\n"), everything: random.chance(0.5) };
}

/** Texts with manifests as checks look at them: `0.yaml`, `1.yaml` and so on. */
export function checkContextOf(texts: readonly string[], everything: boolean): CheckContext {
  const { objects } = parseManifests(texts.map((text, index) => ({ file: `${index}.yaml`, text })));
  return checkContext({
    cluster: buildCluster(objects).cluster,
    declaredNamespaces: declaredNamespacesOf(objects),
    everything,
  });
}

function randomServices(random: Random, { pods }: RawCluster): object[] {
  return pods
    .filter(({ metadata }) => Object.keys(metadata.labels ?? {}).length > 0 && random.chance(0.5))
    .map(({ metadata: { name, namespace, labels } }, index) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: `${name}-${index}`, namespace },
      spec: {
        ...(random.chance(0.2) ? { clusterIP: "None" } : { clusterIP: `10.96.0.${index + 1}` }),
        selector: labels,
        ports: [{ port: 80, targetPort: random.pick([80, 8080, "http"]) }],
      },
    }));
}

/** What the generator has not: databases, a control plane, policies called after a workload or there twice. */
function addNotable(random: Random, { nodes, pods, networkPolicies }: RawCluster): void {
  for (const { metadata, spec } of nodes) {
    if (random.chance(0.5)) continue;
    metadata.labels = { ...metadata.labels, "node-role.kubernetes.io/control-plane": "" };
    if (random.chance(0.3)) spec!.podCIDRs = [];
  }
  for (const { spec } of pods) {
    const [container] = spec.containers;
    if (container === undefined || spec.hostNetwork === true || random.chance(0.8)) continue;
    container.ports = [{ name: "db", containerPort: random.pick([5432, 2375]), protocol: "TCP" }];
  }
  for (const policy of [...networkPolicies]) {
    const isFree = networkPolicies.every(({ metadata }) => metadata.name !== "p0");
    if (isFree && random.chance(0.1)) policy.metadata.name = "p0";
    if (random.chance(0.1)) {
      networkPolicies.push({
        ...policy,
        metadata: { ...policy.metadata, name: `${policy.metadata.name}-twin` },
      });
    }
  }
}

/** Now and then, an object with what people do wrong. */
function mistaken(random: Random, object: { kind: string }): object {
  if (object.kind !== "NetworkPolicy" || !random.chance(0.15)) return object;
  const changed = structuredClone(object) as unknown as {
    metadata: Record<string, unknown>;
    spec: Record<string, unknown>;
  };
  const { metadata, spec } = changed;
  const mistakes: (() => void)[] = [
    // It cannot be read, and closes what it selects.
    () => {
      spec.podselector = {};
    },
    () => {
      delete metadata.namespace;
    },
    () => {
      metadata.namespace = "shpo";
    },
    () => {
      spec.podSelector = { matchLabels: null };
    },
    () => {
      spec.ingress = [{ from: [{ namespaceSelector: { matchLabels: { name: "shop" } } }] }];
    },
    () => {
      spec.egress = [{ to: [{ ipBlock: { cidr: `10.96.0.${random.int(1, 4)}/32` } }] }];
    },
    () => {
      spec.egress = [{ to: [{ ipBlock: { cidr: "172.18.0.0/28" } }], ports: [{ port: 6443 }] }];
    },
  ];
  random.pick(mistakes)();
  return changed;
}
