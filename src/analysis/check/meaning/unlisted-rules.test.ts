import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { unlistedRules } from "./unlisted-rules.ts";

const PODS = podText("shop/api", "app: api") + podText("shop/db", "app: db");

const policy = (rest: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: api}
spec:
  podSelector: {matchLabels: {app: api}}
  ${rest.replaceAll("\n", "\n  ")}
`;

const deny = (type: string): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: default-deny}
spec: {podSelector: {}, policyTypes: [${type}]}
`;

const IN = "ingress: [{from: [{podSelector: {}}]}]";
const OUT = "egress: [{to: [{podSelector: {}}]}]";

describe("ignored-rules", () => {
  it("tells that nothing is limited by rules that are never read", () => {
    const findings = findingsOf(unlistedRules, policy(`policyTypes: [Ingress]\n${IN}\n${OUT}`) + PODS);
    expect(placesOf(findings)).toEqual(["6:3 warning ignored-rules"]);
    expect(findings[0]).toMatchObject({
      message:
        "The egress rules are never read, as policyTypes does not list Egress: shop/api (1 pod today) may connect to anyone, as no NetworkPolicy limits it.",
      help: "Write policyTypes: [Ingress, Egress]: then only what a rule allows may leave. If the rules are not meant, remove them.",
      related: [{ position: { line: 8, column: 3 } }],
      fix: { safe: false, edits: [{ kind: "add-item", at: { line: 6, column: 16 }, value: "Egress" }] },
    });
  });

  it("tells that what was to be let in stays out, where others close the pods", () => {
    const text = policy(`policyTypes: [Egress]\n${OUT}\n${IN}`) + deny("Ingress") + PODS;
    expect(findingsOf(unlistedRules, text).map(({ message }) => message)).toEqual([
      "The ingress rules are never read, as policyTypes does not list Ingress: what they were to let in to shop/api (1 pod today) stays out, unless others let it in.",
    ]);
  });

  it("tells that the direction of the one listed type is closed instead", () => {
    const findings = findingsOf(unlistedRules, policy(`policyTypes: [Egress]\n${IN}`) + PODS);
    expect(placesOf(findings)).toEqual(["6:3 warning ignored-rules"]);
    expect(findings[0]).toMatchObject({
      message:
        "The ingress rules are never read, as policyTypes does not list Ingress: anyone may connect to shop/api (1 pod today), as no NetworkPolicy limits it. Instead, this policy closes egress and lets nothing out of shop/api (1 pod today).",
      help: "Did you mean policyTypes: [Ingress]?",
      fix: { edits: [{ kind: "set-value", at: { line: 6, column: 17 }, value: "Ingress" }] },
    });
  });
});

describe("empty-rules-ignored", () => {
  it("tells that egress stays open and ingress is closed, where policyTypes is missing", () => {
    const findings = findingsOf(unlistedRules, policy("egress: []") + PODS);
    expect(placesOf(findings)).toEqual(["6:3 warning empty-rules-ignored"]);
    expect(findings[0]).toMatchObject({
      message:
        "egress: [] closes nothing, as policyTypes is missing: to whom shop/api (1 pod today) may connect is not limited by this policy. What it closes is ingress: nobody is let in to shop/api (1 pod today) by it.",
      help: "To close egress, write policyTypes: [Egress]. If it is not meant to be closed, remove egress: [].",
      fix: { safe: false, edits: [{ kind: "add-field", name: "policyTypes", value: ["Egress"] }] },
    });
  });

  it("keeps ingress in the types where there are rules for it", () => {
    const [finding] = findingsOf(unlistedRules, policy(`${IN}\negress: []`) + PODS);
    expect(finding!.message).toBe(
      "egress: [] closes nothing, as policyTypes is missing: to whom shop/api (1 pod today) may connect is not limited by this policy.",
    );
    expect(finding!.fix!.edits).toMatchObject([{ value: ["Ingress", "Egress"] }]);
  });

  it("is an info where other types are listed, or others close the direction", () => {
    const listed = policy(`policyTypes: [Ingress]\n${IN}\negress: []`) + PODS;
    expect(placesOf(findingsOf(unlistedRules, listed))).toEqual(["8:3 info empty-rules-ignored"]);
    const closed = policy(`${IN}\negress: []`) + deny("Egress") + PODS;
    expect(placesOf(findingsOf(unlistedRules, closed))).toEqual(["7:3 info empty-rules-ignored"]);
  });
});

describe("neither", () => {
  it.each([
    ["both types", `policyTypes: [Ingress, Egress]\n${IN}\n${OUT}`],
    ["closed egress", "policyTypes: [Egress]\negress: []"],
    ["no policyTypes and rules for both", `${IN}\n${OUT}`],
    ["a type without rules", `policyTypes: [Ingress, Egress]\n${IN}`],
    ["an empty ingress without policyTypes, which closes it", "ingress: []"],
    ["rules without a value", "policyTypes: [Ingress]\ningress:\negress:"],
  ])("is said of %s", (_, rest) => {
    expect(findingsOf(unlistedRules, policy(rest) + PODS)).toEqual([]);
  });
});
