import { describe, expect, it } from "vitest";
import { ask } from "./ask.ts";
import {
  ALL_ADDRESSES,
  adminFrom,
  adminPolicy,
  adminTo,
  baselineAdminPolicy,
  clusterPolicy,
  from,
  withClusterPolicies,
} from "./cluster-objects.ts";
import { type PodFields, policy, smallCluster } from "./objects.ts";
import type { RawNetworkPolicy } from "./raw.ts";
import type { RawAdminPort } from "./raw-cluster-policy.ts";

type Policies = Parameters<typeof withClusterPolicies> extends [unknown, ...infer Rest] ? Rest : never;

const enters = (policies: Policies, networkPolicies: RawNetworkPolicy[] = [], what = "TCP/80") =>
  ask(withClusterPolicies(smallCluster(networkPolicies), ...policies), "ops/web", "shop/db", what);
const closed = policy("shop/closed", { policyTypes: ["Ingress"] });
const opened = policy("shop/opened", { ingress: [{}] });

describe("AdminNetworkPolicy", () => {
  it("Allow and Deny overrule NetworkPolicy, Pass leaves it to decide", () => {
    const acting = (action: "Allow" | "Deny" | "Pass") => adminPolicy("a", { ingress: [adminFrom(action)] });
    expect(enters([acting("Allow")], [closed])).toBe(true);
    expect(enters([acting("Deny")], [opened])).toBe(false);
    expect(enters([acting("Pass")], [closed])).toBe(false);
    expect(enters([acting("Pass"), adminPolicy("b", { ingress: [adminFrom("Deny")] })], [opened])).toBe(true);
  });

  it("is ordered together with ClusterNetworkPolicies: by priority, then by name", () => {
    const older = (name: string, priority: number) =>
      adminPolicy(name, { priority, ingress: [adminFrom("Deny")] });
    const newer = (name: string, priority: number) =>
      clusterPolicy(name, { priority, ingress: [from("Accept")] });
    expect(enters([newer("a", 20), older("b", 10)])).toBe(false);
    expect(enters([older("a", 20), newer("b", 10)])).toBe(true);
    expect(enters([older("b", 10), newer("a", 10)])).toBe(true);
    expect(enters([newer("b", 10), older("a", 10)])).toBe(false);
    expect(enters([newer("same", 10), older("same", 10)])).toBe(false);
  });

  it("knows the egress peers, and rules decide in their order", () => {
    const egress = [
      adminTo("Allow", { networks: ["192.168.5.10/32"] }),
      adminTo("Deny", { nodes: {} }),
      adminTo("Allow", { domainNames: ["example.com"] }),
      adminTo("Deny", { networks: ["192.168.0.0/16"] }),
    ];
    const cluster = withClusterPolicies(smallCluster([]), adminPolicy("a", { egress }));
    const reached = ["192.168.5.10", "192.168.5.11", "172.18.0.2", "203.0.113.7"];
    expect(reached.filter((end) => ask(cluster, "shop/db", end))).toEqual(["192.168.5.10", "203.0.113.7"]);
  });
});

describe("BaselineAdminNetworkPolicy", () => {
  const deny = baselineAdminPolicy({ ingress: [adminFrom("Deny")] });

  it("is asked where NetworkPolicy is silent", () => {
    expect(enters([deny])).toBe(false);
    expect(enters([deny], [opened])).toBe(true);
    expect(enters([baselineAdminPolicy({ ingress: [adminFrom("Allow")] })], [closed])).toBe(false);
  });

  it("comes after every ClusterNetworkPolicy of Baseline, whose Pass leaves it out too", () => {
    const last = (action: "Accept" | "Deny" | "Pass") =>
      clusterPolicy("zzz", { tier: "Baseline", priority: 1000, ingress: [from(action)] });
    expect(enters([deny, last("Accept")])).toBe(true);
    expect(enters([deny, last("Pass")])).toBe(true);
    expect(enters([baselineAdminPolicy({ ingress: [adminFrom("Allow")] }), last("Deny")])).toBe(false);
  });

  it("refuses Pass", () => {
    expect(() => enters([baselineAdminPolicy({ ingress: [adminFrom("Pass")] })])).toThrow(
      /the action "Pass" in tier Baseline/,
    );
  });
});

describe("ports", () => {
  const denied = (ports: RawAdminPort[] | undefined, asked: readonly string[], db: PodFields = {}) => {
    const policies = [adminPolicy("a", { ingress: [adminFrom("Deny", undefined, ports)] })];
    const cluster = withClusterPolicies(smallCluster([], [], db), ...policies);
    return asked.filter((what) => !ask(cluster, "ops/web", "shop/db", what));
  };
  const some = ["TCP/80", "TCP/81", "UDP/80", "SCTP/80", "other"];

  it("absent or empty: all traffic", () => {
    expect(denied(undefined, some)).toEqual(some);
    expect(denied([], some)).toEqual(some);
  });

  it("portNumber and portRange: of their protocol, TCP unless they say", () => {
    expect(denied([{ portNumber: { port: 80 } }], some)).toEqual(["TCP/80"]);
    expect(denied([{ portNumber: { protocol: "SCTP", port: 80 } }], some)).toEqual(["SCTP/80"]);
    expect(denied([{ portRange: { start: 80, end: 81 } }], some)).toEqual(["TCP/80", "TCP/81"]);
    expect(denied([{ portRange: { protocol: "UDP", start: 1, end: 80 } }], some)).toEqual(["UDP/80"]);
  });

  it("namedPort: by name, of any protocol, on the destination", () => {
    const ports = [
      { name: "web", containerPort: 80, protocol: "UDP" as const },
      { name: "other", containerPort: 80 },
    ];
    expect(denied([{ namedPort: "web" }], some, { ports })).toEqual(["UDP/80"]);
  });

  it("are OR", () => {
    const ports = [{ portNumber: { port: 81 } }, { portNumber: { protocol: "UDP" as const, port: 80 } }];
    expect(denied(ports, some)).toEqual(["TCP/81", "UDP/80"]);
  });

  it("refuses several fields", () => {
    expect(() => denied([{ namedPort: "web", portNumber: { port: 1 } }], ["TCP/1"])).toThrow(
      /several fields/,
    );
  });
});

describe("what is unknown fails closed", () => {
  it.each([
    adminFrom("Deny", {}, [{ portNumber: { port: 81 } }]),
    adminFrom("Pass", { newer: {} }),
    adminFrom("Deny", undefined, [{ portService: "x" }]),
    adminFrom("Deny", ALL_ADDRESSES),
  ])("%j denies all", (rule) => {
    expect(enters([adminPolicy("a", { ingress: [rule] })])).toBe(false);
    expect(enters([adminPolicy("a", { ingress: [rule] })], [], "other")).toBe(false);
  });

  it("an Allow with it matches nothing", () => {
    const rule = { ...adminFrom("Allow"), from: [{ namespaces: {} }, {}] };
    expect(enters([adminPolicy("a", { ingress: [rule] })], [closed])).toBe(false);
    expect(enters([baselineAdminPolicy({ ingress: [rule, adminFrom("Deny")] })])).toBe(false);
  });
});
