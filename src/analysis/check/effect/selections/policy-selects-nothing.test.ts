import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../../check.fixture.ts";
import { policySelectsNothing } from "./policy-selects-nothing.ts";

const PODS = [
  namespaceText("shop", "team: a"),
  podText("shop/web", "app.kubernetes.io/name: web, server: web"),
  podText("shop/db", "app: database, tier: data"),
  podText("shop/cache", "app: cache, tier: memory, shard: s-1"),
].join("");

const policy = (podSelector: string, name = "p", namespace = "shop"): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: ${namespace}, name: ${name}}
spec:
  podSelector: ${podSelector}
`;

const labels = (text: string): string => `{matchLabels: {${text}}}`;
const findings = (text: string, everything = false) =>
  findingsOf(policySelectsNothing, text + PODS, { everything });

describe("policy-selects-nothing", () => {
  it("tells a value that is misspelt, and what was probably meant", () => {
    const [finding, ...others] = findings(policy(labels("app: databse")));
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["6:31 warning policy-selects-nothing"]);
    expect(finding).toMatchObject({
      object: "NetworkPolicy shop/p",
      message:
        "This policy is about no pod: no pod of namespace shop has app=databse. Traffic is as if it were not there.",
      help: "Did you mean app=database (1 pod: shop/db)?",
      fix: {
        safe: false,
        title: "write app=database in the place of app=databse",
        edits: [{ kind: "set-value", at: { line: 6, column: 36 }, value: "database" }],
      },
    });
  });

  it("tells a key that is misspelt", () => {
    const [finding] = findings(policy(labels("sever: web")));
    expect(finding).toMatchObject({
      severity: "warning",
      help: "Did you mean server=web (1 pod: shop/web)?",
      fix: { edits: [{ kind: "rename-field", at: { line: 6, column: 31 }, name: "server" }] },
    });
  });

  it("knows the other keys for names", () => {
    const [finding] = findings(policy(labels("app: web")));
    expect(finding).toMatchObject({
      severity: "warning",
      help: "Did you mean app.kubernetes.io/name=web (1 pod: shop/web)?",
    });
  });

  it("mends matchExpressions", () => {
    const written = "{matchExpressions: [{key: app, operator: In, values: [databse]}]}";
    expect(findings(policy(written))[0]!.fix!.edits).toMatchObject([
      { kind: "set-value", at: { line: 6, column: 70 }, value: "database" },
    ]);
    const key = "{matchExpressions: [{key: apps, operator: In, values: [database]}]}";
    expect(findings(policy(key))[0]!.fix!.edits).toMatchObject([
      { kind: "set-value", at: { line: 6, column: 42 }, value: "app" },
    ]);
  });

  it("is said once of policies with the same selector", () => {
    const selector = labels("app: databse");
    const [finding, ...others] = findings(policy(selector) + policy(selector, "q"));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      message: expect.stringMatching(
        /^This policy and 1 more are about no pod: .* as if they were not there\.$/,
      ),
      related: [{ position: { line: 12, column: 31 }, message: "the same in NetworkPolicy shop/q" }],
    });
    expect(finding!.fix!.edits).toHaveLength(2);
  });

  it("is an info where nothing looks like a slip: an operator may make such pods", () => {
    expect(placesOf(findings(policy(labels("app: payments"))))).toEqual(["6:31 info policy-selects-nothing"]);
    const [solver] = findings(policy(labels("acme.cert-manager.io/http01-solver: 'true'")));
    expect(solver).toMatchObject({
      severity: "info",
      help: expect.stringMatching(/^If such pods come from elsewhere/),
    });
  });

  it("tells labels that no pod has together", () => {
    const [finding] = findings(policy(labels("app: database, tier: memory")));
    expect(finding!.message).toMatch(/no pod of namespace shop has app=database, tier=memory at once\./);
    expect(placesOf([finding!])).toEqual(["6:3 info policy-selects-nothing"]);
  });

  it("is an info of a running cluster, where pods come and go, but for a slip", () => {
    expect(findings(policy(labels("app: payments")), true)).toMatchObject([{ severity: "info" }]);
    expect(findings(policy(labels("app: databse")), true)).toMatchObject([{ severity: "warning" }]);
  });

  it("tells a ClusterNetworkPolicy whose namespaces nobody has", () => {
    const text = `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: c}
spec: {tier: Admin, priority: 1, subject: {namespaces: {matchLabels: {tem: a}}}, ingress: []}
`;
    const [finding] = findings(text);
    expect(placesOf([finding!])).toEqual(["5:71 warning policy-selects-nothing"]);
    expect(finding).toMatchObject({
      message: "This policy is about no pod: no namespace has tem=a. Traffic is as if it were not there.",
      help: "Did you mean team=a (3 pods: shop/cache, shop/db and shop/web)?",
    });
  });

  it.each([
    ["a policy that selects a pod", policy(labels("app: database"))],
    ["every pod of a namespace without pods", policy("{}", "p", "empty")],
    ["a namespace whose pods are elsewhere", policy(labels("app: databse"), "p", "empty")],
    [
      "labels that host-network pods wear, which is another mistake",
      policy(labels("app: agent")) +
        podText("shop/agent", "app: agent").replace("spec: {", "spec: {hostNetwork: true, "),
    ],
  ])("says nothing of %s", (_, text) => {
    expect(findings(text)).toEqual([]);
  });

  it("takes names that differ in numbers for different names", () => {
    const [finding] = findings(policy(labels("shard: s-2")));
    expect(finding!.help).not.toMatch(/Did you mean/);
  });
});
