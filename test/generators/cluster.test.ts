import { describe, expect, it } from "vitest";
import { parseAddress } from "../reference/ip.ts";
import { isHostNetwork, podAddresses, takesPart } from "../reference/pod.ts";
import { type ClusterOptions, type PolicyKinds, randomCluster } from "./cluster.ts";
import { CORNER_NAMES, cornersOf } from "./corners.ts";
import { clusterProblems } from "./validity.ts";

const clusters = (count: number, options?: ClusterOptions) =>
  Array.from({ length: count }, (_, seed) => randomCluster(seed, options));

describe("randomCluster", () => {
  const many = clusters(2000);

  it("makes only valid clusters", () => {
    const problems = many.flatMap((cluster, seed) =>
      clusterProblems(cluster).map((text) => `${seed}: ${text}`),
    );
    expect(problems).toEqual([]);
  });

  it("reaches every corner often enough to matter", () => {
    const counts = Object.fromEntries(CORNER_NAMES.map((name) => [name, 0]));
    for (const name of many.flatMap(cornersOf)) {
      counts[name]! += 1;
    }
    const rare = Object.entries(counts).filter(([, count]) => count < 20);
    expect(rare).toEqual([]);
  });

  it("gives the same cluster for the same seed, and another for another", () => {
    expect(randomCluster(7)).toEqual(randomCluster(7));
    expect(new Set(many.map((cluster) => JSON.stringify(cluster))).size).toBeGreaterThan(1990);
  });

  it("keeps to its sizes, and fills them", () => {
    const sizes = (list: "namespaces" | "nodes" | "pods" | "networkPolicies") =>
      [...new Set(many.map((cluster) => cluster[list].length))].sort();
    expect(sizes("namespaces")).toEqual([1, 2, 3, 4]);
    expect(sizes("nodes")).toEqual([1, 2, 3]);
    expect(sizes("pods")).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(sizes("networkPolicies")).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("has cluster-wide policies in about half of the clusters, and in all or none when told", () => {
    const share = (policyKinds?: PolicyKinds) => {
      const some = clusters(400, policyKinds === undefined ? {} : { policyKinds });
      return some.filter((cluster) => cluster.clusterNetworkPolicies !== undefined).length / 400;
    };
    expect(share()).toBeGreaterThan(0.4);
    expect(share()).toBeLessThan(0.6);
    expect(share("cluster-wide")).toBe(1);
    expect(share("NetworkPolicy")).toBe(0);
  });

  it("gives a seed the same pods whatever the kinds, and some of the same NetworkPolicies", () => {
    for (let seed = 0; seed < 200; seed++) {
      const plain = randomCluster(seed, { policyKinds: "NetworkPolicy" });
      const { namespaces, pods, networkPolicies } = randomCluster(seed, { policyKinds: "cluster-wide" });
      expect({ namespaces, pods }).toEqual({ namespaces: plain.namespaces, pods: plain.pods });
      expect(networkPolicies).toEqual(plain.networkPolicies.slice(0, networkPolicies.length));
    }
  });

  it("gives at most as many cluster-wide policies as told, and up to that many", () => {
    const counts = clusters(300, { policyKinds: "cluster-wide", maxClusterPolicies: 6 }).map(
      ({ clusterNetworkPolicies, adminNetworkPolicies }) =>
        clusterNetworkPolicies!.length + adminNetworkPolicies!.length,
    );
    expect([...new Set(counts)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it("shares no object between its parts, so that changing one changes no other", () => {
    const objectsIn = (value: unknown): object[] =>
      typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
    const repeating = many.filter((cluster) => {
      const objects = objectsIn(cluster);
      return new Set(objects).size < objects.length;
    });
    expect(repeating).toEqual([]);
  });

  it.each([
    ["4", [4]],
    ["6", [6]],
  ] as const)("families %s: nothing of the other", (families, expected) => {
    const found = clusters(200, { families }).flatMap((cluster) => [
      ...cluster.pods.flatMap(podAddresses).map((address) => address.family),
      ...cluster.nodes
        .flatMap((node) => node.status?.addresses ?? [])
        .filter((entry) => entry.type !== "Hostname")
        .map((entry) => parseAddress(entry.address).family),
    ]);
    expect([...new Set(found)]).toEqual(expected);
  });

  it("families dual: every pod that takes part has both", () => {
    const live = clusters(200, { families: "dual" }).flatMap((cluster) => cluster.pods.filter(takesPart));
    expect(live.every((pod) => podAddresses(pod).length === 2)).toBe(true);
  });

  it("leaves out what it is told to leave out", () => {
    const plain = { hostNetwork: false, finished: false, unaddressed: false, externalNodeAddresses: false };
    const some = clusters(300, plain);
    expect(
      some.flatMap((cluster) => cluster.pods).every((pod) => takesPart(pod) && !isHostNetwork(pod)),
    ).toBe(true);
    expect(JSON.stringify(some)).not.toContain("ExternalIP");
  });

  it("still makes valid clusters when they are large", () => {
    const large = clusters(20, { maxPods: 300, maxPolicies: 30, maxNodes: 20 });
    expect(large.flatMap(clusterProblems)).toEqual([]);
    expect(Math.max(...large.map((cluster) => cluster.pods.length))).toBeGreaterThan(200);
  });
});
