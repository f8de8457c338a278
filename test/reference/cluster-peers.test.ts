import { describe, expect, it } from "vitest";
import { ask } from "./ask.ts";
import { ALL_ADDRESSES, clusterPolicy, from, to, withClusterPolicies } from "./cluster-objects.ts";
import { pod, smallCluster } from "./objects.ts";
import type { RawPod, RawSelector } from "./raw.ts";
import type { RawClusterPeer, RawSubject } from "./raw-cluster-policy.ts";

const host = pod("shop/host", {
  labels: { app: "web" },
  ips: ["172.18.0.2", "fd00:172:18::2"],
  node: "node-1",
  hostNetwork: true,
});
const job = pod("shop/job", { labels: { app: "web" }, ips: ["10.244.1.9"], phase: "Succeeded" });
const team = (value: string): RawSelector => ({ matchLabels: { team: value } });
const app = (value: string): RawSelector => ({ matchLabels: { app: value } });
const named = (value: string): RawSelector => ({ matchLabels: { "kubernetes.io/metadata.name": value } });

/** The pods and addresses that a Deny keeps out of `shop/db`. */
function denied(peer: RawClusterPeer, ends: readonly string[], morePods: RawPod[] = []): string[] {
  const policies = [clusterPolicy("a", { ingress: [from("Deny", peer)] })];
  const cluster = withClusterPolicies(smallCluster([], morePods), ...policies);
  return ends.filter((end) => !ask(cluster, end, "shop/db", "TCP/80", end.includes(":") ? 6 : 4));
}

/** The same of what `shop/db` may not reach. */
function unreachable(peer: RawClusterPeer, ends: readonly string[], morePods: RawPod[] = []): string[] {
  const policies = [clusterPolicy("a", { egress: [to("Deny", peer)] })];
  const cluster = withClusterPolicies(smallCluster([], morePods), ...policies);
  cluster.nodes[0]!.metadata.labels = { zone: "x" };
  return ends.filter((end) => !ask(cluster, "shop/db", end, "TCP/80", end.includes(":") ? 6 : 4));
}

describe("subject", () => {
  const about = (subject: RawSubject, of: string, morePods: RawPod[] = []) => {
    const policies = [clusterPolicy("a", { subject, egress: [to("Deny", ALL_ADDRESSES)] })];
    return !ask(withClusterPolicies(smallCluster([], morePods), ...policies), of, "192.168.5.10");
  };

  it("namespaces: all pods of the namespaces that match, by their labels or by their name", () => {
    expect(["shop/web", "shop/db", "ops/web"].map((of) => about({ namespaces: team("a") }, of))).toEqual([
      true,
      true,
      false,
    ]);
    expect(about({ namespaces: named("ops") }, "ops/web")).toBe(true);
    expect(about({ namespaces: named("ops") }, "shop/web")).toBe(false);
    expect(about({ namespaces: {} }, "ops/web")).toBe(true);
  });

  it("pods: both selectors at once", () => {
    const subject = { pods: { namespaceSelector: team("a"), podSelector: app("web") } };
    expect(["shop/web", "shop/db", "ops/web"].map((of) => about(subject, of))).toEqual([true, false, false]);
    expect(about({ pods: { namespaceSelector: {}, podSelector: app("web") } }, "ops/web")).toBe(true);
  });

  it("NotIn takes in what lacks the key", () => {
    const notA = { matchExpressions: [{ key: "zone", operator: "NotIn", values: ["a"] }] };
    expect(about({ namespaces: notA }, "shop/web")).toBe(true);
    expect(about({ pods: { namespaceSelector: {}, podSelector: notA } }, "shop/web")).toBe(true);
  });

  it("is no host-network pod", () => {
    expect(about({ namespaces: {} }, "shop/host", [host])).toBe(false);
    expect(about({ pods: { namespaceSelector: {}, podSelector: {} } }, "shop/host", [host])).toBe(false);
  });

  it("refuses both, and neither", () => {
    const pods = { namespaceSelector: {}, podSelector: {} };
    expect(() => about({}, "shop/db")).toThrow(/not either namespaces or pods/);
    expect(() => about({ namespaces: {}, pods }, "shop/db")).toThrow(/not either namespaces or pods/);
  });
});

describe("peers namespaces and pods", () => {
  const ends = ["shop/web", "ops/web", "192.168.5.10"];

  it("namespaces: pods of the matching namespaces, and nothing that is no pod", () => {
    expect(denied({ namespaces: {} }, ends)).toEqual(["shop/web", "ops/web"]);
    expect(denied({ namespaces: team("b") }, ends)).toEqual(["ops/web"]);
    expect(denied({ namespaces: named("shop") }, ends)).toEqual(["shop/web"]);
  });

  it("pods: both selectors at once, in any namespace that the policy names", () => {
    expect(denied({ pods: { namespaceSelector: {}, podSelector: app("web") } }, ends)).toEqual([
      "shop/web",
      "ops/web",
    ]);
    expect(denied({ pods: { namespaceSelector: team("a"), podSelector: app("web") } }, ends)).toEqual([
      "shop/web",
    ]);
    expect(denied({ pods: { namespaceSelector: team("b"), podSelector: app("db") } }, ends)).toEqual([]);
  });

  it("the same for egress", () => {
    expect(unreachable({ namespaces: team("b") }, ends)).toEqual(["ops/web"]);
    expect(unreachable({ pods: { namespaceSelector: team("a"), podSelector: {} } }, ends)).toEqual([
      "shop/web",
    ]);
  });

  it("a pod asked for by its address is that pod", () => {
    expect(denied({ namespaces: {} }, ["10.244.1.1", "fd00:10:244:1::1"])).toHaveLength(2);
  });

  it("are no host-network pods, nodes or finished pods", () => {
    const others = ["shop/host", "172.18.0.2", "10.244.1.9"];
    const anyPod = { pods: { namespaceSelector: {}, podSelector: {} } };
    expect(denied({ namespaces: {} }, others, [host, job])).toEqual([]);
    expect(denied(anyPod, others, [host, job])).toEqual([]);
    expect(unreachable({ namespaces: {} }, others, [host, job])).toEqual([]);
    expect(unreachable(anyPod, others, [host, job])).toEqual([]);
  });

  it("of one rule are OR", () => {
    const rule = {
      action: "Deny" as const,
      from: [{ namespaces: team("b") }, { namespaces: named("shop") }],
    };
    const cluster = withClusterPolicies(smallCluster([]), clusterPolicy("a", { ingress: [rule] }));
    expect([ask(cluster, "shop/web", "shop/db"), ask(cluster, "ops/web", "shop/db")]).toEqual([false, false]);
  });
});

describe("peers networks", () => {
  it("match by address, of pods, nodes, host-network pods and the outside alike", () => {
    const ends = ["shop/web", "ops/web", "172.18.0.2", "shop/host", "192.168.5.10"];
    expect(unreachable({ networks: ["10.244.1.0/24"] }, ends, [host])).toEqual(["shop/web"]);
    expect(unreachable({ networks: ["172.18.0.0/16"] }, ends, [host])).toEqual(["172.18.0.2", "shop/host"]);
    expect(unreachable({ networks: ["192.168.5.10/32", "10.244.2.2/32"] }, ends, [host])).toEqual([
      "ops/web",
      "192.168.5.10",
    ]);
  });

  it("match in their own family only", () => {
    const ends = ["10.244.1.1", "fd00:10:244:1::1"];
    expect(unreachable({ networks: ["0.0.0.0/0"] }, ends)).toEqual(["10.244.1.1"]);
    expect(unreachable({ networks: ["::/0"] }, ends)).toEqual(["fd00:10:244:1::1"]);
  });
});

describe("peers nodes", () => {
  const ends = ["172.18.0.2", "172.18.0.3", "fd00:172:18::2", "shop/host", "shop/web", "192.168.5.10"];

  it("match by the labels of the nodes, at all their addresses", () => {
    expect(unreachable({ nodes: {} }, ends, [host])).toEqual([
      "172.18.0.2",
      "172.18.0.3",
      "fd00:172:18::2",
      "shop/host",
    ]);
    expect(unreachable({ nodes: { matchLabels: { zone: "x" } } }, ends, [host])).toEqual([
      "172.18.0.2",
      "fd00:172:18::2",
      "shop/host",
    ]);
    const notX = { matchExpressions: [{ key: "zone", operator: "NotIn", values: ["x"] }] };
    expect(unreachable({ nodes: notX }, ends, [host])).toEqual(["172.18.0.3"]);
  });

  it("do not match the pods on them", () => {
    expect(unreachable({ nodes: {} }, ["shop/web", "ops/web", "10.244.1.1"])).toEqual([]);
  });

  it("do not match a node of which there is no object", () => {
    const lost = pod("shop/lost", { ips: ["172.18.9.9"], node: "node-9", hostNetwork: true });
    expect(unreachable({ nodes: {} }, ["shop/lost", "172.18.9.9"], [lost])).toEqual([]);
  });
});

it("domainNames match nothing", () => {
  const accept = clusterPolicy("a", {
    egress: [to("Accept", { domainNames: ["*.example.com"] }), to("Deny", ALL_ADDRESSES)],
  });
  const cluster = withClusterPolicies(smallCluster([]), accept);
  expect(ask(cluster, "shop/db", "192.168.5.10", "TCP/443")).toBe(false);
  expect(ask(cluster, "shop/db", "shop/web")).toBe(false);
});

it("refuses a peer of several fields", () => {
  expect(() => unreachable({ namespaces: {}, networks: ["10.0.0.0/8"] }, ["shop/web"])).toThrow(
    /namespaces and networks/,
  );
});
