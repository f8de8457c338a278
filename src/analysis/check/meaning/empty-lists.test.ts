import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { emptyLists } from "./empty-lists.ts";

const policy = (
  rule: string,
  types = "policyTypes: [Ingress, Egress]",
): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ${types}
  ${rule}
${podText("shop/db", "app: db")}${podText("shop/api", "app: api")}`;

describe("empty lists of peers and ports", () => {
  it("tells that an empty from means everyone, and on which ports", () => {
    const findings = findingsOf(emptyLists, policy("ingress:\n  - from: []\n    ports: [{port: 5432}]"));
    expect(placesOf(findings)).toEqual(["8:5 warning empty-from"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/db",
      message:
        "from: [] means everyone, not nobody: this rule lets anyone inside and outside of the cluster connect to shop/db (1 pod today) on TCP 5432.",
      fix: { safe: false, edits: [{ kind: "remove-item", at: { line: 8, column: 5 } }] },
    });
  });

  it("tells it of a from without a value, in its own words", () => {
    const findings = findingsOf(emptyLists, policy("ingress:\n  - from:\n    ports: [{port: 5432}]"));
    expect(placesOf(findings)).toEqual(["8:5 warning empty-from"]);
    expect(findings[0]!.message).toMatch(/^from: without a value means everyone, not nobody: /);
  });

  it("tells it of to, the other way about", () => {
    const findings = findingsOf(
      emptyLists,
      policy("egress: [{ports: [{port: 443}, {port: 53, protocol: UDP}], to: []}]"),
    );
    expect(placesOf(findings)).toEqual(["7:62 warning empty-to"]);
    expect(findings[0]!.message).toBe(
      "to: [] means everyone, not nobody: this rule lets shop/db (1 pod today) connect to anyone inside and outside of the cluster on TCP 443 and UDP 53.",
    );
  });

  it("tells that empty ports mean all of them, and to whom they are open", () => {
    const findings = findingsOf(
      emptyLists,
      policy("ingress:\n  - ports: []\n    from: [{podSelector: {matchLabels: {app: api}}}]"),
    );
    expect(placesOf(findings)).toEqual(["8:5 warning empty-ports"]);
    expect(findings[0]!.message).toBe(
      "ports: [] means every protocol and port, not none: this rule lets pods app=api of namespace shop connect to shop/db (1 pod today) on any of them.",
    );
  });

  it("says it once of a rule with both", () => {
    const findings = findingsOf(emptyLists, policy("ingress: [{from: [], ports: []}]"));
    expect(placesOf(findings)).toEqual(["7:14 warning empty-from"]);
    expect(findings[0]!.message).toMatch(/on every port\.$/);
  });

  it("offers no fix by which the pods would not be isolated any more", () => {
    const only = findingsOf(emptyLists, policy("egress: [{to: []}]", ""));
    expect(placesOf(only)).toEqual(["7:13 warning empty-to"]);
    expect(only[0]!.fix).toBeUndefined();
    const [first] = findingsOf(emptyLists, policy("egress: [{to: []}, {ports: [{port: 1}]}]", ""));
    expect(first!.fix).toMatchObject({ edits: [{ kind: "remove-item" }] });
  });

  it.each([
    ["one empty rule, which says so openly", "ingress: [{}]"],
    ["no rules", "ingress: []"],
    ["rules without a value", "ingress:"],
    ["ports alone", "ingress: [{ports: [{port: 80}]}]"],
    ["peers alone", "egress: [{to: [{podSelector: {}}]}]"],
  ])("says nothing of %s", (_, rule) => {
    expect(findingsOf(emptyLists, policy(rule))).toEqual([]);
  });

  it("says nothing of rules that are never read", () => {
    expect(findingsOf(emptyLists, policy("ingress: [{from: []}]", "policyTypes: [Egress]"))).toEqual([]);
  });
});
