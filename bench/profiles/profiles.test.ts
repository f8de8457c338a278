import { describe, expect, it } from "vitest";
import { clusterOf } from "../engine-adapter.ts";
import { objectsOf } from "./inventory.ts";
import { GROWTH, PROFILES, profileNamed } from "./profiles.ts";
import { PUBLISHED_FIGURES } from "./published.ts";
import { clusterStatistics } from "./statistics.ts";

describe.each(PROFILES.map(({ name }) => name))("profile %s", (name) => {
  const profile = profileNamed(name);

  it("is the same each time", () => {
    const text = (): string => JSON.stringify(objectsOf(profile.generate(0.02)));
    expect(text()).toBe(text());
  });

  it("makes a cluster without findings, without two objects of one name", () => {
    const objects = objectsOf(profile.generate(0.05));
    const names = objects.map(
      (each) => `${each.kind} ${"namespace" in each ? each.namespace : ""}/${each.name}`,
    );
    expect(new Set(names).size).toBe(objects.length);
    expect(() => clusterOf(objects)).not.toThrow();
  });
});

describe("the published cluster", () => {
  const cluster = profileNamed("a").generate(1);

  it("has the published size", () => {
    expect([cluster.pods.length, cluster.namespaces.length, cluster.policies.length]).toEqual([
      5413, 604, 13_678,
    ]);
  });

  it("has the published medians and means", () => {
    const statistics = clusterStatistics(cluster);
    const { meanLocalPods, meanPeerPodsOfSelector, ...medians } = PUBLISHED_FIGURES;
    expect(statistics).toMatchObject(medians);
    expect(statistics.meanLocalPods).toBeCloseTo(meanLocalPods, 0);
    expect(statistics.meanPeerPodsOfSelector).toBeCloseTo(meanPeerPodsOfSelector, 0);
  });
});

describe("the typical cluster", () => {
  const cluster = profileNamed("b").generate(0.1);

  it("has the size that was asked for", () => {
    expect([cluster.pods.length, cluster.namespaces.length, cluster.policies.length]).toEqual([
      10_000, 200, 1000,
    ]);
  });

  it("has workloads of 1 to 50 replicas", () => {
    const replicas = new Map<string, number>();
    for (const { namespace, labels } of cluster.pods) {
      const workload = `${namespace}/${labels.app}`;
      replicas.set(workload, (replicas.get(workload) ?? 0) + 1);
    }
    expect(Math.min(...replicas.values())).toBe(1);
    expect(Math.max(...replicas.values())).toBe(50);
  });

  it("has every kind of policy", () => {
    const text = JSON.stringify(cluster.policies);
    for (const part of ['"except"', '"endPort"', '"port":"metrics"', '"NotIn"', '"Egress"', '"k8s-app"']) {
      expect(text).toContain(part);
    }
    expect(cluster.policies.filter(({ name }) => name.startsWith("default-deny")).length).toBeGreaterThan(50);
  });
});

describe("the adversarial cluster", () => {
  it("has no two pods alike, no CIDR twice, a thousand port ranges", () => {
    const cluster = profileNamed("c").generate(1);
    const statistics = clusterStatisticsOfShape(cluster);
    expect(statistics).toEqual({ labels: 10_000, cidrs: 20_000, ranges: 1000 });
  });
});

function clusterStatisticsOfShape({ pods, policies }: ReturnType<(typeof PROFILES)[number]["generate"]>) {
  const rules = policies.flatMap(({ spec }) => [...(spec.ingress ?? []), ...(spec.egress ?? [])]);
  const text = JSON.stringify(rules);
  return {
    labels: new Set(pods.map(({ labels }) => JSON.stringify(labels))).size,
    cidrs: new Set(text.match(/"cidr":"[^"]+"/g)).size,
    ranges: new Set(text.match(/"protocol":"\w+","port":\d+,"endPort":\d+/g)).size,
  };
}

describe("growth", () => {
  it("grows one thing tenfold and keeps the other", () => {
    const sizes = GROWTH.map(({ points }) =>
      points.map((point) => {
        const { pods, policies, namespaces } = point.generate(0.01);
        return [pods.length, policies.length, namespaces.length];
      }),
    );
    expect(sizes.map((points) => [points[0], points.at(-1)])).toEqual([
      [
        [100, 100, 10],
        [1000, 100, 10],
      ],
      [
        [1000, 10, 10],
        [1000, 100, 10],
      ],
    ]);
  });
});
