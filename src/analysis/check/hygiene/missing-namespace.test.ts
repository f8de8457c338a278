import { describe, expect, it } from "vitest";
import { applyFixes } from "../../fix/apply-fixes.ts";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { missingNamespace } from "./missing-namespace.ts";

const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
spec:
  podSelector: {}
`;
const DEPLOYMENT = `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: i}]}
`;

describe("missing-namespace", () => {
  it("tells once of each object that names none, beside one that does", () => {
    const text = POLICY + DEPLOYMENT + podText("shop/api", "app: api");
    const findings = findingsOf(missingNamespace, text);
    expect(placesOf(findings)).toEqual(["3:1 info missing-namespace", "10:1 info missing-namespace"]);
    expect(findings.map(({ object }) => object)).toEqual([
      "NetworkPolicy default/db",
      "Deployment default/web",
    ]);
    expect(findings[0]).toMatchObject({
      message:
        "This policy names no namespace: it protects pods of whatever namespace kubectl is set to, and none of the others.",
      help: expect.stringMatching(/^Add namespace: shop, /),
      fix: { safe: false },
    });
    const { files, applied, refused } = applyFixes([{ file: "input.yaml", text }], findings, "all");
    expect(refused).toEqual([]);
    expect(applied).toEqual(findings);
    expect(files[0]?.text).toBe(
      text
        .replace("name: db\n", "name: db\n  namespace: shop\n")
        .replace("{name: web}", "{name: web, namespace: shop}"),
    );
  });

  it("does not choose where others name several", () => {
    const text = POLICY + podText("shop/api", "app: api") + podText("ops/api", "app: api");
    const [finding] = findingsOf(missingNamespace, text);
    expect(finding?.fix).toBeUndefined();
    expect(finding?.help).toMatch(/^Add metadata.namespace/);
  });

  it.each([
    ["where nobody names one", POLICY + DEPLOYMENT],
    [
      "of the namespace default that is written",
      POLICY.replace("name: db", "name: db\n  namespace: default") + podText("shop/api", ""),
    ],
    [
      "of pods in it that say so",
      POLICY.replace("name: db", "name: db\n  namespace: shop") + podText("default/api", ""),
    ],
  ])("says nothing %s", (_, text) => {
    expect(findingsOf(missingNamespace, text)).toEqual([]);
  });

  it("says nothing of a running cluster", () => {
    const text = POLICY + podText("shop/api", "app: api");
    expect(findingsOf(missingNamespace, text, { everything: true })).toEqual([]);
  });
});
