import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../check.fixture.ts";
import { policyTypesMissingEgress } from "./policy-types-missing-egress.ts";

const PODS = podText("shop/api-1", "app: api") + podText("shop/api-2", "app: api, v: two");

const policy = (rest: string, name = "api-egress"): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: ${name}}
spec:
  podSelector: {matchLabels: {app: api}}
  ${rest}
`;

const EGRESS = "egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]";

const DEFAULT_DENY = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: default-deny}
spec: {podSelector: {}, policyTypes: [Ingress]}
`;

describe("policy-types-missing-egress", () => {
  it("tells that nobody gets in any more, and how to leave ingress alone", () => {
    const findings = findingsOf(policyTypesMissingEgress, policy(EGRESS) + PODS);
    expect(placesOf(findings)).toEqual(["6:3 warning policy-types-missing-egress"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/api-egress",
      message:
        "policyTypes is missing, so this policy is about ingress too and has no rule for it: nobody can connect to shop/api-1 and shop/api-2 (2 pods today) any more, not even from its own namespace.",
      fix: {
        safe: false,
        edits: [{ kind: "add-field", at: { line: 5, column: 3 }, name: "policyTypes", value: ["Egress"] }],
      },
    });
  });

  it("tells that the types are empty, not missing", () => {
    const [finding] = findingsOf(policyTypesMissingEgress, policy(`policyTypes: []\n  ${EGRESS}`) + PODS);
    expect(finding!.message).toMatch(/^policyTypes is empty, so this policy is about ingress too/);
  });

  it("names only the pods that no other policy isolates", () => {
    const other = DEFAULT_DENY.replace("podSelector: {}", "podSelector: {matchLabels: {v: two}}");
    const [finding] = findingsOf(policyTypesMissingEgress, policy(EGRESS) + other + PODS);
    expect(finding!.severity).toBe("warning");
    expect(finding!.message).toMatch(/nobody can connect to shop\/api-1 \(1 pod today\) any more/);
  });

  it("is an info where others isolate the pods for ingress already", () => {
    const findings = findingsOf(policyTypesMissingEgress, policy(EGRESS) + DEFAULT_DENY + PODS);
    expect(placesOf(findings)).toEqual(["6:3 info policy-types-missing-egress"]);
    expect(findings[0]!.message).toMatch(/who gets in does not change by it\.$/);
  });

  it("is an info where no pods are shown, and others isolate the namespace", () => {
    const findings = findingsOf(policyTypesMissingEgress, policy(EGRESS) + DEFAULT_DENY);
    expect(placesOf(findings)).toEqual(["6:3 info policy-types-missing-egress"]);
    const elsewhere = policy(EGRESS) + DEFAULT_DENY.replace("namespace: shop", "namespace: bank");
    expect(placesOf(findingsOf(policyTypesMissingEgress, elsewhere))).toEqual([
      "6:3 warning policy-types-missing-egress",
    ]);
  });

  it("does not excuse one such policy with another", () => {
    const twice = `${policy(EGRESS)}---\n${policy(EGRESS, "api-more")}${PODS}`;
    expect(placesOf(findingsOf(policyTypesMissingEgress, twice))).toEqual([
      "6:3 warning policy-types-missing-egress",
      "13:3 warning policy-types-missing-egress",
    ]);
  });

  it("is an info where the name says that the policy closes", () => {
    expect(placesOf(findingsOf(policyTypesMissingEgress, policy(EGRESS, "default-deny") + PODS))).toEqual([
      "6:3 info policy-types-missing-egress",
    ]);
  });

  it("leaves out whom a policy of the whole cluster lets in", () => {
    const admin = `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: monitoring}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  ingress: [{action: Accept, from: [{namespaces: {matchLabels: {team: ops}}}]}]
`;
    expect(
      findingsOf(
        policyTypesMissingEgress,
        policy(EGRESS) + admin + namespaceText("ops", "team: ops") + podText("ops/p", "a: b") + PODS,
      )[0]!.message,
    ).toMatch(/any more, but for whom a policy of the whole cluster lets in\.$/);
  });

  it("tells it by the labels where the input shows no pods", () => {
    expect(findingsOf(policyTypesMissingEgress, policy(EGRESS))[0]!.message).toMatch(
      /nobody can connect to pods app=api of namespace shop any more, unless another policy lets them in\.$/,
    );
  });

  it.each([
    ["policyTypes", `${EGRESS}\n  policyTypes: [Ingress, Egress]`],
    ["ingress rules beside", `${EGRESS}\n  ingress: [{from: [{podSelector: {}}]}]`],
    ["ingress closed in so many words", `${EGRESS}\n  ingress: []`],
    ["no egress", "ingress: [{}]"],
    ["an empty egress", "egress: []"],
  ])("says nothing of %s", (_, rest) => {
    expect(findingsOf(policyTypesMissingEgress, policy(rest) + PODS)).toEqual([]);
  });
});
