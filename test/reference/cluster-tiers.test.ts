import { describe, expect, it } from "vitest";
import { ask } from "./ask.ts";
import { clusterPolicy, from, tcp, to, withClusterPolicies } from "./cluster-objects.ts";
import { policy, smallCluster } from "./objects.ts";
import type { RawNetworkPolicy } from "./raw.ts";
import type { RawClusterNetworkPolicy } from "./raw-cluster-policy.ts";

const enters = (
  policies: RawClusterNetworkPolicy[],
  networkPolicies: RawNetworkPolicy[] = [],
  what = "TCP/80",
) => ask(withClusterPolicies(smallCluster(networkPolicies), ...policies), "ops/web", "shop/db", what);

const admin = (priority: number, action: "Accept" | "Deny" | "Pass", name = `admin-${priority}`) =>
  clusterPolicy(name, { priority, ingress: [from(action)] });
const baseline = (priority: number, action: "Accept" | "Deny" | "Pass", name = `baseline-${priority}`) =>
  clusterPolicy(name, { tier: "Baseline", priority, ingress: [from(action)] });
const closed = policy("shop/closed", { policyTypes: ["Ingress"] });
const opened = policy("shop/opened", { ingress: [{}] });

describe("tiers", () => {
  it("Admin comes before NetworkPolicy, both ways", () => {
    expect(enters([admin(1, "Accept")], [closed])).toBe(true);
    expect(enters([admin(1, "Deny")], [opened])).toBe(false);
  });

  it("Baseline comes after NetworkPolicy, and is not asked about pods that one isolates", () => {
    expect(enters([baseline(1, "Accept")], [closed])).toBe(false);
    expect(enters([baseline(1, "Deny")], [opened])).toBe(true);
    expect(enters([baseline(1, "Deny")])).toBe(false);
  });

  it("NetworkPolicy is final in its own direction only", () => {
    const egressOnly = policy("shop/egress", { policyTypes: ["Egress"] });
    expect(enters([baseline(1, "Deny")], [egressOnly])).toBe(false);
  });

  it("Admin comes before Baseline, whatever the priorities", () => {
    expect(enters([admin(1000, "Accept"), baseline(0, "Deny")])).toBe(true);
    expect(enters([admin(1000, "Deny"), baseline(0, "Accept")])).toBe(false);
  });

  it("where no rule matches, all is allowed: no policy isolates by being there", () => {
    const empty = [clusterPolicy("a", {}), clusterPolicy("b", { tier: "Baseline", ingress: [], egress: [] })];
    expect(enters(empty)).toBe(true);
    const elsewhere = clusterPolicy("a", { ingress: [from("Accept", { namespaces: {} }, [tcp(443)])] });
    expect(enters([elsewhere])).toBe(true);
  });
});

describe("Pass", () => {
  it("leaves the tier: later rules and policies of it are not asked", () => {
    const rules = [from("Pass"), from("Deny")];
    expect(enters([clusterPolicy("a", { ingress: rules })])).toBe(true);
    expect(enters([admin(1, "Pass"), admin(2, "Deny")])).toBe(true);
  });

  it("in Admin hands over to NetworkPolicy, then to Baseline", () => {
    expect(enters([admin(1, "Pass"), admin(2, "Accept")], [closed])).toBe(false);
    expect(enters([admin(1, "Pass"), admin(2, "Deny")], [opened])).toBe(true);
    expect(enters([admin(1, "Pass"), baseline(1, "Deny")])).toBe(false);
  });

  it("in Baseline ends in allow", () => {
    expect(enters([baseline(1, "Pass"), baseline(2, "Deny")])).toBe(true);
  });

  it("passes only the traffic it matches", () => {
    const some = clusterPolicy("a", { ingress: [from("Pass", undefined, [tcp(80)]), from("Deny")] });
    expect(enters([some], [], "TCP/80")).toBe(true);
    expect(enters([some], [], "TCP/81")).toBe(false);
  });
});

describe("the order within a tier", () => {
  it("is that of priorities, ascending as numbers, however the policies are listed", () => {
    for (const tierOf of [admin, baseline]) {
      expect(enters([tierOf(100, "Accept"), tierOf(20, "Deny"), tierOf(3, "Accept")])).toBe(true);
      expect(enters([tierOf(100, "Accept"), tierOf(20, "Deny")])).toBe(false);
      expect(enters([tierOf(0, "Deny"), tierOf(1, "Accept")])).toBe(false);
    }
  });

  it("of equal priorities is that of names by code units, however the policies are listed", () => {
    for (const tierOf of [admin, baseline]) {
      const both = [tierOf(5, "Deny", "b"), tierOf(5, "Accept", "a")];
      expect(enters(both)).toBe(true);
      expect(enters(both.toReversed())).toBe(true);
      expect(enters([tierOf(5, "Deny", "a"), tierOf(5, "Accept", "a-b"), tierOf(5, "Accept", "b")])).toBe(
        false,
      );
      expect(enters([tierOf(5, "Accept", "p10"), tierOf(5, "Deny", "p9")])).toBe(true);
      expect(enters([tierOf(5, "Accept", "a.b"), tierOf(5, "Deny", "a-b")])).toBe(false);
    }
  });

  it("of rules is as written; the first that matches decides", () => {
    const rules = [from("Accept", undefined, [tcp(80)]), from("Deny"), from("Accept")];
    const one = clusterPolicy("a", { ingress: rules });
    expect(enters([one], [], "TCP/80")).toBe(true);
    expect(enters([one], [], "TCP/81")).toBe(false);
    expect(enters([one], [], "other")).toBe(false);
    expect(enters([clusterPolicy("a", { ingress: rules.toReversed() })], [], "TCP/81")).toBe(true);
  });

  it("skips policies that are not about the pod", () => {
    const other = clusterPolicy("a", {
      priority: 1,
      subject: { namespaces: { matchLabels: { team: "b" } } },
      ingress: [from("Accept")],
    });
    expect(enters([other, admin(2, "Deny")])).toBe(false);
  });
});

describe("directions", () => {
  const cluster = (fields: Parameters<typeof clusterPolicy>[1]) =>
    withClusterPolicies(smallCluster([]), clusterPolicy("a", fields));

  it("are decided apart: an Accept of one side does not open the other", () => {
    const accepting = cluster({ ingress: [from("Accept")], egress: [to("Deny")] });
    expect(ask(accepting, "shop/web", "shop/db")).toBe(false);
    const onlyEgress = cluster({ ingress: [from("Deny")], egress: [to("Accept")] });
    expect(ask(onlyEgress, "shop/web", "shop/db")).toBe(false);
  });

  it("a denied egress is no denied ingress", () => {
    const denying = cluster({
      subject: { namespaces: { matchLabels: { team: "a" } } },
      egress: [to("Deny")],
    });
    expect(ask(denying, "shop/web", "ops/web")).toBe(false);
    expect(ask(denying, "ops/web", "shop/web")).toBe(true);
  });

  it("ingress and egress may be decided in different tiers", () => {
    const egress = clusterPolicy("a", { egress: [to("Accept")] });
    expect(enters([egress], [closed])).toBe(false);
    expect(enters([egress, admin(1, "Accept")], [closed])).toBe(true);
  });
});

describe("what no tier is asked about", () => {
  const all = withClusterPolicies(
    smallCluster([]),
    clusterPolicy("a", {
      ingress: [from("Deny")],
      egress: [to("Deny"), to("Deny", { networks: ["0.0.0.0/0"] })],
    }),
  );

  it("a pod to itself, and a node to its own pods", () => {
    expect(ask(all, "shop/db", "shop/db")).toBe(true);
    expect(ask(all, "172.18.0.3", "shop/db")).toBe(true);
    expect(ask(all, "shop/db", "172.18.0.3")).toBe(false);
  });
});

it("refuses an unknown action and an empty list of peers or protocols", () => {
  const wrong = (rule: object) => () => enters([clusterPolicy("a", { ingress: [rule as never] })]);
  expect(wrong({ action: "Allow", from: [{ namespaces: {} }] })).toThrow(/unknown action "Allow"/);
  expect(wrong({ action: "Deny", from: [] })).toThrow(/without peers/);
  expect(wrong({ action: "Deny", from: [{ namespaces: {} }], protocols: [] })).toThrow(/empty list/);
});
