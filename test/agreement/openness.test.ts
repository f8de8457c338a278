// What the checks of openness call open is open to a stranger: a pod or an address of which no policy knows anything,
// put into the cluster and asked for with the engine.
import { expect, it } from "vitest";
import { exposedPorts } from "../../src/analysis/check/openness/exposed-ports.ts";
import { openPods } from "../../src/analysis/check/openness/open-pods.ts";
import { checkContext } from "../../src/analysis/check/run-checks.ts";
import type { Cluster, ClusterPod } from "../../src/cluster/cluster.ts";
import { clusterNamespace } from "../../src/cluster/cluster-namespace.ts";
import { ORIGIN } from "../../src/cluster/objects.fixture.ts";
import { groupByWorkload } from "../../src/cluster/workload-groups.ts";
import type { End } from "../../src/engine/end.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { isSubject } from "../../src/engine/rule-reading.ts";
import type { Direction } from "../../src/k8s/objects.ts";
import { type Address, FAMILIES, parseAddress } from "../../src/net/address.ts";
import { type PortSet, portSetHas } from "../../src/net/port-set.ts";
import { randomCluster } from "../generators/cluster.ts";
import { engineOf } from "./from-raw.ts";

const CLUSTERS = 200;
/** In no block of the generator but those of whole families. */
const STRANGE = { 4: parseAddress("203.0.113.77")!, 6: parseAddress("2001:db8:77::1")! };

it("pods are open that let a stranger in, or out to one", { timeout: 300_000 }, () => {
  const seen = { open: 0, closed: 0, closedByCluster: 0 };
  for (let seed = 1; seed <= CLUSTERS; seed++) {
    const { cluster } = engineOf(randomCluster(seed));
    const isOpen = openPods(createEngine(cluster));
    const engine = createEngine(withStrangers(cluster));
    for (const pod of cluster.pods) {
      for (const direction of ["ingress", "egress"] as const) {
        const open = isOpen(pod, direction);
        if (open === undefined) continue;
        const isolated = engine.policies.some(
          (policy) => policy.isolates[direction] && isSubject(engine, policy, pod),
        );
        const passing = strangers(engine, pod).map((stranger) =>
          sidePorts(engine, direction, pod, stranger).every(({ other }) => other),
        );
        const where = `seed ${seed}, ${pod.id}, ${direction}`;
        if (open) expect([isolated, passing.includes(true)], where).toEqual([false, true]);
        else expect(isolated || passing.includes(false), where).toBe(true);
        seen[open ? "open" : isolated ? "closed" : "closedByCluster"]++;
      }
    }
  }
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
});

it("strangers may connect to what is exposed", { timeout: 300_000 }, () => {
  let found = 0;
  for (let seed = 1; seed <= CLUSTERS; seed++) {
    const { cluster } = engineOf(randomCluster(seed));
    // Databases on the ports that policies of the generator speak of, under a name that is known.
    const databases: Cluster = {
      ...cluster,
      pods: cluster.pods.map((pod) => ({
        ...pod,
        ports: [{ name: "mysql", port: 80, protocol: "TCP" as const }],
      })),
    };
    const engine = createEngine(withStrangers(databases));
    const findings = exposedPorts.run(
      checkContext({ cluster: databases, declaredNamespaces: new Map(), everything: true }),
    );
    for (const { message } of findings) {
      const [, who] = /(every pod|every address|everyone)/.exec(message.toLowerCase())!;
      for (const pod of databases.pods.filter(({ id }) => message.includes(`${id} (`))) {
        const { pods, address } = strangersByKind(engine, pod);
        const asked = who === "every pod" ? pods : who === "every address" ? address : [...pods, ...address];
        const admitted = asked.some((stranger) =>
          sidePorts(engine, "ingress", pod, stranger).some((ports) =>
            portSetHas(ports, { protocol: "TCP", port: 80 }),
          ),
        );
        expect(admitted, `seed ${seed}: ${message}`).toBe(true);
        if (message.startsWith("This rule")) found++;
      }
    }
  }
  expect(found).toBeGreaterThan(20);
});

const STRANGER_NAMESPACE = "stranger";

/** A pod without labels in a namespace that no policy knows; one with a strange address, and one beside each pod. */
function withStrangers(cluster: Cluster): Cluster {
  const taken = new Set(
    cluster.pods.flatMap(({ addresses }) => Object.values(addresses).map(({ value }) => value)),
  );
  const besides = cluster.pods.map(({ addresses }) =>
    Object.fromEntries(
      Object.values(addresses).map((address: Address) => {
        let { value } = address;
        while (taken.has(value)) value++;
        taken.add(value);
        return [address.family, { family: address.family, value }];
      }),
    ),
  );
  const strangePods = [STRANGE, ...besides].map(
    (addresses, index): ClusterPod => ({
      origin: ORIGIN,
      ports: [],
      id: `${STRANGER_NAMESPACE}/pod-${index}`,
      namespace: STRANGER_NAMESPACE,
      name: `pod-${index}`,
      labels: {},
      hostNetwork: false,
      node: undefined,
      workload: `${STRANGER_NAMESPACE}/pod-${index}[Pod]`,
      addresses,
    }),
  );
  const pods = [...cluster.pods, ...strangePods];
  return {
    ...cluster,
    namespaces: new Map([
      ...cluster.namespaces,
      [STRANGER_NAMESPACE, clusterNamespace(STRANGER_NAMESPACE, {})],
    ]),
    pods,
    workloads: groupByWorkload(pods),
  };
}

function strangersByKind(engine: Engine, pod: ClusterPod): { pods: End[]; address: End[] } {
  const pods = engine.cluster.pods
    .filter(
      ({ namespace, addresses }) =>
        namespace === STRANGER_NAMESPACE && sharesFamily(addresses, pod.addresses),
    )
    .map((each): End => ({ kind: "pod", pod: each }));
  const address = FAMILIES.filter((family) => pod.addresses[family] !== undefined).map(
    (family): End => ({ kind: "address", address: { family, value: STRANGE[family].value + 5n } }),
  );
  return { pods, address };
}

function strangers(engine: Engine, pod: ClusterPod): End[] {
  const { pods, address } = strangersByKind(engine, pod);
  return [...pods, ...address];
}

function sharesFamily(a: ClusterPod["addresses"], b: ClusterPod["addresses"]): boolean {
  return FAMILIES.some((family) => a[family] !== undefined && b[family] !== undefined);
}

/** What passes between a pod and a stranger, in each family that both have. */
function sidePorts(engine: Engine, direction: Direction, pod: ClusterPod, stranger: End): PortSet[] {
  const own: End = { kind: "pod", pod };
  const [from, to] = direction === "ingress" ? [stranger, own] : [own, stranger];
  const addresses =
    stranger.kind === "pod" ? stranger.pod.addresses : { [stranger.address.family]: stranger.address };
  return FAMILIES.filter(
    (family) => addresses[family] !== undefined && pod.addresses[family] !== undefined,
  ).map((family) => engine.sidePorts(direction, from, to, family));
}
