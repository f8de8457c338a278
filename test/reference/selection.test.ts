import { describe, expect, it } from "vitest";
import { ask } from "./ask.ts";
import { policyTypes } from "./network-policy.ts";
import { policy, smallCluster } from "./objects.ts";
import type { Direction, RawNetworkPolicySpec } from "./raw.ts";

const spec = (fields: Partial<RawNetworkPolicySpec>) => ({ podSelector: {}, ...fields });

describe("policyTypes", () => {
  it("missing or empty: Ingress, and Egress only with an egress rule", () => {
    expect(policyTypes(spec({}))).toEqual(["Ingress"]);
    expect(policyTypes(spec({ policyTypes: [] }))).toEqual(["Ingress"]);
    expect(policyTypes(spec({ egress: [] }))).toEqual(["Ingress"]);
    expect(policyTypes(spec({ egress: [{}] }))).toEqual(["Ingress", "Egress"]);
    expect(policyTypes(spec({ policyTypes: [], egress: [{}] }))).toEqual(["Ingress", "Egress"]);
  });

  it("written: exactly those", () => {
    expect(policyTypes(spec({ policyTypes: ["Egress"], ingress: [{}] }))).toEqual(["Egress"]);
    expect(policyTypes(spec({ policyTypes: ["Ingress"], egress: [{}] }))).toEqual(["Ingress"]);
  });
});

describe("isolation", () => {
  const both: Direction[] = ["Ingress", "Egress"];

  it("a pod that no policy selects is open", () => {
    expect(ask(smallCluster([]), "shop/web", "shop/db")).toBe(true);
    expect(ask(smallCluster([]), "192.168.5.10", "shop/db", "other")).toBe(true);
  });

  it("an empty podSelector selects the whole namespace of the policy, and no other", () => {
    const cluster = smallCluster([policy("shop/deny", { policyTypes: both })]);
    expect(ask(cluster, "ops/web", "shop/web")).toBe(false);
    expect(ask(cluster, "ops/web", "shop/db")).toBe(false);
    expect(ask(cluster, "shop/db", "192.168.5.10")).toBe(false);
    expect(ask(cluster, "192.168.5.10", "ops/web")).toBe(true);
  });

  it("isolates only the pods it selects", () => {
    const cluster = smallCluster([policy("shop/deny", { podSelector: { matchLabels: { app: "db" } } })]);
    expect(ask(cluster, "ops/web", "shop/db")).toBe(false);
    expect(ask(cluster, "shop/db", "shop/web")).toBe(true);
  });

  it("isolates only in its directions", () => {
    const ingress = smallCluster([policy("shop/deny", { policyTypes: ["Ingress"] })]);
    expect(ask(ingress, "shop/db", "ops/web")).toBe(true);
    expect(ask(ingress, "ops/web", "shop/db")).toBe(false);
    const egress = smallCluster([policy("shop/deny", { policyTypes: ["Egress"] })]);
    expect(ask(egress, "shop/db", "ops/web")).toBe(false);
    expect(ask(egress, "ops/web", "shop/db")).toBe(true);
  });

  it("egress: [] without policyTypes isolates nothing for egress", () => {
    expect(ask(smallCluster([policy("shop/p", { egress: [] })]), "shop/db", "ops/web")).toBe(true);
    const ruled = smallCluster([
      policy("shop/p", { egress: [{ to: [{ ipBlock: { cidr: "192.168.5.0/24" } }] }] }),
    ]);
    expect(ask(ruled, "shop/db", "ops/web")).toBe(false);
    expect(ask(ruled, "shop/db", "192.168.5.10")).toBe(true);
  });

  it("ignores rules of a direction that policyTypes leaves out", () => {
    const cluster = smallCluster([
      policy("shop/deny", { policyTypes: ["Ingress"] }),
      policy("shop/egress", { policyTypes: ["Egress"], ingress: [{}], egress: [{}] }),
    ]);
    expect(ask(cluster, "ops/web", "shop/db")).toBe(false);
  });

  it("policies only add, in any order", () => {
    const policies = [
      policy("shop/deny", { policyTypes: ["Ingress"] }),
      policy("shop/allow", { ingress: [{ ports: [{ port: 80 }] }] }),
    ];
    for (const order of [policies, [...policies].reverse()]) {
      expect(ask(smallCluster(order), "ops/web", "shop/db", "TCP/80")).toBe(true);
      expect(ask(smallCluster(order), "ops/web", "shop/db", "TCP/81")).toBe(false);
    }
  });

  it("a connection needs egress of the source and ingress of the destination", () => {
    const egress = policy("shop/egress", { podSelector: { matchLabels: { app: "web" } }, egress: [{}] });
    const ingress = policy("shop/ingress", { podSelector: { matchLabels: { app: "db" } } });
    expect(ask(smallCluster([egress]), "shop/web", "shop/db")).toBe(true);
    expect(ask(smallCluster([egress, ingress]), "shop/web", "shop/db")).toBe(false);
    const noEgress = policy("shop/egress", {
      podSelector: { matchLabels: { app: "web" } },
      policyTypes: ["Egress"],
    });
    const anyIngress = policy("shop/ingress", { podSelector: { matchLabels: { app: "db" } }, ingress: [{}] });
    expect(ask(smallCluster([noEgress, anyIngress]), "shop/web", "shop/db")).toBe(false);
  });
});
