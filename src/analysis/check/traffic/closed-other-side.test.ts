import { describe, expect, it } from "vitest";
import { buildCluster } from "../../../cluster/build.ts";
import { parseManifests } from "../../../k8s/manifests.ts";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { checkContext } from "../run-checks.ts";
import { closedOtherSide } from "./closed-other-side.ts";
import { policyText } from "./traffic.fixture.ts";

const PODS = ["web", "api", "db"].map((app) => podText(`shop/${app}`, `app: ${app}`)).join("");

const rule = (
  subject: string,
  direction: "ingress" | "egress",
  peers: string,
  ports = "[{port: 3306}]",
): string =>
  policyText(
    `${subject}-${direction}`,
    `podSelector: {matchLabels: {app: ${subject}}}
policyTypes: [${direction === "ingress" ? "Ingress" : "Egress"}]
${direction}:
- ${direction === "ingress" ? "from" : "to"}:
${peers
  .split(" ")
  .map((app) => `  - podSelector: {matchLabels: {app: ${app}}}`)
  .join("\n")}
  ports: ${ports}`,
  );

const DENY = policyText("deny", "podSelector: {}\npolicyTypes: [Ingress, Egress]");

describe("egress-meets-closed-ingress", () => {
  it("tells who is not let in, and by which policy", () => {
    const findings = findingsOf(
      closedOtherSide,
      rule("web", "egress", "db") + rule("db", "ingress", "api") + PODS,
    );
    expect(placesOf(findings)).toEqual(["10:40 warning egress-meets-closed-ingress"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/web-egress",
      message:
        "shop/web may connect to shop/db (1 pod) by this rule, TCP 3306, but the ingress of that pod lets none of it in: nothing passes.",
      help: "Allow it in NetworkPolicy shop/db-ingress too, or take it out here.",
      related: [
        {
          position: { line: 19, column: 3 },
          message: "NetworkPolicy shop/db-ingress isolates the receivers for ingress",
        },
      ],
    });
  });

  it("tells of a default deny, and of a rule of the whole cluster", () => {
    const [denied] = findingsOf(closedOtherSide, rule("web", "egress", "db") + DENY + PODS);
    expect(denied!.help).toBe(
      "But for NetworkPolicy shop/deny, no policy speaks of their ingress: add one that allows it, or take it out here.",
    );
    const admin = `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: guard}
spec:
  tier: Admin
  priority: 1
  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}
  ingress:
  - {action: Deny, from: [{namespaces: {}}]}
`;
    const both = rule("web", "egress", "db") + rule("db", "ingress", "web") + PODS + admin;
    const [guarded] = findingsOf(closedOtherSide, both);
    expect(guarded).toMatchObject({
      help: "ClusterNetworkPolicy guard has the first word: except it there, or take it out here.",
      related: [{ message: "ClusterNetworkPolicy guard denies it" }],
    });
  });

  it("tells once that both sides name each other with other ports", () => {
    const text = rule("web", "egress", "db") + rule("db", "ingress", "web", "[{port: 3307}]") + PODS;
    const [finding, ...others] = findingsOf(closedOtherSide, text);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: "egress-meets-closed-ingress",
      severity: "warning",
      help: "NetworkPolicy shop/db-ingress lets them in, TCP 3307: write on both sides the port that the pods listen on.",
    });
    expect(finding!.related![0]).toMatchObject({
      position: { line: 21, column: 40 },
      message: "here they are let in, TCP 3307",
    });
  });

  it("is an info where other peers of the rule are of use", () => {
    const text = rule("web", "egress", "db api") + rule("db", "ingress", "api") + PODS;
    expect(placesOf(findingsOf(closedOtherSide, text))).toEqual(["10:40 info egress-meets-closed-ingress"]);
  });

  it("is told once for all whom one policy keeps out", () => {
    const text =
      rule("web", "egress", "db") + rule("api", "egress", "db") + rule("db", "ingress", "other") + PODS;
    const findings = findingsOf(closedOtherSide, text);
    expect(findings).toHaveLength(1);
    expect(findings[0]!.message).toMatch(/ So it is with 1 other peer of other rules\.$/);
    expect(findings[0]!.related).toHaveLength(2);
  });
});

describe("ingress-meets-closed-egress", () => {
  it("tells who does not get out, and by which policy", () => {
    const findings = findingsOf(
      closedOtherSide,
      rule("db", "ingress", "web") + rule("web", "egress", "api") + DENY + PODS,
    );
    expect(placesOf(findings)).toContain("10:40 warning ingress-meets-closed-egress");
    expect(findings.find(({ code }) => code === "ingress-meets-closed-egress")).toMatchObject({
      object: "NetworkPolicy shop/db-ingress",
      message:
        "shop/web (1 pod) may come in by this rule, TCP 3306, but the egress of that pod lets none of it out to shop/db: nothing passes.",
      help: "Allow it in NetworkPolicy shop/web-egress too, or take it out here.",
      related: [
        { position: { line: 19 }, message: "NetworkPolicy shop/web-egress isolates the senders for egress" },
      ],
    });
  });
});

describe("the other side", () => {
  it.each([
    ["both sides", rule("web", "egress", "db") + rule("db", "ingress", "web") + DENY + PODS],
    [
      "a part of the ports",
      rule("web", "egress", "db", "[{port: 1}, {port: 2}]") +
        rule("db", "ingress", "web", "[{port: 2}]") +
        PODS,
    ],
    ["an open other side", rule("web", "egress", "db") + PODS],
    [
      "one of several pods that is let in",
      rule("web", "egress", "db") +
        rule("db", "ingress", "web") +
        PODS +
        podText("shop/w2", "app: web, no: one"),
    ],
    ["a peer that is not there", rule("web", "egress", "gone") + DENY + PODS],
    ["a subject that is not there", rule("gone", "egress", "db") + DENY + PODS],
    [
      "every pod of a namespace",
      policyText("all", "podSelector: {matchLabels: {app: web}}\negress: [{to: [{podSelector: {}}]}]") +
        DENY +
        PODS,
    ],
    ["a pod alone with itself", rule("db", "ingress", "db") + DENY + PODS],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(closedOtherSide, text)).toEqual([]);
  });

  it("says nothing where a policy could not be read: what is wrong with it was told", () => {
    const broken = rule("db", "ingress", "api").replace("port: 3306", "port: 99999");
    const { objects, findings } = parseManifests([
      { file: "input.yaml", text: rule("web", "egress", "db") + broken + PODS },
    ]);
    expect(findings).toMatchObject([{ code: "bad-port" }]);
    const context = checkContext({
      cluster: buildCluster(objects).cluster,
      declaredNamespaces: new Map(),
      everything: false,
    });
    expect([...closedOtherSide.run(context)]).toEqual([]);
  });

  it("says nothing where a rule denies that only a newer API knows", () => {
    const newer = `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: newer}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  ingress:
  - {action: Pass, from: [{namespaces: {}}], protocols: [{icmp: {type: 8}}]}
`;
    const both = rule("web", "egress", "db") + rule("db", "ingress", "web") + PODS;
    expect(findingsOf(closedOtherSide, both + newer)).toEqual([]);
  });
});
