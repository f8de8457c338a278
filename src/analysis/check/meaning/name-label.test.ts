import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../check.fixture.ts";
import { nameLabel } from "./name-label.ts";

const PODS = podText("shop/db", "app: db") + podText("monitoring/p", "app: p");
const DECLARED = namespaceText("monitoring", "team: ops") + PODS;

const policy = (selector: string, name = "db"): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: ${name}}
spec:
  podSelector: {}
  ingress:
  - from:
    - namespaceSelector:
        ${selector}
`;

const NAME = "matchLabels: {name: monitoring}";

describe("name-label", () => {
  it("tells that the label is not there and where the name is", () => {
    const findings = findingsOf(nameLabel, policy(NAME) + DECLARED);
    expect(placesOf(findings)).toEqual(["10:23 warning name-label"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/db",
      message:
        "No namespace has the label name=monitoring, so this rule lets nobody in by it: monitoring is a name, and no label of that namespace.",
      help: "Ask for kubernetes.io/metadata.name instead: Kubernetes itself gives every namespace this label, with its name.",
      fix: {
        safe: false,
        edits: [{ kind: "rename-field", at: { line: 10, column: 23 }, name: "kubernetes.io/metadata.name" }],
      },
    });
  });

  it("is an info where the input does not show the labels of the namespace", () => {
    const findings = findingsOf(nameLabel, policy(NAME) + PODS);
    expect(placesOf(findings)).toEqual(["10:23 info name-label"]);
    expect(findings[0]!.message).toBe(
      "No namespace of this input has the label name=monitoring; unless somebody gave it to namespace monitoring, this rule lets nobody in by it.",
    );
  });

  it("mends the key of an expression", () => {
    const expression = "matchExpressions: [{key: namespace, operator: In, values: [monitoring]}]";
    const findings = findingsOf(nameLabel, policy(expression) + DECLARED);
    expect(placesOf(findings)).toEqual(["10:34 warning name-label"]);
    expect(findings[0]!.fix!.edits).toMatchObject([
      { kind: "set-value", value: "kubernetes.io/metadata.name" },
    ]);
  });

  it("says it once of all policies that ask for it, and mends all", () => {
    const [finding, ...others] = findingsOf(nameLabel, policy(NAME) + policy(NAME, "more") + DECLARED);
    expect(others).toEqual([]);
    expect(finding!.related).toMatchObject([
      { position: { line: 20, column: 23 }, message: "the same in NetworkPolicy shop/more" },
    ]);
    expect(finding!.fix!.edits).toHaveLength(2);
  });

  it("tells it of the subject of a cluster-wide policy", () => {
    const admin = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: a}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {matchLabels: {name: monitoring}}}
  ingress: [{action: Deny, from: [{namespaces: {}}]}]
`;
    const findings = findingsOf(nameLabel, admin + DECLARED);
    expect(placesOf(findings)).toEqual(["7:40 warning name-label"]);
    expect(findings[0]!.message).toMatch(/so this policy is about no pod by it/);
  });

  it.each([
    ["a namespace that has the label", policy(NAME) + namespaceText("monitoring", "name: monitoring") + PODS],
    ["another that has it", policy(NAME) + namespaceText("other", "name: monitoring") + DECLARED],
    ["the label of Kubernetes", policy("matchLabels: {kubernetes.io/metadata.name: monitoring}") + DECLARED],
    ["a label that holds something else", policy("matchLabels: {team: monitoring}") + DECLARED],
    ["a namespace that is not there", policy("matchLabels: {name: ingress-nginx}") + DECLARED],
    [
      "namespaces without the label",
      policy("matchExpressions: [{key: name, operator: NotIn, values: [monitoring]}]") + DECLARED,
    ],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(nameLabel, text)).toEqual([]);
  });
});
