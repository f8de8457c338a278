import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../check.fixture.ts";
import { orInsteadOfAnd } from "./or-instead-of-and.ts";

const OTHERS = [
  namespaceText("shop", "team: shop"),
  namespaceText("a", "team: a"),
  podText("shop/web", "server: web"),
  podText("shop/api", "server: api"),
  podText("a/api", "server: api"),
  podText("a/job", "server: job"),
].join("");

const policy = (rule: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ${rule}
${OTHERS}`;

const DASHES = `ingress:
  - from:
    - podSelector:
        matchLabels: {server: api}
    - namespaceSelector:
        matchLabels: {team: a}`;

describe("or-instead-of-and", () => {
  it("tells who gets in, who would without the dash, and where the dash is", () => {
    const [finding, ...others] = findingsOf(orInsteadOfAnd, policy(DASHES));
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["8:7 warning or-instead-of-and"]);
    expect(finding).toMatchObject({
      object: "NetworkPolicy shop/db",
      message:
        "This rule lets in pods server=api of namespace shop OR every pod of namespaces team=a (3 pods today).",
      help: "If both were meant to hold at once (pods server=api of namespaces team=a: 1 pod today), remove the dash on line 10.",
      related: [{ position: { line: 10, column: 7 } }],
      fix: { safe: false, edits: [{ kind: "merge-with-previous-item", at: { line: 10, column: 7 } }] },
    });
  });

  it("finds them in the other order, and in egress", () => {
    const egress = `egress: [{to: [{namespaceSelector: {matchLabels: {team: a}}}, {podSelector: {matchLabels: {server: api}}}]}]`;
    const findings = findingsOf(orInsteadOfAnd, policy(egress));
    expect(placesOf(findings)).toEqual(["6:18 warning or-instead-of-and"]);
    expect(findings[0]!.message).toMatch(
      /^This rule lets out to every pod of namespaces team=a OR pods server=api/,
    );
  });

  it("is only an info where nobody would be left", () => {
    const rule = DASHES.replace("server: api", "server: web");
    expect(placesOf(findingsOf(orInsteadOfAnd, policy(rule)))).toEqual(["8:7 info or-instead-of-and"]);
  });

  it("is only an info where no pods are shown, and counts none", () => {
    const [finding] = findingsOf(orInsteadOfAnd, policy(DASHES).replace(OTHERS, ""));
    expect(placesOf([finding!])).toEqual(["8:7 info or-instead-of-and"]);
    expect(finding).toMatchObject({
      message: "This rule lets in pods server=api of namespace shop OR every pod of namespaces team=a.",
      help: "If both were meant to hold at once (pods server=api of namespaces team=a), remove the dash on line 10.",
    });
  });

  it.each([
    ["both in one peer", DASHES.replace("    - namespaceSelector", "      namespaceSelector")],
    ["every pod of the own namespace", DASHES.replace("matchLabels: {server: api}", "matchLabels: {}")],
    ["two namespaces", DASHES.replace("podSelector", "namespaceSelector")],
    ["two rules", DASHES.replace("    - namespaceSelector", "  - from:\n    - namespaceSelector")],
    [
      "a selector of pods in the second",
      DASHES.replace("    - namespaceSelector", "    - podSelector: {}\n      namespaceSelector"),
    ],
    [
      "something between",
      DASHES.replace(
        "    - namespaceSelector",
        "    - ipBlock: {cidr: 192.0.2.0/24}\n    - namespaceSelector",
      ),
    ],
  ])("says nothing of %s", (_, rule) => {
    expect(findingsOf(orInsteadOfAnd, policy(rule))).toEqual([]);
  });
});
