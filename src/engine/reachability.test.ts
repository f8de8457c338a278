import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import { nodeObject, podObject, policyObject, workloadObject } from "../cluster/objects.fixture.ts";
import type { KubernetesObject, NetworkPolicyPeer } from "../k8s/objects.ts";
import { type Family, maxAddressValue } from "../net/address.ts";
import { ALL_PORTS } from "../net/port-set.ts";
import { createEngine, type Engine } from "./engine.ts";
import { externalPeers } from "./external-peers.ts";
import { isIsolated, type Reachability, reachability } from "./reachability.ts";

function engineOf(objects: readonly KubernetesObject[]): Engine {
  const { cluster, findings } = buildCluster(objects);
  expect(findings).toEqual([]);
  return createEngine(cluster);
}

/** `from > to: ports`, with the family where it is told. */
function lines({ connections }: Reachability): string[] {
  return connections.map(
    ({ from, to, ports, family }) => `${from.id} > ${to.id}: ${ports.key}${family ? ` IPv${family}` : ""}`,
  );
}

const dual = (name: string, n: number) =>
  podObject(name, { labels: { app: name }, addresses: [`10.244.0.${n}`, `fd00::${n}`] });
const byApp = (app: string): NetworkPolicyPeer => ({ podSelector: { matchLabels: { app } } });
const block = (cidr: string, ...except: string[]): NetworkPolicyPeer => ({ ipBlock: { cidr, except } });
const ingressOf = (app: string, from: NetworkPolicyPeer[], name = app) =>
  policyObject(name, {
    podSelector: { matchLabels: { app } },
    ingress: [{ from, ports: [{ port: 80 }] }],
  });
const ALL = ALL_PORTS.key;
const egressAll = policyObject("egress", { policyTypes: ["Egress"], egress: [{}] });
const closed = policyObject("closed", { policyTypes: ["Ingress", "Egress"] });

describe("externalPeers", () => {
  function spansOf(engine: Engine, family: Family): [bigint, bigint][] {
    return externalPeers(engine)
      .filter((peer) => peer.family === family)
      .flatMap((peer) => peer.ranges.map(({ first, last }): [bigint, bigint] => [first, last]))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  function expectWhole(spans: readonly [bigint, bigint][], family: Family): void {
    let next = 0n;
    for (const [first, last] of spans) {
      expect(first).toBe(next);
      next = last + 1n;
    }
    expect(next).toBe(maxAddressValue(family) + 1n);
  }

  it("are disjoint and cover all of IPv4", () => {
    const peer = fc
      .tuple(fc.nat({ max: 3 }), fc.integer({ min: 8, max: 16 }), fc.boolean())
      .map(([octet, prefix, hasExcept]) =>
        block(`10.${octet}.0.0/${prefix}`, ...(hasExcept ? [`10.${octet}.0.0/${prefix + 4}`] : [])),
      );
    fc.assert(
      fc.property(fc.array(fc.array(peer, { minLength: 1, maxLength: 3 }), { maxLength: 3 }), (rules) => {
        const policies = rules.map((from, i) => ingressOf("db", from, `p${i}`));
        const engine = engineOf([dual("db", 1), ...policies]);
        expectWhole(spansOf(engine, 4), 4);
        const ids = externalPeers(engine).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it("hold together what is apart but treated alike", () => {
    const engine = engineOf([dual("db", 1), ingressOf("db", [block("10.0.0.0/8", "10.1.0.0/16")])]);
    expect(externalPeers(engine).map(({ id }) => id)).toEqual([
      "0.0.0.0-9.255.255.255,10.1.0.0/16,11.0.0.0-255.255.255.255",
      "10.0.0.0/16,10.2.0.0-10.255.255.255",
    ]);
  });

  it("are of IPv6 where a policy speaks of it, or a pod has nothing else", () => {
    const families = (...objects: KubernetesObject[]): Family[] =>
      externalPeers(engineOf(objects)).map(({ family }) => family);
    expect(families(dual("db", 1))).toEqual([4]);
    expect(families(dual("db", 1), ingressOf("db", [block("10.0.0.0/8")]))).toEqual([4, 4]);
    expect(families(dual("db", 1), ingressOf("db", [block("2001:db8::/32")]))).toEqual([4, 6, 6]);
    expect(families(podObject("six", { addresses: ["fd00::6"] }))).toEqual([4, 6]);
    expectWhole(spansOf(engineOf([dual("db", 1), ingressOf("db", [block("fd00::/8", "fd00::/16")])]), 6), 6);
  });
});

describe("reachability", () => {
  it("tells of every pair but peers and themselves, and of none between outside addresses", () => {
    const engine = engineOf([dual("a", 1), dual("b", 2), ingressOf("b", [block("192.0.2.0/24")])]);
    const [rest, inside] = externalPeers(engine).map(({ id }) => id);
    expect(lines(reachability(engine, "pod"))).toEqual([
      `shop/a > ${rest}: ${ALL}`,
      `shop/a > ${inside}: ${ALL}`,
      `shop/b > shop/a: ${ALL}`,
      `shop/b > ${rest}: ${ALL}`,
      `shop/b > ${inside}: ${ALL}`,
      `${rest} > shop/a: ${ALL}`,
      `${inside} > shop/a: ${ALL}`,
      `${inside} > shop/b: TCP/80`,
    ]);
  });

  it("gives one entry for both families where they agree", () => {
    const engine = engineOf([dual("a", 1), dual("b", 2), closed, ingressOf("b", [byApp("a")]), egressAll]);
    expect(lines(reachability(engine, "pod")).filter((line) => line.startsWith("shop/a > shop/b"))).toEqual([
      "shop/a > shop/b: TCP/80",
    ]);
  });

  it("gives two where they differ, and one with its family where only one connects", () => {
    const both = engineOf([
      dual("a", 1),
      dual("b", 2),
      ingressOf("b", [block("10.244.0.1/32"), block("fd00::1/128")], "both"),
      policyObject("six", {
        podSelector: { matchLabels: { app: "b" } },
        ingress: [{ from: [block("fd00::1/128")], ports: [{ port: 443 }] }],
      }),
    ]);
    const between = (engine: Engine): string[] =>
      lines(reachability(engine, "pod")).filter((line) => line.startsWith("shop/a > shop/b"));
    expect(between(both)).toEqual(["shop/a > shop/b: TCP/80 IPv4", "shop/a > shop/b: TCP/80,TCP/443 IPv6"]);
    const one = engineOf([dual("a", 1), dual("b", 2), ingressOf("b", [block("fd00::1/128")])]);
    expect(between(one)).toEqual(["shop/a > shop/b: TCP/80 IPv6"]);
  });

  it("does not tell the family where the other one is not there", () => {
    const engine = engineOf([podObject("a", { addresses: ["10.244.0.1"] }), dual("b", 2)]);
    const between = lines(reachability(engine, "pod")).filter((line) => line.startsWith("shop/a > shop/b"));
    expect(between).toEqual([`shop/a > shop/b: ${ALL}`]);
  });

  it("connects workloads by what any two of their pods may", () => {
    const template = { labels: { app: "web" }, ports: [], hostNetwork: false };
    const engine = engineOf([
      workloadObject("Deployment", "web", { replicas: 3, template }),
      dual("db", 9),
      ingressOf("db", [block("10.244.0.2/32")]),
    ]);
    const { peers } = reachability(engine, "workload");
    expect(peers.slice(0, 2).map(({ id }) => id)).toEqual(["shop/db[Pod]", "shop/web[Deployment]"]);
    expect(lines(reachability(engine, "workload"))).toContain(
      "shop/web[Deployment] > shop/db[Pod]: TCP/80 IPv4",
    );
    const pods = lines(reachability(engine, "pod")).filter((line) => line.includes("> shop/db:"));
    expect(pods.filter((line) => line.startsWith("shop/"))).toEqual(["shop/web-1 > shop/db: TCP/80 IPv4"]);
  });

  it("lets a host-network pod into the pods of its own node only", () => {
    const onNode = (name: string, nodeName: string) => podObject(name, { nodeName });
    const agent = podObject("agent", { nodeName: "n1", hostNetwork: true });
    const engine = engineOf([
      nodeObject("n1", "192.0.2.1"),
      onNode("a", "n1"),
      onNode("b", "n2"),
      agent,
      closed,
    ]);
    const { peers } = reachability(engine, "pod");
    expect(peers.find(({ id }) => id === "shop/agent")?.kind).toBe("node-pod");
    const found = lines(reachability(engine, "pod")).filter((line) => line.startsWith("shop/agent > shop/"));
    expect(found).toEqual([`shop/agent > shop/a: ${ALL}`]);
  });

  it("tells which peers are isolated", () => {
    const engine = engineOf([dual("a", 1), dual("b", 2), ingressOf("b", [])]);
    const isolated = reachability(engine, "pod").peers.map((peer) => "isolated" in peer && peer.isolated);
    expect(isolated.slice(0, 2)).toEqual([
      { ingress: false, egress: false },
      { ingress: true, egress: false },
    ]);
    expect(isIsolated(engine, engine.cluster.pods[1]!, "ingress")).toBe(true);
  });
});
