import { describe, expect, it } from "vitest";
import {
  adminPolicyObject,
  baselinePolicyObject,
  clusterPolicyObject,
  policyObject,
} from "../cluster/objects.fixture.ts";
import type {
  ClusterNetworkPolicy,
  ClusterNetworkPolicyEgressRule,
  ClusterNetworkPolicyIngressRule,
  ClusterPolicyPeer,
  NetworkPolicy,
} from "../k8s/objects.ts";
import type { Traffic } from "../net/port-set.ts";
import { ask, engineOf, OUTSIDE, SQL } from "./explain.fixture.ts";
import type { SideExplanation } from "./explain.ts";
import { isTied } from "./explain-tiers.ts";
import type { RuleReading } from "./rule-reading.ts";

type Action = "Accept" | "Deny" | "Pass";

const EVERY_POD: ClusterPolicyPeer = { namespaces: {} };
const HTTP = { tcp: { destinationPort: { number: 80 } } };
const podsOf = (app: string): ClusterPolicyPeer => ({
  pods: { namespaceSelector: {}, podSelector: { matchLabels: { app } } },
});

function from(action: Action, peer = EVERY_POD, more: object = {}): ClusterNetworkPolicyIngressRule {
  return { action, from: [peer], ...more };
}

function to(action: Action, peer = EVERY_POD, more: object = {}): ClusterNetworkPolicyEgressRule {
  return { action, to: [peer], ...more };
}

function admin(name: string, ...ingress: ClusterNetworkPolicyIngressRule[]): ClusterNetworkPolicy {
  return clusterPolicyObject(name, { ingress });
}

function baseline(...ingress: ClusterNetworkPolicyIngressRule[]): ClusterNetworkPolicy {
  return clusterPolicyObject("base", { tier: "Baseline", ingress });
}

const closed = policyObject("closed", { policyTypes: ["Ingress"] });
const opened = policyObject("opened", { ingress: [{}] });

/** What enters shop/db from shop/web. */
function entering(...policies: readonly (NetworkPolicy | ClusterNetworkPolicy)[]): SideExplanation {
  return ask(engineOf(...policies), "shop/web", "shop/db").ingress;
}

/** What leaves shop/web. */
function leaving(
  rules: ClusterNetworkPolicyEgressRule[],
  target: string,
  traffic?: Traffic,
): SideExplanation {
  return ask(engineOf(clusterPolicyObject("a", { egress: rules })), "shop/web", target, traffic).egress;
}

function outcomes({ tiers }: SideExplanation): string {
  return tiers.map(({ outcome }) => outcome).join(" ");
}

function names(readings: readonly RuleReading[]): string[] {
  return readings.map(({ policy, rule }) => `${policy.id} ${rule.index}`);
}

describe("the walk through the tiers", () => {
  it("ends in Admin where a rule accepts or denies, whatever a NetworkPolicy says", () => {
    const accepted = entering(admin("a", from("Accept")), closed, baseline(from("Deny")));
    expect(outcomes(accepted)).toBe("accepted not-asked not-asked");
    expect(accepted).toMatchObject({ allowed: true, reason: "accepted", ifPassed: false });
    expect(accepted.allowedBy?.policy.id).toBe("a");
    expect(accepted.isolatedBy.map(({ id }) => id)).toEqual(["shop/closed"]);
    const denied = entering(admin("a", from("Deny")), opened);
    expect(outcomes(denied)).toBe("denied not-asked no-policy");
    expect(denied).toMatchObject({ allowed: false, reason: "denied", ifPassed: true });
    expect(denied.deniedBy?.policy.id).toBe("a");
  });

  it("says what would follow in Baseline if Admin passed it on", () => {
    expect(entering(admin("a", from("Deny")), baseline(from("Deny"))).ifPassed).toBe(false);
    expect(entering(admin("a", from("Deny")), baseline(from("Accept"))).ifPassed).toBe(true);
    expect(entering(admin("a", from("Deny"))).ifPassed).toBe(true);
  });

  it("goes on where a rule passes, or none matches", () => {
    const passed = entering(admin("a", from("Pass"), from("Accept")), admin("b", from("Accept")), closed);
    expect(outcomes(passed)).toBe("passed denied no-policy");
    expect(passed).toMatchObject({ allowed: false, reason: "no-rule" });
    expect(passed.ifPassed).toBeUndefined();
    const silent = entering(admin("a", from("Deny", podsOf("api"))), opened, baseline(from("Deny")));
    expect(outcomes(silent)).toBe("no-rule accepted not-asked");
    expect(silent).toMatchObject({ allowed: true, reason: "rule" });
  });

  it("reaches Baseline only without isolation, and after it all is open", () => {
    const denied = entering(admin("a", from("Pass")), baseline(from("Deny")));
    expect(outcomes(denied)).toBe("passed no-policy denied");
    expect(denied).toMatchObject({ allowed: false, reason: "denied", isolatedBy: [] });
    const open = entering(admin("a", from("Deny", podsOf("api"))), baseline(from("Deny", podsOf("api"))));
    expect(outcomes(open)).toBe("no-rule no-policy no-rule");
    expect(open).toMatchObject({ allowed: true, reason: "open", missed: [] });
    expect(outcomes(entering(baseline(from("Pass"), from("Deny"))))).toBe("no-policy no-policy passed");
  });

  it("leaves out policies that are not about the pod, or have no rule for the direction", () => {
    const elsewhere = clusterPolicyObject("a", {
      subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: "api" } } } },
      ingress: [from("Deny")],
    });
    const otherDirection = clusterPolicyObject("b", { egress: [to("Deny", podsOf("api"))] });
    const side = entering(elsewhere, otherDirection);
    expect(outcomes(side)).toBe("no-policy no-policy no-policy");
    expect(side.reason).toBe("open");
  });

  it("is not begun where no policy is asked", () => {
    const engine = engineOf(clusterPolicyObject("a", { ingress: [from("Deny")], egress: [to("Deny")] }));
    expect(ask(engine, "shop/db", "shop/db").ingress).toMatchObject({ reason: "self", tiers: [] });
    expect(ask(engine, "shop/agent", "shop/db").egress).toMatchObject({ reason: "host-network", tiers: [] });
    expect(ask(engine, "192.0.2.1", "shop/db").ingress).toMatchObject({ reason: "own-node", tiers: [] });
  });

  it("takes the older kinds for what they are, the baseline of the older kind last", () => {
    const older = adminPolicyObject("old", {
      priority: 5,
      ingress: [{ action: "Allow", from: [EVERY_POD], ports: [{ namedPort: "sql" }] }],
    });
    const engine = engineOf(admin("a", from("Deny")), older);
    expect(names([ask(engine, "shop/web", "shop/db").ingress.allowedBy!])).toEqual(["old 0"]);
    const default_ = baselinePolicyObject({ ingress: [{ action: "Deny", from: [EVERY_POD] }] });
    const last = ask(
      engineOf(baseline(from("Accept", EVERY_POD, { protocols: [HTTP] })), default_),
      "shop/web",
      "shop/db",
    );
    expect(names([last.ingress.deniedBy!])).toEqual(["default 0"]);
    expect(names(last.ingress.missed)).toEqual(["base 0"]);
  });
});

describe("what might have been", () => {
  it("is each Accept and Pass rule before the one that denies, the nearest first", () => {
    const { tiers, missed } = entering(
      admin(
        "a",
        from("Accept", podsOf("api"), { protocols: [HTTP] }),
        from("Deny", podsOf("api")),
        from("Pass", podsOf("api")),
      ),
      admin("b", from("Accept", EVERY_POD, { protocols: [HTTP] }), from("Deny"), from("Accept")),
    );
    expect(names(missed)).toEqual(["b 0", "a 2", "a 0"]);
    expect(names(tiers[0]!.missed)).toEqual(["b 0", "a 1", "a 2", "a 0"]);
  });

  it("is a rule that comes too late, or only by its name", () => {
    const late = clusterPolicyObject("aa", { priority: 11, ingress: [from("Pass"), from("Accept")] });
    const [step] = entering(
      admin("b", from("Deny"), from("Deny"), from("Accept")),
      admin("c", from("Deny"), from("Accept")),
      admin("d", from("Accept"), from("Deny")),
      late,
    ).tiers;
    expect(names(step!.overruled)).toEqual(["b 2", "d 0", "aa 0"]);
    expect(step!.overruled.map((reading) => isTied(reading, step!))).toEqual([false, true, false]);
  });
});

describe("a rule that fails closed", () => {
  it("matches nobody if it accepts, and denies everything otherwise", () => {
    const newer = {} as ClusterPolicyPeer;
    const accept = entering(admin("a", from("Accept", newer), from("Deny")));
    expect(accept.missed[0]).toMatchObject({ peerMatches: false, peerMisses: [] });
    expect(accept.missed[0]!.rule.failsClosed).toEqual(["spec", "ingress", 0, "from", 0]);
    const pass = entering(admin("a", from("Pass", newer, { protocols: [HTTP] }), from("Accept")));
    expect(pass).toMatchObject({ allowed: false, reason: "denied" });
    expect(pass.deniedBy?.rule).toMatchObject({ index: 0, action: "Deny", failsClosed: expect.anything() });
  });

  it("stands for a policy with errors", () => {
    const side = entering({ ...admin("a"), broken: true, closes: ["ingress"] });
    expect(side.reason).toBe("denied");
    expect(side.deniedBy?.policy.broken).toBe(true);
  });
});

describe("peers of cluster-wide policies", () => {
  const nodes: ClusterPolicyPeer = { nodes: { matchLabels: { role: "worker" } } };

  it.each<[string, ClusterPolicyPeer, string, object]>([
    ["a node with other labels", nodes, "192.0.2.2", { why: "node-labels", node: "n2" }],
    ["an address of no node", nodes, OUTSIDE, { why: "not-a-node" }],
    ["a pod that is no node", nodes, "shop/db", { why: "not-a-node" }],
    ["a pod on the network of its node", nodes, "shop/agent", { why: "node-labels", node: "n2" }],
    ["a name that nobody resolves", { domainNames: ["example.org"] }, OUTSIDE, { why: "unresolved" }],
    ["another network", { networks: ["198.51.100.0/24"] }, OUTSIDE, { why: "outside-block" }],
    ["a pod with other labels", podsOf("api"), "shop/db", { why: "pod-labels" }],
    [
      "another namespace",
      { namespaces: { matchLabels: { team: "day" } } },
      "ops/job",
      { why: "namespace-labels" },
    ],
    ["no pod", EVERY_POD, OUTSIDE, { why: "not-a-pod" }],
  ])("miss %s", (_, peer, target, miss) => {
    const side = leaving([to("Accept", peer), to("Deny", { networks: ["0.0.0.0/0"] })], target);
    expect(side.reason).toBe("denied");
    expect(side.missed.map(({ peerMisses }) => peerMisses)).toMatchObject([[miss]]);
  });

  it("match nodes by their addresses, and addresses of pods", () => {
    const deny = to("Deny", { networks: ["0.0.0.0/0"] });
    expect(leaving([to("Accept", nodes), deny], "192.0.2.1").reason).toBe("accepted");
    expect(leaving([to("Accept", { networks: ["10.244.0.1/32"] }), deny], "shop/db").reason).toBe("accepted");
  });

  it.each<[string, Traffic, object]>([
    ["another port", { protocol: "TCP", port: 80 }, { why: "number" }],
    ["another protocol", { protocol: "UDP", port: 5432 }, { why: "number" }],
    ["no port", { protocol: "other" }, { why: "protocol" }],
  ])("have ports named for every protocol, which miss %s", (_, traffic, miss) => {
    const rules = [to("Accept", EVERY_POD, { protocols: [{ destinationNamedPort: "sql" }] }), to("Deny")];
    expect(leaving(rules, "shop/db", SQL).reason).toBe("accepted");
    expect(leaving(rules, "shop/db", traffic).missed[0]!.portMisses).toMatchObject([miss]);
    expect(leaving(rules, "ops/job", SQL).missed[0]!.portMisses).toMatchObject([{ why: "name-unknown" }]);
  });
});
