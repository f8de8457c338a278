import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../../check.fixture.ts";
import { shadowedRule } from "./shadowed-rule.ts";

const PODS = [
  namespaceText("shop", "team: a"),
  namespaceText("bank", "team: b"),
  podText("shop/web", "app: web, tier: front"),
  podText("bank/vault", "app: vault"),
].join("");

const policy = (name: string, priority: number, rules: string, subject = "{namespaces: {}}"): string => `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: ${name}}
spec:
  tier: Admin
  priority: ${priority}
  subject: ${subject}
  ingress:
${rules}`;

const rule = (action: string, peer: string, port = ""): string =>
  `  - action: ${action}
    from: [${peer}]
${port === "" ? "" : `    protocols: [{tcp: {destinationPort: {number: ${port}}}}]\n`}`;

const ALL = "{namespaces: {}}";
const TEAM = "{namespaces: {matchLabels: {team: b}}}";
const FRONT = "{pods: {namespaceSelector: {}, podSelector: {matchLabels: {tier: front}}}}";
const WEB = "{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}";

const findings = (text: string) => findingsOf(shadowedRule, text + PODS);

describe("shadowed-rule", () => {
  it("tells a rule behind a wider one of the same policy, and can remove it", () => {
    const [finding, ...others] = findings(policy("p", 1, rule("Accept", ALL) + rule("Deny", TEAM, "22")));
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["12:5 warning shadowed-rule"]);
    expect(finding).toMatchObject({
      object: "ClusterNetworkPolicy p",
      message:
        "This rule (Deny) never denies anything: before it, the rule on line 10 accepts all that it is about. " +
        "That is so for any pod that could exist.",
      help: "If it is to be heard, move it up, before what is wider. Else remove it.",
      related: [{ position: { line: 10 }, message: "decides before (Accept, ClusterNetworkPolicy p)" }],
      fix: { safe: false, edits: [{ kind: "remove-item", at: { line: 12, column: 5 } }] },
    });
  });

  it("tells a rule behind one of another policy, whose removal is not safe", () => {
    const [finding] = findings(policy("guard", 1, rule("Deny", ALL)) + policy("p", 2, rule("Accept", TEAM)));
    expect(placesOf([finding!])).toEqual(["21:5 warning shadowed-rule"]);
    expect(finding).toMatchObject({
      message:
        "This rule (Accept) never accepts anything: before it, the rule on line 10 (ClusterNetworkPolicy guard) denies " +
        "all that it is about. That is so for any pod that could exist.",
      help: "If it is to be heard, give its policy a lower priority number, or move it up. Else remove it.",
    });
    // A list of rules must not become empty.
    expect(finding!.fix).toBeUndefined();
  });

  it("is only an info where the rule would do the same", () => {
    const text = policy("p", 1, rule("Deny", ALL) + rule("Deny", TEAM));
    const [finding] = findings(text);
    expect(placesOf([finding!])).toEqual(["12:5 info shadowed-rule"]);
    expect(finding!.fix).toMatchObject({ safe: true });
  });

  it("finds several rules that decide together", () => {
    const text = policy("p", 1, rule("Accept", TEAM) + rule("Deny", WEB) + rule("Pass", `${TEAM}, ${WEB}`));
    const [finding] = findings(text);
    expect(finding!.message).toMatch(
      /^This rule \(Pass\) never passes anything on: before it, the rule on line 10 and the rule on line 12 decide all/,
    );
  });

  it("is an info where it holds only for the pods that are there", () => {
    const [finding] = findings(policy("p", 1, rule("Accept", FRONT) + rule("Deny", WEB)));
    expect(placesOf([finding!])).toEqual(["12:5 info shadowed-rule"]);
    expect(finding!.message).toMatch(/today; pods that come later may need it\.$/);
    expect(finding!.fix).toMatchObject({ safe: false });
  });

  it.each([
    ["a narrower rule before a wider one", policy("p", 1, rule("Deny", TEAM) + rule("Accept", ALL))],
    ["a rule for other ports", policy("p", 1, rule("Accept", ALL, "80") + rule("Deny", TEAM, "22"))],
    [
      "equal priorities, whose order nobody knows",
      policy("a", 1, rule("Deny", ALL)) + policy("b", 1, rule("Accept", TEAM)),
    ],
    [
      "policies for other pods",
      policy("a", 1, rule("Deny", ALL), TEAM) + policy("b", 2, rule("Accept", TEAM)),
    ],
    [
      "another tier",
      policy("a", 1, rule("Deny", ALL)) +
        policy("b", 2, rule("Accept", TEAM)).replace("tier: Admin", "tier: Baseline"),
    ],
    [
      "a policy in audit mode before one that is enforced",
      policy("a", 1, rule("Deny", ALL)).replace("name: a", "name: a, annotations: {podwall.io/mode: audit}") +
        policy("b", 2, rule("Accept", TEAM)),
    ],
  ])("says nothing of %s", (_, text) => {
    expect(findings(text)).toEqual([]);
  });
});
