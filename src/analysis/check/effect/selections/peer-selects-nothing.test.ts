import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../../check.fixture.ts";
import { peerSelectsNothing } from "./peer-selects-nothing.ts";

const PODS = [
  namespaceText("shop", "team: a"),
  namespaceText("monitoring", "team: ops"),
  podText("shop/api", "server: api"),
  podText("shop/db", "server: db"),
  podText("monitoring/prometheus", "app: prometheus"),
].join("");

const policy = (peers: string, name = "p", type = "Ingress"): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: ${name}}
spec:
  podSelector: {matchLabels: {server: db}}
  policyTypes: [${type}]
  ${type === "Ingress" ? "ingress" : "egress"}:
  - ${type === "Ingress" ? "from" : "to"}:
    - ${peers}
`;

const findings = (text: string, everything = false) =>
  findingsOf(peerSelectsNothing, text + PODS, { everything });

describe("peer-selects-nothing", () => {
  it("tells a label that is misspelt, and the nearest", () => {
    const [finding, ...others] = findings(policy("podSelector: {matchLabels: {sever: api}}"));
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["10:35 warning peer-selects-nothing"]);
    expect(finding).toMatchObject({
      object: "NetworkPolicy shop/p",
      message: "This peer lets nobody in: no pod of namespace shop has sever=api.",
      help: "Did you mean server=api (1 pod: shop/api)?",
      fix: { safe: false, edits: [{ kind: "rename-field", at: { line: 10, column: 35 }, name: "server" }] },
    });
  });

  it("finds it in egress, and pods of other namespaces", () => {
    const peer =
      "{namespaceSelector: {matchLabels: {team: ops}}, podSelector: {matchLabels: {app: promtheus}}}";
    const [finding] = findings(policy(peer, "p", "Egress"));
    expect(finding).toMatchObject({
      severity: "warning",
      message: "This peer lets nothing out: no pod of namespaces team=ops has app=promtheus.",
      help: "Did you mean app=prometheus (1 pod: monitoring/prometheus)?",
      fix: { edits: [{ kind: "set-value", value: "prometheus" }] },
    });
  });

  it("finds namespaces that nobody has", () => {
    const [finding] = findings(policy("namespaceSelector: {matchLabels: {team: osp}}"));
    expect(placesOf([finding!])).toEqual(["10:41 warning peer-selects-nothing"]);
    expect(finding).toMatchObject({
      message: "This peer lets nobody in: no namespace has team=osp.",
      help: "Did you mean team=ops (1 pod: monitoring/prometheus)?",
    });
  });

  it("is said once of many policies", () => {
    const peer = "podSelector: {matchLabels: {sever: api}}";
    const [finding, ...others] = findings([1, 2, 3].map((i) => policy(peer, `p${i}`)).join(""));
    expect(others).toEqual([]);
    expect(finding!.message).toMatch(/^This peer, and 2 more like it, let nobody in: /);
    expect(finding!.related).toHaveLength(2);
    expect(finding!.fix!.edits).toHaveLength(3);
  });

  it("is an info where nothing is near: such pods may come", () => {
    const [finding] = findings(policy("podSelector: {matchLabels: {access: granted}}"));
    expect(finding).toMatchObject({
      severity: "info",
      help: expect.stringMatching(/^If such pods are still to come/),
    });
    expect(finding!.fix).toBeUndefined();
  });

  it("tells of a rule that denies that it matches nobody", () => {
    const text = `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: c}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  ingress:
  - action: Deny
    from: [{pods: {namespaceSelector: {matchLabels: {team: ops}}, podSelector: {matchLabels: {app: promtheus}}}}]
`;
    const [finding] = findings(text);
    expect(placesOf([finding!])).toEqual(["11:95 warning peer-selects-nothing"]);
    expect(finding!.message).toBe(
      "This peer matches nobody: no pod of namespaces team=ops has app=promtheus.",
    );
  });

  it.each([
    ["a peer that is there", policy("podSelector: {matchLabels: {server: api}}")],
    [
      "pods of other namespaces, which is another mistake",
      policy("podSelector: {matchLabels: {app: prometheus}}"),
    ],
    [
      "a namespace that is not in the input",
      policy("namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress-nginx}}"),
    ],
    ["namespaces of a label that others may have", policy("namespaceSelector: {matchLabels: {zone: dmz}}")],
    [
      "a namespace's name under another label, which is another mistake",
      policy("namespaceSelector: {matchLabels: {name: monitoring}}"),
    ],
    [
      "rules that are never read",
      policy("podSelector: {matchLabels: {sever: api}}").replace("[Ingress]", "[Egress]"),
    ],
    ["addresses", policy("ipBlock: {cidr: 192.0.2.0/24}")],
  ])("says nothing of %s", (_, text) => {
    expect(findings(text)).toEqual([]);
  });

  it("tells more of a running cluster, where everything is known", () => {
    const text = policy("namespaceSelector: {matchLabels: {zone: dmz}}");
    expect(findings(text, true)).toMatchObject([
      { severity: "info", message: "This peer lets nobody in: no namespace has zone=dmz." },
    ]);
  });
});
