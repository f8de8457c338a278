import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { podSelectorInOtherNamespace } from "./pod-selector-in-other-namespace.ts";

const DB = podText("shop/db", "app: db");
const PODS = DB + podText("monitoring/prometheus-0", "app: prometheus");

const policy = (rule: string, name = "shop/db"): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: ${name.split("/")[0]}, name: ${name.split("/")[1]}}
spec:
  podSelector: {matchLabels: {app: db}}
  ${rule}
`;

const FROM = "ingress: [{from: [{podSelector: {matchLabels: {app: prometheus}}}]}]";

describe("pod-selector-in-other-namespace", () => {
  it("tells where such pods are, and adds their namespace", () => {
    const findings = findingsOf(podSelectorInOtherNamespace, policy(FROM) + PODS);
    expect(placesOf(findings)).toEqual(["7:50 warning pod-selector-in-other-namespace"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/db",
      message:
        "This peer lets nobody in: a podSelector alone looks only in the policy's own namespace, shop, where no pod has app=prometheus. 1 pod of namespace monitoring has: monitoring/prometheus-0.",
      help: "If those are meant, add to the same peer, without a dash: namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}.",
      fix: {
        safe: false,
        edits: [
          {
            kind: "add-field",
            at: { line: 7, column: 21 },
            name: "namespaceSelector",
            value: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
          },
        ],
      },
    });
  });

  it("names several namespaces, and then has no fix", () => {
    const more = podText("tools/prometheus-0", "app: prometheus");
    const [finding] = findingsOf(podSelectorInOtherNamespace, policy(FROM) + PODS + more);
    expect(finding!.message).toMatch(
      /2 pods of namespaces monitoring and tools have: monitoring\/prometheus-0 and tools\/prometheus-0\.$/,
    );
    expect(finding!.fix).toBeUndefined();
  });

  it("points at the whole selector where it asks for more than one label", () => {
    const two = FROM.replace("app: prometheus", "app: prometheus, v: one");
    const pods = PODS.replace("app: prometheus", "app: prometheus, v: one");
    expect(placesOf(findingsOf(podSelectorInOtherNamespace, policy(two) + pods))).toEqual([
      "7:22 warning pod-selector-in-other-namespace",
    ]);
  });

  it("tells it of egress", () => {
    const to = FROM.replace("ingress: [{from", "egress: [{to");
    expect(findingsOf(podSelectorInOtherNamespace, policy(to) + PODS)[0]!.message).toMatch(
      /^This peer lets nothing out: /,
    );
  });

  it("says it once of all policies of the namespace that ask for the same, and mends all", () => {
    const text = policy(FROM) + policy(FROM, "shop/api") + PODS;
    const [finding, ...others] = findingsOf(podSelectorInOtherNamespace, text);
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["14:50 warning pod-selector-in-other-namespace"]);
    expect(finding!.related).toMatchObject([
      { position: { line: 7 }, message: "the same in NetworkPolicy shop/db" },
    ]);
    expect(finding!.fix!.edits).toHaveLength(2);
  });

  it.each([
    ["pods of the own namespace", policy(FROM.replace("prometheus", "db")) + PODS],
    ["pods that are nowhere", policy(FROM) + DB],
    ["every pod", policy("ingress: [{from: [{podSelector: {}}]}]") + PODS],
    [
      "a namespaceSelector beside",
      policy(FROM.replace("podSelector:", "namespaceSelector: {}, podSelector:")) + PODS,
    ],
    [
      "a namespaceSelector that became a peer",
      policy(FROM.replace("}}}]", "}}}, {namespaceSelector: {}}]")) + PODS,
    ],
    [
      "host-network pods of the own namespace",
      policy(FROM) +
        PODS +
        podText("shop/p", "app: prometheus").replace("spec: {", "spec: {hostNetwork: true, "),
    ],
    ["a namespace of which the input shows no pods", policy(FROM, "bank/db") + PODS],
    ["a policy that the other namespace has too", policy(FROM) + policy(FROM, "monitoring/db") + PODS],
    ["rules that are never read", policy(`policyTypes: [Egress]\n  ${FROM}`) + PODS],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(podSelectorInOtherNamespace, text)).toEqual([]);
  });

  it("says nothing of every pod of a namespace that has none", () => {
    const text = policy("ingress: [{from: [{podSelector: {}}]}]", "edge/p") + PODS;
    expect(findingsOf(podSelectorInOtherNamespace, text, { everything: true })).toEqual([]);
  });
});
