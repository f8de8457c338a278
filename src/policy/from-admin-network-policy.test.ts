import { describe, expect, it } from "vitest";
import { adminPolicyObject, baselinePolicyObject } from "../cluster/objects.fixture.ts";
import type { AdminNetworkPolicyAction, AdminNetworkPolicyPort } from "../k8s/objects.ts";
import { portSetTokens } from "../net/port-set.ts";
import {
  BASELINE_ADMIN_PRIORITY,
  fromAdminNetworkPolicy,
  fromBaselineAdminNetworkPolicy,
} from "./from-admin-network-policy.ts";
import type { Action, Rule } from "./policy.ts";

const EVERYONE = [{ namespaces: {} }];

function ruleWith(
  ports: readonly AdminNetworkPolicyPort[],
  action: AdminNetworkPolicyAction = "Allow",
): Rule {
  return fromAdminNetworkPolicy(adminPolicyObject("p", { ingress: [{ action, from: EVERYONE, ports }] }))
    .rules.ingress[0]!;
}

describe("an AdminNetworkPolicy", () => {
  it("is of the tier Admin, with its priority", () => {
    expect(fromAdminNetworkPolicy(adminPolicyObject("p", { priority: 7 }))).toMatchObject({
      kind: "AdminNetworkPolicy",
      id: "p",
      tier: "Admin",
      priority: 7,
      isolates: { ingress: false, egress: false },
      broken: false,
    });
  });

  it.each<[AdminNetworkPolicyAction, Action]>([
    ["Allow", "Accept"],
    ["Deny", "Deny"],
    ["Pass", "Pass"],
  ])("%s is %s", (action, expected) => {
    const policy = fromAdminNetworkPolicy(adminPolicyObject("p", { egress: [{ action, to: EVERYONE }] }));
    expect(policy.rules.egress[0]!.action).toBe(expected);
  });

  it.each<[AdminNetworkPolicyPort, string]>([
    [{ portNumber: { port: 80 } }, "TCP/80"],
    [{ portNumber: { protocol: "SCTP", port: 80 } }, "SCTP/80"],
    [{ portRange: { start: 80, end: 90 } }, "TCP/80-90"],
    [{ portRange: { protocol: "UDP", start: 53, end: 53 } }, "UDP/53"],
  ])("port %j is %s", (port, token) => {
    const { ports } = ruleWith([port]);
    if (ports === "all") throw new Error("a port was lost");
    expect(ports.map((match) => match.kind === "numbers" && portSetTokens(match.ports))).toEqual([[token]]);
    expect(ports[0]!.path).toEqual(["spec", "ingress", 0, "ports", 0]);
  });

  it("means a named port for any protocol", () => {
    expect(ruleWith([{ namedPort: "web" }]).ports).toMatchObject([
      { kind: "name", protocol: "any", name: "web" },
    ]);
  });

  it("fails closed with a port that is not known", () => {
    const failsClosed = ["spec", "ingress", 0, "ports", 0];
    expect(ruleWith([{}])).toMatchObject({ action: "Accept", peers: [], failsClosed });
    expect(ruleWith([{}], "Pass")).toMatchObject({
      action: "Deny",
      peers: "everyone",
      ports: "all",
      failsClosed,
    });
  });

  it("closes its subject when broken", () => {
    const broken = { ...adminPolicyObject("p"), broken: true, closes: ["ingress" as const] };
    const { rules } = fromAdminNetworkPolicy(broken);
    expect(rules.ingress).toMatchObject([{ action: "Deny", peers: "everyone", failsClosed: ["spec"] }]);
    expect(rules.egress).toEqual([]);
  });
});

describe("the BaselineAdminNetworkPolicy", () => {
  it("comes after every ClusterNetworkPolicy of the tier Baseline", () => {
    expect(BASELINE_ADMIN_PRIORITY).toBeGreaterThan(1000);
    expect(fromBaselineAdminNetworkPolicy(baselinePolicyObject())).toMatchObject({
      kind: "BaselineAdminNetworkPolicy",
      id: "default",
      tier: "Baseline",
      priority: BASELINE_ADMIN_PRIORITY,
    });
  });

  it("has its rules in their order", () => {
    const { rules } = fromBaselineAdminNetworkPolicy(
      baselinePolicyObject({
        ingress: [
          { name: "a", action: "Allow", from: EVERYONE },
          { name: "b", action: "Deny", from: EVERYONE },
        ],
      }),
    );
    expect(rules.ingress).toMatchObject([
      { name: "a", action: "Accept", index: 0 },
      { name: "b", action: "Deny", index: 1 },
    ]);
  });
});
