import { describe, expect, it } from "vitest";
import { ask } from "./ask.ts";
import { pod, policy, smallCluster } from "./objects.ts";
import type { Direction, RawPeer } from "./raw.ts";

const closed = (namespace: string) =>
  policy(`${namespace}/closed`, { policyTypes: ["Ingress", "Egress"] as Direction[] });
const host = pod("shop/host", {
  labels: { app: "web" },
  ips: ["172.18.0.2", "fd00:172:18::2"],
  node: "node-1",
  hostNetwork: true,
});
const dbFrom = (from: RawPeer[]) =>
  policy("shop/p", { podSelector: { matchLabels: { app: "db" } }, ingress: [{ from }] });

describe("host-network pods", () => {
  it("no policy applies to them", () => {
    const cluster = smallCluster([closed("shop")], [host]);
    expect(ask(cluster, "ops/web", "shop/host")).toBe(true);
    expect(ask(cluster, "shop/host", "192.168.5.10")).toBe(true);
    expect(ask(cluster, "shop/host", "shop/host")).toBe(true);
  });

  it("pod and namespace selectors do not match them; blocks match their node's address", () => {
    const from = (peer: RawPeer) => ask(smallCluster([dbFrom([peer])], [host]), "shop/host", "shop/db");
    expect(from({ podSelector: {} })).toBe(false);
    expect(from({ namespaceSelector: {} })).toBe(false);
    expect(from({ namespaceSelector: {}, podSelector: { matchLabels: { app: "web" } } })).toBe(false);
    expect(from({ ipBlock: { cidr: "172.18.0.2/32" } })).toBe(true);
  });

  it("hostNetwork: false is an ordinary pod", () => {
    const plain = pod("shop/plain", { ips: ["10.244.1.9"], hostNetwork: false });
    expect(ask(smallCluster([closed("shop")], [plain]), "ops/web", "shop/plain")).toBe(false);
  });
});

describe("nodes", () => {
  const cluster = smallCluster([closed("shop")], [host]);

  it("always reach their own pods, in both families", () => {
    expect(ask(cluster, "172.18.0.3", "shop/db")).toBe(true);
    expect(ask(cluster, "172.18.0.3", "10.244.2.1", "other")).toBe(true);
    expect(ask(cluster, "fd00:172:18::3", "shop/db", "UDP/53", 6)).toBe(true);
  });

  it("do not reach pods of other nodes", () => {
    expect(ask(cluster, "172.18.0.2", "shop/db")).toBe(false);
    expect(ask(cluster, "shop/host", "shop/db")).toBe(false);
  });

  it("include the host-network pods on them", () => {
    expect(ask(cluster, "shop/host", "shop/web")).toBe(true);
  });

  it("are known by every IP address of their status", () => {
    const withExternal = smallCluster([closed("shop")]);
    withExternal.nodes[0]!.status!.addresses!.push({ type: "ExternalIP", address: "172.18.1.2" });
    expect(ask(withExternal, "172.18.1.2", "shop/web")).toBe(true);
    expect(ask(withExternal, "172.18.1.2", "shop/db")).toBe(false);
  });

  it("are not exempt as destinations of their pods", () => {
    expect(ask(cluster, "shop/web", "172.18.0.2")).toBe(false);
    expect(ask(cluster, "shop/web", "shop/host")).toBe(false);
  });
});

describe("a pod to its own address", () => {
  it("is always allowed", () => {
    const cluster = smallCluster([closed("shop")]);
    expect(ask(cluster, "shop/db", "shop/db")).toBe(true);
    expect(ask(cluster, "shop/db", "10.244.2.1", "other")).toBe(true);
    expect(ask(cluster, "fd00:10:244:2::1", "shop/db", "UDP/53", 6)).toBe(true);
  });
});

describe("pods that take no part", () => {
  it.each(["Succeeded", "Failed"])("%s: not selected as a peer, the address is just an address", (phase) => {
    const job = pod("shop/job", { labels: { app: "web" }, ips: ["10.244.1.9"], phase });
    expect(ask(smallCluster([dbFrom([{ podSelector: {} }])], [job]), "10.244.1.9", "shop/db")).toBe(false);
    const byBlock = dbFrom([{ ipBlock: { cidr: "10.244.1.9/32" } }]);
    expect(ask(smallCluster([byBlock], [job]), "10.244.1.9", "shop/db")).toBe(true);
    expect(ask(smallCluster([closed("shop")], [job]), "ops/web", "10.244.1.9")).toBe(true);
    expect(ask(smallCluster([], [job]), "shop/job", "shop/db")).toBe(false);
  });

  it("a finished pod's address may be a live pod's by now", () => {
    const job = pod("shop/job", { labels: { app: "job" }, ips: ["10.244.2.2"], phase: "Succeeded" });
    const cluster = smallCluster([dbFrom([{ podSelector: {} }])], [job]);
    expect(ask(cluster, "10.244.2.2", "shop/db")).toBe(false);
    expect(ask({ ...cluster, pods: cluster.pods.toReversed() }, "10.244.2.2", "shop/db")).toBe(false);
  });

  it("a finished host-network pod makes no address its node's", () => {
    const gone = pod("shop/gone", {
      ips: ["172.18.9.9"],
      node: "node-1",
      hostNetwork: true,
      phase: "Failed",
    });
    expect(ask(smallCluster([closed("shop")], [gone]), "172.18.9.9", "shop/web")).toBe(false);
  });

  it("without an address: reaches nothing and is reached by nothing", () => {
    const pending = pod("shop/new", { phase: "Pending" });
    expect(ask(smallCluster([], [pending]), "shop/new", "shop/db")).toBe(false);
    expect(ask(smallCluster([], [pending]), "shop/db", "shop/new")).toBe(false);
    expect(ask(smallCluster([], [pending]), "shop/new", "shop/new")).toBe(false);
  });

  it("terminating and pending pods with an address do take part", () => {
    for (const fields of [{ terminating: true }, { phase: "Pending" }, { phase: "Unknown" }]) {
      const leaving = pod("shop/leaving", { ips: ["10.244.1.9"], ...fields });
      expect(ask(smallCluster([closed("shop")], [leaving]), "ops/web", "shop/leaving")).toBe(false);
      expect(ask(smallCluster([dbFrom([{ podSelector: {} }])], [leaving]), "10.244.1.9", "shop/db")).toBe(
        true,
      );
    }
  });
});

describe("families", () => {
  it("a dual-stack pair may have two verdicts", () => {
    const cluster = smallCluster([dbFrom([{ ipBlock: { cidr: "10.244.1.1/32" } }])]);
    expect(ask(cluster, "shop/web", "shop/db", "TCP/80", 4)).toBe(true);
    expect(ask(cluster, "shop/web", "shop/db", "TCP/80", 6)).toBe(false);
  });

  it("ends without an address of the family cannot talk", () => {
    const only6 = pod("shop/six", { ips: ["fd00:10:244:1::9"] });
    const cluster = smallCluster([], [only6]);
    expect(ask(cluster, "shop/six", "shop/db", "TCP/80", 4)).toBe(false);
    expect(ask(cluster, "shop/db", "shop/six", "TCP/80", 4)).toBe(false);
    expect(ask(cluster, "shop/db", "shop/six", "TCP/80", 6)).toBe(true);
    expect(ask(cluster, "2001:db8::7", "shop/db", "TCP/80", 4)).toBe(false);
    expect(ask(cluster, "192.168.5.10", "203.0.113.7", "TCP/80", 6)).toBe(false);
  });
});

describe("questions", () => {
  it("an address of a live pod is that pod, however it is written", () => {
    const cluster = smallCluster([dbFrom([{ podSelector: {} }])]);
    expect(ask(cluster, "10.244.1.1", "shop/db")).toBe(true);
    expect(ask(cluster, "FD00:10:244:1:0:0:0:1", "fd00:10:244:2::1", "TCP/80", 6)).toBe(true);
  });

  it("two ends outside can always talk", () => {
    expect(ask(smallCluster([closed("shop")]), "192.168.5.10", "203.0.113.7", "other")).toBe(true);
  });

  it("reads podIP where podIPs is missing", () => {
    const old = pod("shop/old", {});
    old.status!.podIP = "10.244.1.9";
    expect(ask(smallCluster([closed("shop")], [old]), "ops/web", "10.244.1.9")).toBe(false);
  });

  it("refuses an unknown pod, a bad address, and a port that does not fit the protocol", () => {
    const cluster = smallCluster([]);
    expect(() => ask(cluster, "shop/none", "shop/db")).toThrow("the cluster has no pod shop/none");
    expect(() => ask(cluster, "10.0.0", "shop/db")).toThrow(/not an IPv4 address/);
    expect(() => ask(cluster, "shop/web", "shop/db", "TCP")).toThrow(/needs a destination port/);
    expect(() => ask(cluster, "shop/web", "shop/db", "TCP/65536")).toThrow(/needs a destination port/);
    expect(() => ask(cluster, "shop/web", "shop/db", "other/80")).toThrow(/has no port/);
  });
});
