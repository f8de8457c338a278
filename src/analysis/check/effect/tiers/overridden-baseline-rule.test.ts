import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../../check.fixture.ts";
import { overriddenBaselineRule } from "./overridden-baseline-rule.ts";

const PODS = [
  namespaceText("shop", "team: a"),
  podText("shop/web", "app: web"),
  podText("shop/db", "app: db"),
  podText("audit/log", "app: log"),
].join("");

const baseline = (subject = "{namespaces: {matchLabels: {team: a}}}", action = "Deny"): string =>
  `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: base}
spec:
  tier: Baseline
  priority: 10
  subject: ${subject}
  egress:
  - action: ${action}
    to: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: log}}}}]
${PODS}`;

const isolating = (podSelector: string, more = "", egress = ""): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: closed${more}}
spec: {podSelector: ${podSelector}, policyTypes: [Egress]${egress}}
`;

describe("overridden-baseline-rule", () => {
  it("tells rules that deny nothing as long as every pod is isolated", () => {
    const [finding, ...others] = findingsOf(overriddenBaselineRule, baseline() + isolating("{}"));
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["8:3 info overridden-baseline-rule"]);
    expect(finding).toMatchObject({
      object: "ClusterNetworkPolicy base",
      message:
        "These egress rules decide nothing today: NetworkPolicies isolate every pod that they are about " +
        "(2 pods today: shop/db and shop/web), and for such a pod the tier Baseline is not asked.",
      help: "They still hold for pods that no NetworkPolicy selects. To overrule NetworkPolicies, use the tier Admin.",
    });
  });

  it("is a warning where what a rule accepts is denied", () => {
    const [finding] = findingsOf(overriddenBaselineRule, baseline(undefined, "Accept") + isolating("{}"));
    expect(placesOf([finding!])).toEqual(["8:3 warning overridden-baseline-rule"]);
    expect(finding!.message).toMatch(/ They deny what the rule on line 9 accepts\.$/);
    expect(finding!.help).toBe(
      "If that is to pass, allow it in NetworkPolicies, or accept it in the tier Admin.",
    );
  });

  it("is an info where NetworkPolicies let it pass too", () => {
    const text = baseline(undefined, "Accept") + isolating("{}", "", ", egress: [{}]");
    expect(placesOf(findingsOf(overriddenBaselineRule, text))).toEqual(["8:3 info overridden-baseline-rule"]);
  });

  it("is a warning where it can never be otherwise", () => {
    const named = baseline("{namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}");
    const [finding] = findingsOf(overriddenBaselineRule, named + isolating("{}"));
    expect(placesOf([finding!])).toEqual(["8:3 warning overridden-baseline-rule"]);
    expect(finding!.message).toMatch(
      /^These egress rules never decide anything: NetworkPolicies isolate every pod/,
    );
    expect(finding!.help).toMatch(/put the rules into a policy of the tier Admin/);
  });

  it("counts two policies that isolate the pods together", () => {
    const text =
      baseline() + isolating("{matchLabels: {app: db}}") + isolating("{matchLabels: {app: web}}", "-too");
    expect(placesOf(findingsOf(overriddenBaselineRule, text))).toEqual(["8:3 info overridden-baseline-rule"]);
  });

  it.each([
    ["a pod that is not isolated", baseline() + isolating("{matchLabels: {app: db}}")],
    [
      "pods that are isolated for the other direction",
      baseline() + isolating("{}").replace("Egress", "Ingress"),
    ],
    [
      "policies in audit mode, which deny nothing",
      baseline() +
        isolating("{}").replace("name: closed", "name: closed, annotations: {podwall.io/mode: audit}"),
    ],
    ["no pod", baseline("{namespaces: {matchLabels: {team: b}}}") + isolating("{}")],
    ["the tier Admin", baseline().replace("tier: Baseline", "tier: Admin") + isolating("{}")],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(overriddenBaselineRule, text)).toEqual([]);
  });
});
