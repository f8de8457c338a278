import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../../check.fixture.ts";
import { redundantPolicies } from "./redundant-policies.ts";

const PODS = [
  namespaceText("shop"),
  podText("shop/web", "app: web, tier: front", "{name: http, containerPort: 8080}"),
  podText("shop/db", "app: db, tier: data", "{name: sql, containerPort: 3306}"),
].join("");

/** A policy of eight lines and more: the name on line 4, the first rule on line 9. */
const policy = (name: string, spec: string, annotations = ""): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop${annotations}}
spec:
${spec}`;

const about = (podSelector: string, ...rules: string[]): string =>
  `  podSelector: ${podSelector}
  policyTypes: [Ingress]
  ingress:${rules.length === 0 ? " []\n" : `\n${rules.map((rule) => `  - ${rule}\n`).join("")}`}`;

const DB = "{matchLabels: {app: db}}";
const FROM_WEB = "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 3306}]}";
const FROM_FRONT = "{from: [{podSelector: {matchLabels: {tier: front}}}], ports: [{port: 3306}]}";
const FROM_ALL = "{from: [{podSelector: {}}]}";
const ON_TRIAL = ", annotations: {podwall.io/mode: audit}";

const findings = (text: string) => findingsOf(redundantPolicies, text + PODS);

describe("duplicate-policy", () => {
  it("tells a policy that says the same in other words", () => {
    const text =
      policy("a", about(DB, FROM_WEB, FROM_ALL)) +
      policy("b", about("{matchExpressions: [{key: app, operator: In, values: [db]}]}", FROM_ALL, FROM_WEB));
    const [finding, ...others] = findings(text).filter(({ code }) => code === "duplicate-policy");
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["14:18 warning duplicate-policy"]);
    expect(finding).toMatchObject({
      object: "NetworkPolicy shop/b",
      message: "This policy says the same as NetworkPolicy shop/a: without it the same traffic passes.",
      help: "Remove one of them. While both are there, what is taken out of one is still allowed by the other.",
      related: [{ position: { line: 4, column: 18 } }],
      fix: { safe: true, edits: [{ kind: "remove-document", at: { line: 14, column: 18 } }] },
    });
  });

  it.each([
    [
      "other pods",
      policy("a", about(DB, FROM_WEB)) + policy("b", about("{matchLabels: {app: web}}", FROM_WEB)),
    ],
    ["another direction", policy("a", about(DB)) + policy("b", about(DB)).replace("[Ingress]", "[Egress]")],
    ["another mode", policy("a", about(DB, FROM_WEB), ON_TRIAL) + policy("b", about(DB, FROM_WEB))],
  ])("says nothing of %s", (_, text) => {
    expect(findings(text).map(({ code }) => code)).not.toContain("duplicate-policy");
  });
});

describe("redundant-rule", () => {
  it("tells a rule that a wider one of the policy includes", () => {
    const [finding, ...others] = findings(policy("a", about(DB, FROM_WEB, FROM_ALL)));
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["9:5 info redundant-rule"]);
    expect(finding).toMatchObject({
      object: "NetworkPolicy shop/a",
      message:
        "Without this rule the same traffic passes: the rule on line 10 already lets the same pods (1 pod today) in from " +
        "pods app=web of namespace shop on TCP 3306. That is so for any pod that could exist.",
      help: "If this traffic is to be limited, the other place must be narrower. Else remove this rule.",
      related: [{ position: { line: 10 }, message: "allows the same, or more (NetworkPolicy shop/a)" }],
      fix: { safe: true, edits: [{ kind: "remove-item", at: { line: 9, column: 5 } }] },
    });
  });

  it("warns of a rule that stands there twice", () => {
    const [finding] = findings(policy("a", about(DB, FROM_WEB, FROM_WEB)));
    expect(placesOf([finding!])).toEqual(["10:5 warning redundant-rule"]);
    expect(finding!.message).toBe(
      "This rule says the same as the rule on line 9: without it the same traffic passes.",
    );
  });

  it("tells what is so only for the pods that are there, with a fix that is not safe", () => {
    const [finding] = findings(policy("a", about(DB, FROM_FRONT, FROM_WEB)));
    expect(placesOf([finding!])).toEqual(["10:5 info redundant-rule"]);
    expect(finding!.message).toMatch(
      /That is so for the pods that are there today; pods that come later may need it\.$/,
    );
    expect(finding!.fix).toMatchObject({ safe: false });
  });

  it("resolves names of ports for the pods that are there", () => {
    const text = policy("a", about(DB, FROM_WEB, FROM_WEB.replace("3306", "sql")));
    expect(findings(text)).toMatchObject([{ code: "redundant-rule", fix: { safe: false } }]);
    expect(findings(policy("a", about(DB, FROM_WEB, FROM_WEB.replace("3306", "http"))))).toEqual([]);
  });

  it("puts several rules together", () => {
    const both =
      "{from: [{podSelector: {matchLabels: {app: web}}}, {podSelector: {matchLabels: {tier: x}}}]}";
    const text = policy(
      "a",
      about(
        DB,
        "{from: [{podSelector: {matchLabels: {app: web}}}]}",
        "{from: [{podSelector: {matchExpressions: [{key: tier, operator: Exists}]}}]}",
        both,
      ),
    );
    const always = findings(text).filter(({ fix }) => fix?.safe);
    expect(always).toMatchObject([
      {
        position: { line: 11 },
        message: expect.stringContaining("the rule on line 9 and the rule on line 10 already let "),
      },
    ]);
  });

  it("is said once of many rules that one rule includes", () => {
    const own = (app: string): string =>
      policy(
        app,
        about(`{matchLabels: {app: ${app}}}`, FROM_WEB, "{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}"),
      );
    const text = policy("wide", about("{}", FROM_ALL)) + own("a") + own("b") + own("c");
    const [finding, ...others] = findings(text);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: "redundant-rule",
      message:
        "Without 3 rules of 3 policies (shop/a, shop/b and shop/c) the same traffic passes: the rule on line 9 " +
        "(NetworkPolicy shop/wide) already lets the same pods in from every pod of namespace shop on every port. " +
        "That is so for any pod that could exist.",
    });
    expect(finding!.related).toHaveLength(3);
    expect(finding!.fix!.edits).toHaveLength(3);
  });

  it("does not count a policy on trial for one that is enforced", () => {
    const narrow = policy("a", about(DB, FROM_WEB, "{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}"));
    const wide = about("{}", FROM_ALL);
    expect(findings(narrow + policy("b", wide))).toMatchObject([{ code: "redundant-rule" }]);
    expect(findings(narrow + policy("b", wide, ON_TRIAL))).toEqual([]);
  });

  it("keeps the last egress rule where it makes the policy isolate", () => {
    const text = policy("a", "  podSelector: {}\n  egress: [{to: [{podSelector: {}}]}]\n");
    expect(
      findings(text + policy("b", text.slice(text.indexOf("  podSelector"))).replace("{}", DB)),
    ).toMatchObject([{ code: "redundant-policy", object: "NetworkPolicy shop/b" }]);
    expect(findings(text)).toEqual([]);
  });

  it.each([
    ["other ports", about(DB, FROM_WEB, FROM_WEB.replace("3306", "3307"))],
    ["other pods", about(DB, FROM_WEB, FROM_WEB.replace("app: web", "app: api"))],
    ["everyone beside pods", about(DB, "{ports: [{port: 3306}]}", FROM_ALL)],
    ["pods that are not there yet", about(DB, FROM_FRONT, FROM_WEB.replace("app: web", "app: other"))],
  ])("says nothing of %s", (_, spec) => {
    expect(findings(policy("a", spec))).toEqual([]);
  });
});

describe("redundant-policy", () => {
  it("tells a policy all of which another one says", () => {
    const [finding, ...others] = findings(
      policy("wide", about("{}", FROM_ALL)) + policy("db", about(DB, FROM_WEB)),
    );
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["13:18 info redundant-policy"]);
    expect(finding).toMatchObject({
      object: "NetworkPolicy shop/db",
      message:
        "Without this policy the same traffic passes: NetworkPolicy shop/wide already isolates the same pods and allows " +
        "all that it allows. That is so for any pod that could exist.",
      help: "If it is meant to be narrower, narrow the others; nothing is closed by this one. Else remove it.",
      // If the other one goes one day, its pods would be open.
      fix: { safe: false, edits: [{ kind: "remove-document" }] },
    });
    expect(finding!.related!.map(({ position }) => position.line)).toEqual([4, 9, 18]);
  });

  it("tells one that only isolates, beside another of the kind", () => {
    const [finding] = findings(policy("deny", about("{}")) + policy("db", about(DB)));
    expect(finding).toMatchObject({
      object: "NetworkPolicy shop/db",
      message: expect.stringContaining("NetworkPolicy shop/deny already isolates the same pods. That"),
      help: "Keep it if it is a safeguard; else remove it.",
    });
  });

  it.each([
    [
      "a default deny beside what lets traffic pass",
      policy("deny", about("{}")) + policy("all", about("{}", FROM_ALL)),
    ],
    [
      "a policy that isolates more pods",
      policy("wide", about(DB, FROM_ALL)) + policy("db", about("{}", FROM_WEB)),
    ],
    [
      "a policy that isolates for egress too",
      policy("wide", about("{}", FROM_ALL)) +
        policy("db", about(DB)).replace("[Ingress]", "[Ingress, Egress]"),
    ],
    [
      "a policy with rules that are never read, which is another mistake",
      policy("deny", about("{}")) + policy("db", `${about(DB)}  egress: [{}]\n`),
    ],
    [
      "policies of other namespaces",
      policy("wide", about("{}", FROM_ALL)).replace("shop", "bank") + policy("db", about(DB, FROM_WEB)),
    ],
  ])("says nothing of %s", (_, text) => {
    expect(findings(text)).toEqual([]);
  });
});
