import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../check.fixture.ts";
import { emptySelectors } from "./empty-selectors.ts";

const PODS =
  podText("shop/db", "app: db") + podText("shop/api", "app: api") + podText("bank/teller", "app: t");

const policy = (rest: string, name = "db", subject = "{matchLabels: {app: db}}"): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: ${name}}
spec:
  podSelector: ${subject}
  ${rest}
`;

const ALL = "ingress: [{from: [{namespaceSelector: {}}]}]";

describe("empty-match-labels", () => {
  it("tells that a policy is about every pod of its namespace", () => {
    const findings = findingsOf(emptySelectors, policy("ingress: []", "db", "\n    matchLabels:") + PODS);
    expect(placesOf(findings)).toEqual(["7:5 warning empty-match-labels"]);
    expect(findings[0]!.message).toBe(
      "matchLabels: without labels selects everything: this policy is about every pod of namespace shop (2 pods today).",
    );
  });

  it("tells whom a rule lets through", () => {
    const pods = "ingress:\n  - from:\n    - podSelector:\n        matchLabels:";
    expect(findingsOf(emptySelectors, policy(pods) + PODS).map(({ message }) => message)).toEqual([
      "matchLabels: without labels selects everything: this rule lets in every pod of namespace shop (2 pods today).",
    ]);
    const namespaces = "egress:\n  - to:\n    - namespaceSelector:\n        matchLabels:";
    const findings = findingsOf(emptySelectors, policy(namespaces) + PODS);
    expect(placesOf(findings)).toEqual(["10:9 warning empty-match-labels"]);
    expect(findings[0]!.message).toBe(
      "matchLabels: without labels selects everything: this rule lets out to every pod of every namespace (3 pods today).",
    );
  });

  it.each([
    ["an empty selector", policy("ingress: [{from: [{podSelector: {}}]}]", "db", "{}")],
    ["labels that are empty in so many words", policy("ingress: []", "db", "{matchLabels: {}}")],
    [
      "expressions beside",
      policy("ingress: []", "db", "\n    matchLabels:\n    matchExpressions: [{key: app, operator: Exists}]"),
    ],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(emptySelectors, text + PODS)).toEqual([]);
  });
});

describe("empty-namespace-selector", () => {
  it("tells how many pods of all namespaces get in", () => {
    const findings = findingsOf(emptySelectors, policy(ALL) + PODS);
    expect(placesOf(findings)).toEqual(["7:22 info empty-namespace-selector"]);
    expect(findings[0]).toMatchObject({
      message:
        "namespaceSelector: {} is every namespace, not the policy's own: this rule lets in every pod of every namespace (3 pods today), and of those still to come.",
      help: "If the policy's own namespace is meant, write podSelector: {} in its place.",
    });
  });

  it("says it once a namespace and direction", () => {
    const egress = ALL.replace("ingress", "egress").replace("from", "to");
    const text = policy(ALL) + policy(ALL, "more") + policy(egress, "out") + PODS;
    const findings = findingsOf(emptySelectors, text);
    expect(placesOf(findings)).toEqual([
      "7:22 info empty-namespace-selector",
      "21:19 info empty-namespace-selector",
    ]);
    expect(findings[0]!.related).toMatchObject([{ position: { line: 14, column: 22 } }]);
  });

  it.each([
    ["one with labels", policy(ALL.replace("{}", "{matchLabels: {team: a}}"))],
    [
      "one that narrows the pods",
      policy(ALL.replace("{}", "{}, podSelector: {matchLabels: {k8s-app: kube-dns}}")),
    ],
    ["a policy whose name says so", policy(ALL, "allow-all-namespaces")],
    ["one whose rules are never read", policy(`policyTypes: [Egress]\n  ${ALL}`)],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(emptySelectors, text + namespaceText("shop") + PODS)).toEqual([]);
  });
});
