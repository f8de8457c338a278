import { describe, expect, it } from "vitest";
import type { KubernetesObject } from "../k8s/objects.ts";
import { formatAddress } from "../net/address.ts";
import { type Cidr, parseCidr } from "../net/cidr.ts";
import { type BuildOptions, buildCluster } from "./build.ts";
import type { Cluster } from "./cluster.ts";
import {
  adminPolicyObject,
  baselinePolicyObject,
  clusterPolicyObject,
  namespaceObject,
  nodeObject,
  podObject,
  policyObject,
  workloadObject,
} from "./objects.fixture.ts";

function addresses(cluster: Cluster): Record<string, string[]> {
  return Object.fromEntries(
    cluster.pods.map((pod) => [pod.id, Object.values(pod.addresses).map(formatAddress)]),
  );
}

/** A cluster about which there is nothing to say. */
function cleanCluster(objects: readonly KubernetesObject[], options: BuildOptions = {}): Cluster {
  const { cluster, findings } = buildCluster(objects, options);
  expect(findings).toEqual([]);
  return cluster;
}

const cidrs = (...texts: string[]): Cidr[] => texts.map((text) => parseCidr(text)!.cidr);

describe("the pod ranges of nodes", () => {
  it("are those of the input, and absent where it has none", () => {
    const { nodes } = cleanCluster([
      { ...nodeObject("a", "192.0.2.1"), podCidrs: ["10.1.0.0/24", "fd00:1::/64"] },
      nodeObject("b", "192.0.2.2"),
      podObject("p", { nodeName: "c" }),
    ]);
    expect(nodes.get("a")!.podRanges).toEqual(cidrs("10.1.0.0/24", "fd00:1::/64"));
    for (const name of ["b", "c"]) expect(nodes.get(name)).not.toHaveProperty("podRanges");
  });
});

describe("the addresses of pods", () => {
  it("are handed out in both families, past those that are told", () => {
    const told = podObject("z", { addresses: ["10.244.0.2", "fd00:10:244::1"] });
    expect(addresses(cleanCluster([podObject("b"), told, podObject("a")]))).toEqual({
      "shop/a": ["10.244.0.1", "fd00:10:244::2"],
      "shop/b": ["10.244.0.3", "fd00:10:244::3"],
      "shop/z": ["10.244.0.2", "fd00:10:244::1"],
    });
  });

  it("are of IPv6 alone where the block is", () => {
    const cluster = cleanCluster([podObject("a")], { podCidrs: cidrs("fd00:5::/64") });
    expect(addresses(cluster)).toEqual({ "shop/a": ["fd00:5::1"] });
  });

  it("run out with an error that says what to do", () => {
    const objects = ["a", "b", "c"].map((name) => podObject(name));
    const { cluster, findings } = buildCluster(objects, { podCidrs: cidrs("10.0.0.0/30") });
    expect(addresses(cluster)).toEqual({ "shop/a": ["10.0.0.1"], "shop/b": ["10.0.0.2"], "shop/c": [] });
    expect(findings).toMatchObject([{ code: "pod-cidr-exhausted", severity: "error", object: "Pod shop/c" }]);
    expect(findings[0]!.help).toContain("--pod-cidr");
  });

  it.each([
    ["10.0.0.0/31", ["10.0.0.0", "10.0.0.1"]],
    ["10.0.0.7/32", ["10.0.0.7"]],
    ["fd00::/126", ["fd00::1", "fd00::2", "fd00::3"]],
  ])("are all that %s has", (block, expected) => {
    const objects = ["a", "b", "c", "d"].map((name) => podObject(name));
    const { cluster } = buildCluster(objects, { podCidrs: cidrs(block) });
    expect(Object.values(addresses(cluster)).flat()).toEqual(expected);
  });

  it("stay as they were handed out before", () => {
    const before = cleanCluster([podObject("b")]);
    const previousAddresses = new Map(before.pods.map((pod) => [pod.id, pod.addresses]));
    const after = cleanCluster([podObject("a"), podObject("b")], { previousAddresses });
    expect(addresses(after)["shop/b"]).toEqual(addresses(before)["shop/b"]);
    expect(addresses(after)["shop/a"]).toEqual(["10.244.0.2", "fd00:10:244::2"]);
  });

  it("give way to what the input tells", () => {
    const previousAddresses = new Map(
      cleanCluster([podObject("a")]).pods.map((pod) => [pod.id, pod.addresses]),
    );
    const after = cleanCluster([podObject("a", { addresses: ["10.9.9.9"] })], { previousAddresses });
    expect(addresses(after)).toEqual({ "shop/a": ["10.9.9.9"] });
  });

  it("cannot be two pods'", () => {
    const objects = [
      podObject("a", { addresses: ["10.0.0.1"] }),
      podObject("b", { addresses: ["10.0.0.1"] }),
    ];
    const { findings } = buildCluster(objects);
    expect(findings).toMatchObject([{ code: "shared-address", severity: "error", object: "Pod shop/b" }]);
    expect(findings[0]!.message).toContain("shop/a and shop/b both have the address 10.0.0.1");
  });

  it("may be a finished pod's too, as it left it", () => {
    const objects = [
      podObject("a", { addresses: ["10.0.0.1"], phase: "Succeeded" }),
      podObject("b", { addresses: ["10.0.0.1"] }),
    ];
    expect(cleanCluster(objects).finishedPods.length).toBe(1);
  });

  it("are waited for in a live cluster", () => {
    const cluster = cleanCluster([podObject("a"), podObject("b", { addresses: ["10.0.0.1"] })], {
      unaddressed: "left-out",
    });
    expect(addresses(cluster)).toEqual({ "shop/b": ["10.0.0.1"] });
  });
});

describe("finished pods", () => {
  it("take no part, and are counted", () => {
    const phases = ["Succeeded", "Failed", "Running", "Pending", "Unknown"];
    const cluster = cleanCluster(phases.map((phase) => podObject(phase.toLowerCase(), { phase })));
    expect(cluster.pods.map(({ name }) => name)).toEqual(["pending", "running", "unknown"]);
    expect(cluster.finishedPods.length).toBe(2);
  });
});

describe("host-network pods", () => {
  it("have the addresses of their node, and share them", () => {
    const onNode = (name: string) => podObject(name, { hostNetwork: true, nodeName: "n1" });
    const cluster = cleanCluster([onNode("a"), onNode("b"), nodeObject("n1", "192.0.2.1", "2001:db8::1")]);
    expect(addresses(cluster)).toEqual({
      "shop/a": ["192.0.2.1", "2001:db8::1"],
      "shop/b": ["192.0.2.1", "2001:db8::1"],
    });
  });

  it("tell the addresses of a node that is not in the input", () => {
    const pod = podObject("a", { hostNetwork: true, nodeName: "n1", hostAddresses: ["192.0.2.9"] });
    const cluster = cleanCluster([pod]);
    expect(cluster.nodes.get("n1")?.addresses.map(formatAddress)).toEqual(["192.0.2.9"]);
    expect(addresses(cluster)).toEqual({ "shop/a": ["192.0.2.9"] });
  });

  it("of manifests stand on a node of their own making", () => {
    const cluster = cleanCluster([podObject("a", { hostNetwork: true })]);
    expect([...cluster.nodes.keys()]).toEqual(["node"]);
    expect(addresses(cluster)).toEqual({ "shop/a": ["172.18.0.1", "fd00:172:18::1"] });
  });
});

describe("nodes", () => {
  it("come to exist where pods name them, with addresses of their own", () => {
    const cluster = cleanCluster([podObject("a", { nodeName: "n2" }), nodeObject("n1", "172.18.0.1")]);
    const all = [...cluster.nodes.values()].map((node) => [node.name, node.addresses.map(formatAddress)]);
    expect(all).toEqual([
      ["n1", ["172.18.0.1"]],
      ["n2", ["172.18.0.2", "fd00:172:18::1"]],
    ]);
  });

  it("take the pods that name none where one is given as the default", () => {
    expect(cleanCluster([podObject("a")]).pods[0]!.node).toBeUndefined();
    const pods = [podObject("a"), podObject("b", { nodeName: "other" })];
    const cluster = cleanCluster(pods, { defaultNodes: ["lab"] });
    expect(cluster.pods.map(({ node }) => node)).toEqual(["lab", "other"]);
  });
});

describe("namespaces", () => {
  it("exist where something is in them, and all carry their name", () => {
    const cluster = cleanCluster([
      namespaceObject("ops", { team: "night", "kubernetes.io/metadata.name": "lie" }),
      podObject("a"),
      policyObject("p"),
      workloadObject("Deployment", "w", { namespace: "empty", replicas: 0 }),
    ]);
    expect([...cluster.namespaces.values()]).toEqual([
      { name: "empty", labels: { "kubernetes.io/metadata.name": "empty" } },
      { name: "ops", labels: { team: "night", "kubernetes.io/metadata.name": "ops" } },
      { name: "shop", labels: { "kubernetes.io/metadata.name": "shop" } },
    ]);
  });
});

describe("workloads", () => {
  it("hold the pods of one owner, each pod in exactly one", () => {
    const owned = {
      controller: { kind: "ReplicaSet", name: "web-abc" },
      labels: { "pod-template-hash": "abc" },
    };
    const cluster = cleanCluster([
      workloadObject("Deployment", "web", { replicas: 2 }),
      podObject("web-abc-1", owned),
      podObject("web-abc-2", owned),
      podObject("lone"),
    ]);
    expect(cluster.workloads.map(({ id, pods }) => [id, pods.map(({ name }) => name)])).toEqual([
      ["shop/lone[Pod]", ["lone"]],
      ["shop/web[Deployment]", ["web-abc-1", "web-abc-2"]],
    ]);
  });
});

describe("the order of the input", () => {
  it("does not matter", () => {
    const objects: KubernetesObject[] = [
      namespaceObject("ops"),
      nodeObject("n1", "192.0.2.1"),
      podObject("b", { nodeName: "n2" }),
      podObject("a", { addresses: ["10.244.0.1"] }),
      podObject("h", { hostNetwork: true, nodeName: "n3" }),
      workloadObject("Deployment", "a", { replicas: 2 }),
      workloadObject("StatefulSet", "a", { replicas: 2 }),
      policyObject("p2"),
      policyObject("p1"),
    ];
    const expected = cleanCluster(objects);
    for (let turn = 1; turn < objects.length; turn++) {
      const turned = [...objects.slice(turn), ...objects.slice(0, turn)];
      for (const order of [turned, turned.toReversed()]) {
        const cluster = cleanCluster(order);
        expect(cluster).toEqual(expected);
        expect([...cluster.namespaces.keys()]).toEqual([...expected.namespaces.keys()]);
        expect([...cluster.nodes.keys()]).toEqual([...expected.nodes.keys()]);
      }
    }
  });
});

describe("the policies of the cluster", () => {
  it("are sorted by name, then kind, and make no namespace", () => {
    const objects = [
      clusterPolicyObject("b"),
      baselinePolicyObject(),
      clusterPolicyObject("a"),
      adminPolicyObject("b"),
    ];
    for (const list of [objects, [...objects].reverse()]) {
      const { clusterPolicies, networkPolicies, namespaces } = cleanCluster(list);
      expect(clusterPolicies.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
        "ClusterNetworkPolicy a",
        "AdminNetworkPolicy b",
        "ClusterNetworkPolicy b",
        "BaselineAdminNetworkPolicy default",
      ]);
      expect(networkPolicies).toEqual([]);
      expect(namespaces.size).toBe(0);
    }
  });
});
