import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import type { ClusterPod } from "../cluster/cluster.ts";
import { namespaceObject, nodeObject, podObject, policyObject } from "../cluster/objects.fixture.ts";
import type { KubernetesObject, Labels } from "../k8s/objects.ts";
import { parseAddress } from "../net/address.ts";
import { createEngine, type Engine } from "./engine.ts";

/** Ten namespaces, in each an api, a web and a db that only its api may reach. IPv4 only. */
function objects(): KubernetesObject[] {
  return Array.from({ length: 10 }, (_, i) => i).flatMap((i) => {
    const namespace = `team-${i}`;
    const pod = (app: string, n: number) =>
      podObject(app, { namespace, labels: { app, hash: `${i}${n}` }, addresses: [`10.244.${i}.${n}`] });
    return [
      namespaceObject(namespace, { stage: i < 5 ? "prod" : "test" }),
      pod("api", 1),
      pod("web", 2),
      pod("db", 3),
      dbPolicy(namespace, "api"),
    ];
  });
}

const dbPolicy = (namespace: string, app: string) => ({
  ...policyObject("db", {
    podSelector: { matchLabels: { app: "db" } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app } } }] }],
  }),
  namespace,
});

function settledEngine(): Engine {
  const engine = createEngine(buildCluster([nodeObject("node", "172.18.0.2"), ...objects()]).cluster);
  expect(engine.settle()).toBeGreaterThan(0);
  expect(engine.settle()).toBe(0);
  return engine;
}

const podOf = (engine: Engine, id: string): ClusterPod => engine.cluster.pods.find((pod) => pod.id === id)!;

function newPod(engine: Engine, namespace: string, name: string, labels: Labels): ClusterPod {
  const like = podOf(engine, `${namespace}/api`);
  return {
    ...like,
    id: `${namespace}/${name}`,
    name,
    labels,
    addresses: { 4: parseAddress("10.244.100.1")! },
  };
}

const mayReach = (engine: Engine, from: string, to: string): boolean => {
  const end = (id: string) => engine.endOf(podOf(engine, id));
  return engine.allows(end(from), end(to), 4, { protocol: "TCP", port: 80 });
};

describe("a change", () => {
  it("decides nothing anew for a pod of a known class, whatever labels it has that nobody asks for", () => {
    const engine = settledEngine();
    engine.apply([
      { kind: "pod-set", pod: newPod(engine, "team-3", "api-2", { app: "api", hash: "new", other: "x" }) },
    ]);
    expect(engine.settle()).toBe(0);
    expect(mayReach(engine, "team-3/api-2", "team-3/db")).toBe(true);
    expect(mayReach(engine, "team-3/api-2", "team-4/db")).toBe(false);
    engine.apply([{ kind: "pod-removed", id: "team-3/api-2" }]);
    expect(engine.settle()).toBe(0);
  });

  it("decides one row anew for one policy, and is in force at once", () => {
    const engine = settledEngine();
    engine.apply([{ kind: "policy-set", policy: dbPolicy("team-3", "web") }]);
    expect(engine.settle()).toBe(1);
    expect(mayReach(engine, "team-3/web", "team-3/db")).toBe(true);
    expect(mayReach(engine, "team-3/api", "team-3/db")).toBe(false);
    expect(mayReach(engine, "team-4/api", "team-4/db")).toBe(true);
  });

  it("is not even looked at where no selector asks: labels of namespaces, nodes", () => {
    const engine = settledEngine();
    engine.apply([
      { kind: "namespace-set", namespace: { name: "team-3", labels: { stage: "other" } } },
      { kind: "node-set", node: { name: "node", labels: { new: "label" }, addresses: [] } },
    ]);
    expect(engine.settle()).toBe(0);
  });

  it("to a namespace that policies ask about concerns that namespace and the rows that name it", () => {
    const engine = settledEngine();
    const policy = {
      ...policyObject("db", {
        podSelector: { matchLabels: { app: "db" } },
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { stage: "prod" } } }] }],
      }),
      namespace: "team-0",
    };
    engine.apply([{ kind: "policy-set", policy }]);
    engine.settle();
    expect(mayReach(engine, "team-7/web", "team-0/db")).toBe(false);
    const labels = { stage: "prod", "kubernetes.io/metadata.name": "team-7" };
    engine.apply([{ kind: "namespace-set", namespace: { name: "team-7", labels } }]);
    // The db of team-7 is a new class with a row of its own; the row of team-0's db has new cells.
    expect(engine.settle()).toBe(2);
    expect(mayReach(engine, "team-7/web", "team-0/db")).toBe(true);
  });

  it("shows in the cluster, in the order of names", () => {
    const engine = settledEngine();
    engine.apply([
      { kind: "pod-set", pod: newPod(engine, "team-3", "b-2", {}) },
      { kind: "policy-removed", id: "NetworkPolicy team-9/db" },
    ]);
    expect(engine.cluster.pods.filter((pod) => pod.namespace === "team-3").map((pod) => pod.name)).toEqual([
      "api",
      "b-2",
      "db",
      "web",
    ]);
    expect(engine.policies).toHaveLength(9);
    expect(engine.generation).toBe(2);
  });

  it("shows in namespaces and nodes, as in the cluster", () => {
    const engine = settledEngine();
    const address = parseAddress("172.18.0.3")!;
    engine.apply([
      { kind: "namespace-set", namespace: { name: "team-1", labels: { stage: "gone" } } },
      { kind: "namespace-removed", name: "team-2" },
      { kind: "node-set", node: { name: "second", labels: {}, addresses: [address] } },
      { kind: "node-removed", name: "node" },
    ]);
    const { namespaces, nodes } = engine;
    expect([...nodes.keys()]).toEqual(["second"]);
    expect(namespaces.get("team-1")?.labels).toEqual({ stage: "gone" });
    expect({ namespaces, nodes }).toEqual({
      namespaces: engine.cluster.namespaces,
      nodes: engine.cluster.nodes,
    });
  });

  it("leaves the cluster right after more of them than are kept in mind", () => {
    const engine = settledEngine();
    const before = engine.cluster.pods.map((pod) => pod.id);
    const like = newPod(engine, "team-3", "last", { app: "api" });
    for (let i = 0; i < 12_000; i++) {
      const pod = { ...like, id: `team-3/api-${i}`, name: `api-${i}` };
      engine.apply([
        { kind: "pod-set", pod },
        { kind: "pod-removed", id: pod.id },
      ]);
    }
    engine.apply([{ kind: "pod-set", pod: like }]);
    expect(engine.cluster.pods.map((pod) => pod.id).sort()).toEqual([...before, "team-3/last"].sort());
    expect(mayReach(engine, "team-3/last", "team-3/db")).toBe(true);
  });
});
