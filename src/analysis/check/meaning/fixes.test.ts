import { describe, expect, it } from "vitest";
import { applyFixes } from "../../fix/apply-fixes.ts";
import { findingsOf, namespaceText, podText } from "../check.fixture.ts";
import { MEANING_CHECKS } from "./checks.ts";

const REST = [
  namespaceText("shop"),
  namespaceText("monitoring"),
  podText("shop/db", "app: db"),
  podText("shop/api", "app: api"),
  podText("monitoring/prometheus", "app: prometheus"),
].join("");

/** A policy in block style, with a comment that has to stay. */
const policy = (spec: string, namespace = "shop"): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: policy-of-shop
  namespace: ${namespace} # where
spec:
  # what
  podSelector:
    matchLabels: {app: db}
${spec}`;

const PEER = "    - podSelector:\n        matchLabels: {app: api}\n";

/** Code, the policy, and a piece of what the fix makes of it. */
const CASES: readonly (readonly [string, string, string])[] = [
  [
    "or-instead-of-and",
    policy(`  ingress:\n  - from:\n${PEER}    - namespaceSelector: {}\n`),
    "{app: api}\n      namespaceSelector: {}\n",
  ],
  ["empty-from", policy(`  ingress:\n  - from: []\n  - from:\n${PEER}`), `  ingress:\n  - from:\n${PEER}`],
  [
    "empty-to",
    policy("  policyTypes: [Egress]\n  egress:\n  - to:\n"),
    "  policyTypes: [Egress]\n  egress: []\n",
  ],
  [
    "policy-types-missing-egress",
    policy(`  egress:\n  - to:\n${PEER}`),
    `${PEER}  policyTypes:\n  - Egress\n`,
  ],
  [
    "policy-types-missing-egress",
    policy(`  policyTypes: []\n  egress:\n  - to:\n${PEER}`),
    "  policyTypes: [Egress]\n",
  ],
  ["empty-rules-ignored", policy("  policyTypes: []\n  egress: []\n"), "  policyTypes: [Egress]\n"],
  [
    "deny-all-by-type",
    policy(`  policyTypes:\n  - Ingress\n  - Egress\n  ingress:\n  - from:\n${PEER}`),
    "  policyTypes:\n  - Ingress\n  ingress:",
  ],
  [
    "ignored-rules",
    policy(`  policyTypes: [Egress]\n  ingress:\n  - from:\n${PEER}`),
    "  policyTypes: [Ingress]\n",
  ],
  [
    "ignored-rules",
    policy(`  policyTypes: [Ingress]\n  ingress:\n  - from:\n${PEER}  egress:\n  - to:\n${PEER}`),
    "  policyTypes: [Ingress, Egress]\n",
  ],
  ["empty-rules-ignored", policy("  egress: []\n"), "  egress: []\n  policyTypes:\n  - Egress\n"],
  [
    "pod-selector-in-other-namespace",
    policy(`  ingress:\n  - from:\n${PEER.replace("api", "prometheus")}`),
    "{app: prometheus}\n      namespaceSelector:\n        matchLabels:\n          kubernetes.io/metadata.name: monitoring\n",
  ],
  ["unknown-namespace", policy("  ingress: []\n", "shpo"), "  namespace: shop # where\n"],
  [
    "unknown-namespace",
    policy(
      "  ingress:\n  - from:\n    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: mointoring}}\n",
    ),
    "{kubernetes.io/metadata.name: monitoring}",
  ],
  [
    "name-label",
    policy("  ingress:\n  - from:\n    - namespaceSelector: {matchLabels: {name: monitoring}}\n"),
    "{kubernetes.io/metadata.name: monitoring}",
  ],
];

describe("fixes of policies that mean something else", () => {
  it.each(CASES)("%s: is mended, and only it", (code, before, piece) => {
    const check = MEANING_CHECKS.find(({ codes }) => codes.some((each) => each === code))!;
    const text = before + REST;
    const findings = findingsOf(check, text);
    expect(findings.map((finding) => finding.code)).toEqual([code]);
    expect(applyFixes([{ file: "input.yaml", text }], findings, "safe").files).toEqual([]);
    const { files, refused } = applyFixes([{ file: "input.yaml", text }], findings, [code]);
    expect(refused).toEqual([]);
    const after = files[0]!.text;
    expect(after).toContain(piece);
    expect(after).toContain("  # what\n");
    expect(after).toContain(REST);
    expect(findingsOf(check, after)).toEqual([]);
  });

  it.each([
    ["policyTypes without a value", policy("  policyTypes:\n  egress: []\n")],
    [
      "an empty list that wants two types",
      policy(`  policyTypes: []\n  ingress:\n  - from:\n${PEER}  egress: []\n`),
    ],
  ])("there are none for %s", (_, text) => {
    const check = MEANING_CHECKS.find(({ codes }) => codes.some((each) => each === "empty-rules-ignored"))!;
    const findings = findingsOf(check, text + REST);
    expect(findings.map(({ code, fix }) => [code, fix])).toEqual([["empty-rules-ignored", undefined]]);
  });
});
