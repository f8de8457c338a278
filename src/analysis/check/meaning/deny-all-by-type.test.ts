import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { denyAllByType } from "./deny-all-by-type.ts";

const PODS = podText("shop/api", "app: api") + podText("shop/db", "app: db");
const IN = "ingress: [{from: [{podSelector: {}}]}]";

const policy = (rest: string, name = "api", subject = "{matchLabels: {app: api}}"): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: ${name}}
spec:
  podSelector: ${subject}
  ${rest.replaceAll("\n", "\n  ")}
`;

const BOTH = `policyTypes:\n- Ingress\n- Egress\n${IN}`;
const DNS = policy("policyTypes: [Egress]\negress: [{ports: [{port: 53, protocol: UDP}]}]", "dns", "{}");

describe("deny-all-by-type", () => {
  it("tells that nothing leaves the pods, and where the type is listed", () => {
    const findings = findingsOf(denyAllByType, policy(BOTH) + PODS);
    expect(placesOf(findings)).toEqual(["9:5 info deny-all-by-type"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/api",
      message:
        "policyTypes lists Egress and there is no egress rule: shop/api (1 pod today) may connect to nobody, not even to ask DNS.",
      help: "If that is meant, say so with egress: []. If not, remove Egress from policyTypes, or add rules under egress.",
      fix: { safe: false, edits: [{ kind: "remove-item", at: { line: 9, column: 5 } }] },
    });
  });

  it("tells that nobody gets in", () => {
    const text = policy("policyTypes: [Egress, Ingress]\negress: [{to: [{podSelector: {}}]}]") + PODS;
    expect(findingsOf(denyAllByType, text)[0]!.message).toBe(
      "policyTypes lists Ingress and there is no ingress rule: nobody may connect to shop/api (1 pod today).",
    );
  });

  it("names only the pods to which no other policy gives anything", () => {
    const two = policy(BOTH, "two", "{matchExpressions: [{key: app, operator: In, values: [api, db]}]}");
    const other = DNS.replace("podSelector: {}", "podSelector: {matchLabels: {app: db}}");
    expect(findingsOf(denyAllByType, two + other + PODS)[0]!.message).toMatch(
      /: shop\/api \(1 pod today\) may connect to nobody/,
    );
  });

  it("says nothing where another policy lets something out of the pods, with and without pods", () => {
    expect(findingsOf(denyAllByType, policy(BOTH) + DNS + PODS)).toEqual([]);
    expect(findingsOf(denyAllByType, policy(BOTH) + DNS)).toEqual([]);
    expect(placesOf(findingsOf(denyAllByType, policy(BOTH)))).toEqual(["9:5 info deny-all-by-type"]);
  });

  it("says nothing where a policy of the whole cluster lets something out", () => {
    const admin = `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: dns}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  egress: [{action: Accept, to: [{namespaces: {}}], protocols: [{udp: {destinationPort: {number: 53}}}]}]
`;
    expect(findingsOf(denyAllByType, policy(BOTH) + admin + PODS)).toEqual([]);
  });

  it.each([
    ["a default deny", policy("policyTypes: [Ingress, Egress]", "all", "{}")],
    ["a policy that closes all its types", policy("policyTypes: [Ingress, Egress]")],
    ["a policy that says so", policy(`${BOTH}\negress: []`)],
    ["a policy whose name says so", policy(BOTH, "deny-all")],
    ["one type", policy(`policyTypes: [Ingress]\n${IN}`)],
    ["no policyTypes", policy("egress: [{}]")],
    ["rules for both", policy(`${BOTH}\negress: [{}]`)],
    ["a type that is listed in place of the other", policy(`policyTypes: [Egress]\n${IN}`)],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(denyAllByType, text + PODS)).toEqual([]);
  });
});
