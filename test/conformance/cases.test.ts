import { describe, expect, it } from "vitest";
import { casesOf } from "./cases.ts";
import type { Suite, SuitePoke, SuitePolicy, SuiteStep } from "./suite.ts";

const policy = (name: string, priority: number): SuitePolicy => ({
  apiVersion: "policy.networking.k8s.io/v1alpha2",
  kind: "ClusterNetworkPolicy",
  metadata: { name },
  spec: { tier: "Admin", priority, subject: { namespaces: {} } },
});
const networkPolicy = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "np", namespace: "a" },
  spec: { podSelector: null },
} as unknown as SuitePolicy;
const poke: { poke: SuitePoke } = {
  poke: { sub: "sub", from: "a/p-0", to: "a/h-0", protocol: "UDP", port: 53, expect: "drop" },
};

function suite(initial: SuitePolicy[], steps: SuiteStep[]): Suite {
  const ports = [{ name: "dns", containerPort: 53, protocol: "UDP" as const }];
  const pod = (name: string, ip: string, host: boolean) => ({ ns: "a", name, labels: {}, ip, host, ports });
  return {
    nodes: { "172.18.0.2": { zone: "x" }, "172.18.0.3": {} },
    namespaces: { a: { team: "a" } },
    pods: [pod("p-0", "10.244.0.1", false), pod("p-1", "10.244.0.2", false), pod("h-0", "172.18.0.3", true)],
    tests: [
      { test: "first", initial, steps },
      { test: "second", initial: [], steps: [poke] },
    ],
  };
}

describe("casesOf", () => {
  it("turns the base state into objects as the API serves them", () => {
    const { namespaces, nodes, pods } = casesOf(suite([], [poke]))[0]!.cluster;
    expect(namespaces.map(({ metadata }) => metadata)).toEqual([{ name: "a", labels: { team: "a" } }]);
    expect(nodes.map(({ metadata, status }) => [metadata, status?.addresses?.[0]?.address])).toEqual([
      [{ name: "worker-1", labels: { zone: "x" } }, "172.18.0.2"],
      [{ name: "worker-2", labels: {} }, "172.18.0.3"],
    ]);
    expect(pods.map(({ spec, status }) => [spec.nodeName, spec.hostNetwork, status?.podIP])).toEqual([
      ["worker-1", undefined, "10.244.0.1"],
      ["worker-2", undefined, "10.244.0.2"],
      ["worker-2", true, "172.18.0.3"],
    ]);
    expect(pods[2]!.spec.containers[0]!.ports![0]!.hostPort).toBe(53);
  });

  it("gives the poke with its names, numbered within the test", () => {
    const { cluster: _, ...rest } = casesOf(suite([], [poke, poke]))[1]!;
    expect(rest).toEqual({
      ...{ test: "first", step: "sub", number: 2, fromPod: "a/p-0", toPod: "a/h-0", address: "172.18.0.3" },
      ...{ protocol: "UDP", port: 53, expected: "drop" },
    });
  });

  it("carries state from step to step, shares it between pokes, and resets it between tests", () => {
    const steps: SuiteStep[] = [
      poke,
      poke,
      { set: "ClusterNetworkPolicy", object: policy("one", 7) },
      { set: "Namespace", name: "a", labels: { team: "b" } },
      poke,
      { delete: "NetworkPolicy", name: "np" },
      poke,
    ];
    const cases = casesOf(suite([policy("one", 1), policy("two", 2), networkPolicy], steps));
    expect(cases[0]!.cluster).toBe(cases[1]!.cluster);
    const seen = cases.map(({ test, cluster }) => [
      test,
      cluster.clusterNetworkPolicies!.map(({ metadata, spec }) => `${metadata.name} ${spec.priority}`).sort(),
      cluster.networkPolicies.map(({ spec }) => spec.podSelector),
      cluster.namespaces[0]!.metadata.labels!.team,
    ]);
    expect(seen).toEqual([
      ["first", ["one 1", "two 2"], [{}], "a"],
      ["first", ["one 1", "two 2"], [{}], "a"],
      ["first", ["one 7", "two 2"], [{}], "b"],
      ["first", ["one 7", "two 2"], [], "b"],
      ["second", [], [], "a"],
    ]);
  });

  it.each<[SuiteStep, RegExp]>([
    [{ delete: "NetworkPolicy", name: "none" }, /not exactly one NetworkPolicy none/],
    [{ set: "Namespace", name: "none", labels: {} }, /no namespace none/],
    [{ poke: { ...poke.poke, to: "a/none" } }, /no pod a\/none/],
  ])("refuses %j", (step, message) => {
    expect(() => casesOf(suite([], [step]))).toThrow(message);
  });
});
