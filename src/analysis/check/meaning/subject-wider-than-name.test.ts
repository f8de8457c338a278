import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { subjectWiderThanName } from "./subject-wider-than-name.ts";

const PODS = podText("shop/db", "app: db") + podText("shop/api", "app: api");

const policy = (name: string, rest = "policyTypes: [Ingress]", subject = "{}"): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: ${name}}
spec:
  podSelector: ${subject}
  ${rest}
`;

describe("subject-wider-than-name", () => {
  it.each(["db", "db-policy", "db-netpol", "networkpolicy-db"])("tells it of %s", (name) => {
    const findings = findingsOf(subjectWiderThanName, policy(name) + PODS);
    expect(placesOf(findings)).toEqual(["6:3 info subject-wider-than-name"]);
    expect(findings[0]).toMatchObject({
      object: `NetworkPolicy shop/${name}`,
      message:
        "By its name, the policy is about shop/db (1 pod today); it limits every pod of namespace shop (2 pods today), and what it allows is allowed to all of them.",
    });
  });

  it("tells it of what a name says traffic goes to, be it no workload", () => {
    const findings = findingsOf(subjectWiderThanName, policy("edge-to-front", "ingress: [{}]") + PODS);
    expect(placesOf(findings)).toEqual(["6:3 info subject-wider-than-name"]);
    expect(findings[0]!.message).toMatch(
      /^By its name, the policy is about front; it limits every pod of namespace shop \(2 pods today\)/,
    );
  });

  it.each([
    ["egress to what the name says", policy("api-to-db", "policyTypes: [Egress]\n  egress: [{}]")],
    ["a name that says all", policy("edge-to-all-pods", "ingress: [{}]")],
    ["a name that says the namespace", policy("edge-to-shop", "ingress: [{}]")],
    ["the labels of the workload", policy("db", "policyTypes: [Ingress]", "{matchLabels: {app: db}}")],
    ["a name of no workload", policy("default-deny")],
    ["a name with another word", policy("allow-db")],
    [
      "a workload that the policy lets in",
      policy("db", "ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]"),
    ],
    ["the name of the namespace", policy("shop") + podText("shop/shop", "app: shop")],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(subjectWiderThanName, text + PODS)).toEqual([]);
  });

  it("says nothing where the workload is all there is", () => {
    expect(findingsOf(subjectWiderThanName, policy("db") + podText("shop/db", "app: db"))).toEqual([]);
  });
});
