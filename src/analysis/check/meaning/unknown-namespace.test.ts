import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../check.fixture.ts";
import { unknownNamespace } from "./unknown-namespace.ts";

const KNOWN =
  namespaceText("shop") +
  namespaceText("monitoring") +
  podText("shop/db", "app: db") +
  podText("team-a/x", "a: b");

const policy = (name: string, rest = "ingress: []"): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${name.split("/")[1]}
  namespace: ${name.split("/")[0]}
spec:
  podSelector: {}
  ${rest}
`;

const from = (name: string): string =>
  `ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${name}}}}]}]`;

describe("policies in a namespace that does not exist", () => {
  it("are told, with the name that was probably meant, once a namespace", () => {
    const findings = findingsOf(unknownNamespace, policy("shpo/db") + policy("shpo/more") + KNOWN);
    expect(placesOf(findings)).toEqual(["6:14 warning unknown-namespace"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shpo/db",
      message:
        "There is no namespace shpo in this input, and no pod in it: unless the cluster has it, this and 1 more policy protect nobody.",
      help: "Did you mean shop?",
      related: [{ position: { line: 15, column: 14 } }],
      fix: {
        safe: false,
        edits: [
          { kind: "set-value", at: { line: 6, column: 14 }, value: "shop" },
          { kind: "set-value", at: { line: 15, column: 14 }, value: "shop" },
        ],
      },
    });
  });

  it("are an info where no name is near: much of a cluster may be elsewhere", () => {
    const findings = findingsOf(unknownNamespace, policy("bank/db") + KNOWN);
    expect(placesOf(findings)).toEqual(["6:14 info unknown-namespace"]);
    expect(findings[0]!.fix).toBeUndefined();
  });

  it.each([
    ["a declared one", policy("monitoring/db") + KNOWN],
    ["one with pods", policy("team-a/db") + KNOWN],
    ["one that every cluster has", policy("kube-system/db") + policy("default/db") + KNOWN],
    ["an input that declares none", policy("bank/db") + podText("shop/db", "app: db")],
  ])("are not told of %s", (_, text) => {
    expect(findingsOf(unknownNamespace, text)).toEqual([]);
  });
});

describe("selectors for a namespace that does not exist", () => {
  it("are told with the name that was probably meant", () => {
    const findings = findingsOf(unknownNamespace, policy("shop/db", from("mointoring")) + KNOWN);
    expect(placesOf(findings)).toEqual(["9:85 warning unknown-namespace"]);
    expect(findings[0]).toMatchObject({
      message: "There is no namespace mointoring in this input: this rule lets in nobody from there.",
      help: "Did you mean monitoring?",
      fix: { edits: [{ kind: "set-value", at: { line: 9, column: 85 }, value: "monitoring" }] },
    });
  });

  it("are told of matchExpressions and of cluster-wide policies", () => {
    const expression =
      "egress: [{to: [{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [shop, mointoring]}]}}]}]";
    const [finding] = findingsOf(unknownNamespace, policy("shop/db", expression) + KNOWN);
    expect(finding!.message).toBe(
      "There is no namespace mointoring in this input: this rule lets nothing out to there.",
    );
    expect(finding!.position.column).toBe(expression.indexOf("mointoring") + 3);
    const admin = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: a}
spec:
  tier: Admin
  priority: 1
  subject: {pods: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shpo}}, podSelector: {}}}
  ingress: [{action: Deny, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: mointoring}}}]}]
`;
    const findings = findingsOf(unknownNamespace, admin + KNOWN);
    expect(placesOf(findings)).toEqual(["7:83 warning unknown-namespace", "8:92 warning unknown-namespace"]);
    expect(findings[0]!.message).toBe(
      "There is no namespace shpo in this input: this policy is about no pod of it.",
    );
  });

  it("are an info without a near name, and only in a cluster of which everything is known", () => {
    const text = policy("shop/db", from("ingress-nginx")) + KNOWN;
    expect(findingsOf(unknownNamespace, text)).toEqual([]);
    expect(placesOf(findingsOf(unknownNamespace, text, { everything: true }))).toEqual([
      "9:85 info unknown-namespace",
    ]);
  });

  it.each([
    ["one that exists", from("monitoring")],
    ["one that every cluster has", from("kube-system")],
    ["one that looks alike and is another", from("team-b")],
    [
      "those that are left out",
      "ingress: [{from: [{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [mointoring]}]}}]}]",
    ],
    ["another label", from("mointoring").replace("kubernetes.io/metadata.name", "team")],
  ])("are not told of %s", (_, rest) => {
    expect(findingsOf(unknownNamespace, policy("shop/db", rest) + KNOWN)).toEqual([]);
  });
});
