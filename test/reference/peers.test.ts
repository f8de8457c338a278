import { describe, expect, it } from "vitest";
import { ask } from "./ask.ts";
import { policy, smallCluster } from "./objects.ts";
import type { RawPeer } from "./raw.ts";

const allowing = (...from: RawPeer[]) => smallCluster([policy("shop/p", { ingress: [{ from }] })]);
const web = { matchLabels: { app: "web" } };
const teamB = { matchLabels: { team: "b" } };

describe("peers", () => {
  it("from missing or empty is everyone, a rule {} is everything", () => {
    for (const rule of [{}, { from: [] }, { ports: [] }, { from: [], ports: [] }]) {
      const cluster = smallCluster([policy("shop/p", { ingress: [rule] })]);
      expect(ask(cluster, "ops/web", "shop/db")).toBe(true);
      expect(ask(cluster, "203.0.113.7", "shop/db", "other")).toBe(true);
      expect(ask(cluster, "2001:db8::7", "shop/db", "UDP/53", 6)).toBe(true);
    }
  });

  it("ingress: [] is nobody", () => {
    expect(ask(smallCluster([policy("shop/p", { ingress: [] })]), "shop/web", "shop/db")).toBe(false);
  });

  it("podSelector alone: pods of the policy's own namespace", () => {
    expect(ask(allowing({ podSelector: web }), "shop/web", "shop/db")).toBe(true);
    expect(ask(allowing({ podSelector: web }), "ops/web", "shop/db")).toBe(false);
    expect(ask(allowing({ podSelector: {} }), "ops/web", "shop/db")).toBe(false);
    expect(ask(allowing({ podSelector: {} }), "192.168.5.10", "shop/db")).toBe(false);
  });

  it("podSelector alone in egress: the same own namespace", () => {
    const cluster = smallCluster([policy("ops/p", { egress: [{ to: [{ podSelector: {} }] }] })]);
    expect(ask(cluster, "ops/web", "shop/web")).toBe(false);
  });

  it("namespaceSelector alone: all pods of the matching namespaces, own one only if it matches", () => {
    expect(ask(allowing({ namespaceSelector: teamB }), "ops/web", "shop/db")).toBe(true);
    expect(ask(allowing({ namespaceSelector: teamB }), "shop/web", "shop/db")).toBe(false);
    expect(ask(allowing({ namespaceSelector: {} }), "ops/web", "shop/db")).toBe(true);
    expect(ask(allowing({ namespaceSelector: {} }), "192.168.5.10", "shop/db")).toBe(false);
  });

  it("both in one item: AND; as two items: OR", () => {
    const db = { matchLabels: { app: "db" } };
    expect(ask(allowing({ namespaceSelector: teamB, podSelector: web }), "ops/web", "shop/db")).toBe(true);
    expect(ask(allowing({ namespaceSelector: teamB, podSelector: db }), "ops/web", "shop/web")).toBe(false);
    expect(ask(allowing({ namespaceSelector: teamB, podSelector: web }), "shop/web", "shop/db")).toBe(false);
    expect(ask(allowing({ namespaceSelector: teamB }, { podSelector: db }), "ops/web", "shop/web")).toBe(
      true,
    );
    expect(ask(allowing({ namespaceSelector: teamB }, { podSelector: db }), "shop/db", "shop/web")).toBe(
      true,
    );
  });

  it("every namespace carries its name as a label, defined or not", () => {
    const named = (name: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
    });
    expect(ask(allowing(named("ops")), "ops/web", "shop/db")).toBe(true);
    expect(ask(allowing(named("ops")), "shop/web", "shop/db")).toBe(false);
    const undefinedNamespaces = { ...allowing(named("ops")), namespaces: [] };
    expect(ask(undefinedNamespaces, "ops/web", "shop/db")).toBe(true);
  });

  it("null is absent, as in any API object", () => {
    const peer = { podSelector: web, namespaceSelector: null, ipBlock: null } as unknown as RawPeer;
    expect(ask(allowing(peer), "shop/web", "shop/db")).toBe(true);
    expect(ask(allowing(peer), "ops/web", "shop/db")).toBe(false);
  });

  it("refuses an empty peer, and a block beside a selector", () => {
    expect(() => ask(allowing({}), "shop/web", "shop/db")).toThrow(/not either an ipBlock or selectors/);
    const mixed = { podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } };
    expect(() => ask(allowing(mixed), "shop/web", "shop/db")).toThrow(/not either an ipBlock or selectors/);
  });
});

describe("ipBlock", () => {
  it("matches by address: outside, pods, nodes", () => {
    expect(ask(allowing({ ipBlock: { cidr: "192.168.5.0/24" } }), "192.168.5.10", "shop/db")).toBe(true);
    expect(ask(allowing({ ipBlock: { cidr: "192.168.5.0/24" } }), "192.168.6.10", "shop/db")).toBe(false);
    expect(ask(allowing({ ipBlock: { cidr: "10.244.2.2/32" } }), "ops/web", "shop/db")).toBe(true);
    expect(ask(allowing({ ipBlock: { cidr: "10.244.2.2/32" } }), "shop/web", "shop/db")).toBe(false);
    expect(ask(allowing({ ipBlock: { cidr: "172.18.0.2/32" } }), "172.18.0.2", "shop/db")).toBe(true);
  });

  it("except takes out, of pods too", () => {
    const block = { ipBlock: { cidr: "10.244.0.0/16", except: ["10.244.1.0/24", "10.244.3.0/24"] } };
    expect(ask(allowing(block), "shop/web", "shop/db")).toBe(false);
    expect(ask(allowing(block), "ops/web", "shop/db")).toBe(true);
    expect(ask(allowing(block), "10.244.3.9", "shop/db")).toBe(false);
  });

  it("except of one block does not touch another block or peer of the rule", () => {
    const block = { ipBlock: { cidr: "10.244.0.0/16", except: ["10.244.1.0/24"] } };
    for (const other of [{ ipBlock: { cidr: "10.244.1.0/28" } }, { podSelector: web }]) {
      expect(ask(allowing(block, other), "shop/web", "shop/db")).toBe(true);
      expect(ask(allowing(other, block), "shop/web", "shop/db")).toBe(true);
    }
  });

  it("matches a dual-stack pod by its address of the family", () => {
    const cluster = allowing({ ipBlock: { cidr: "fd00:10:244:1::/64" } });
    expect(ask(cluster, "shop/web", "shop/db", "TCP/80", 6)).toBe(true);
    expect(ask(cluster, "shop/web", "shop/db", "TCP/80", 4)).toBe(false);
    expect(ask(allowing({ ipBlock: { cidr: "0.0.0.0/0" } }), "shop/web", "shop/db", "TCP/80", 6)).toBe(false);
  });
});
