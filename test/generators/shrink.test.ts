import { describe, expect, it } from "vitest";
import { type End, isAllowed } from "../reference/evaluate.ts";
import { podKey } from "../reference/pod.ts";
import type { RawCluster } from "../reference/raw.ts";
import { randomCluster } from "./cluster.ts";
import { clusterRules, clusterWidePolicies } from "./cluster-rules.ts";
import { interestingProbes, type Probe } from "./probes.ts";
import { createRandom } from "./random.ts";
import { shrinkCluster } from "./shrink.ts";
import { clusterProblems } from "./validity.ts";

/** Whether a mistaken evaluator (here: `except` is ignored) and the right one disagree on a probe. */
function ignoresExcept({ from, to, traffic }: Probe): (cluster: RawCluster) => boolean {
  return (cluster) => {
    const exists = (end: End) => "address" in end || cluster.pods.some((pod) => podKey(pod) === end.pod);
    if (!exists(from) || !exists(to)) {
      return false;
    }
    const text = JSON.stringify(cluster, (key, value: unknown) => (key === "except" ? [] : value));
    const mistaken = isAllowed(JSON.parse(text) as RawCluster, from, to, traffic);
    return mistaken !== isAllowed(cluster, from, to, traffic);
  };
}

function firstDisagreement(): { cluster: RawCluster; stillFails: (cluster: RawCluster) => boolean } {
  for (let seed = 0; seed < 500; seed++) {
    const cluster = randomCluster(seed);
    const probe = interestingProbes(cluster, createRandom(seed), 20).find((p) => ignoresExcept(p)(cluster));
    if (probe !== undefined && cluster.networkPolicies.length >= 3 && cluster.pods.length >= 5) {
      return { cluster, stillFails: ignoresExcept(probe) };
    }
  }
  throw new Error("no random cluster shows the mistake");
}

/** Whether another mistaken evaluator, one that reads the names of equal priorities backwards, is found out. */
function reversesNames({ from, to, traffic }: Probe): (cluster: RawCluster) => boolean {
  return (cluster) => {
    const exists = (end: End) => "address" in end || cluster.pods.some((pod) => podKey(pod) === end.pod);
    const reversed = (cluster.clusterNetworkPolicies ?? []).map((policy) => ({
      ...policy,
      metadata: { name: String.fromCharCode(...[...policy.metadata.name].map((c) => 200 - c.charCodeAt(0))) },
    }));
    return (
      exists(from) &&
      exists(to) &&
      isAllowed({ ...cluster, clusterNetworkPolicies: reversed }, from, to, traffic) !==
        isAllowed(cluster, from, to, traffic)
    );
  };
}

describe("shrinkCluster", () => {
  it("keeps few cluster-wide policies, each with one rule, one peer and at most one protocol", () => {
    const seeds = Array.from({ length: 250 }, (_, seed) => seed);
    const found = seeds.flatMap((seed) => {
      const cluster = randomCluster(seed, { policyKinds: "cluster-wide", maxClusterPolicies: 6 });
      const probes = interestingProbes(cluster, createRandom(seed), 20);
      const probe = probes.find((each) => reversesNames(each)(cluster));
      return probe === undefined ? [] : [{ cluster, stillFails: reversesNames(probe) }];
    });
    expect(found.length).toBeGreaterThan(5);
    for (const { cluster, stillFails } of found.slice(0, 5)) {
      const small = shrinkCluster(cluster, stillFails);
      expect(stillFails(small)).toBe(true);
      expect(clusterProblems(small)).toEqual([]);
      // Two that differ, and perhaps a third that decides where one of them passes.
      expect(clusterWidePolicies(small).length + small.networkPolicies.length).toBeLessThanOrEqual(3);
      const rules = clusterRules(small);
      expect(rules).toHaveLength(clusterWidePolicies(small).length);
      expect(rules.every(({ peers }) => peers.length === 1)).toBe(true);
      expect(rules.every(({ protocols = [] }) => protocols.length <= 1)).toBe(true);
    }
  });

  it("keeps one policy with one rule, one peer and one except of a real disagreement", () => {
    const { cluster, stillFails } = firstDisagreement();
    const before = structuredClone(cluster);
    const small = shrinkCluster(cluster, stillFails);
    expect(cluster).toEqual(before);
    expect(stillFails(small)).toBe(true);
    expect(clusterProblems(small)).toEqual([]);
    expect(small.networkPolicies).toHaveLength(1);
    expect(small.pods.length).toBeLessThanOrEqual(2);
    expect(small.namespaces.length).toBeLessThanOrEqual(2);
    const { ingress = [], egress = [] } = small.networkPolicies[0]!.spec;
    const peers = [...ingress.flatMap((rule) => rule.from ?? []), ...egress.flatMap((rule) => rule.to ?? [])];
    expect(peers).toHaveLength(1);
    expect(peers[0]!.ipBlock!.except).toHaveLength(1);
    expect(JSON.stringify(small).length).toBeLessThan(JSON.stringify(cluster).length / 3);
  });

  it("removes everything when anything fails", () => {
    for (const policyKinds of ["NetworkPolicy", "cluster-wide"] as const) {
      const small = shrinkCluster(randomCluster(3, { policyKinds }), () => true);
      expect(Object.values(small).flat()).toEqual([]);
    }
  });

  it("returns the cluster itself when nothing can go", () => {
    const cluster = randomCluster(3);
    const text = JSON.stringify(cluster);
    expect(shrinkCluster(cluster, (candidate) => JSON.stringify(candidate) === text)).toEqual(cluster);
  });

  it("moves pods off a node that does not matter", () => {
    const cluster = randomCluster(1, { maxPods: 8, hostNetwork: false, unaddressed: false });
    const count = cluster.pods.length;
    const small = shrinkCluster(cluster, (candidate) => candidate.pods.length === count);
    expect(small.nodes.length).toBe(1);
    expect(clusterProblems(small)).toEqual([]);
  });
});
