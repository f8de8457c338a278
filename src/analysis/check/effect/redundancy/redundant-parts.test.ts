import { describe, expect, it } from "vitest";
import { findingsOf, placesOf } from "../../check.fixture.ts";
import { redundantParts } from "./redundant-parts.ts";

const policy = (rule: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: db}
spec:
  podSelector: {}
  ingress:
  - ${rule}
`;

const from = (...peers: string[]): string =>
  policy(`from:\n${peers.map((peer) => `    - ${peer}`).join("\n")}`);
const ports = (...list: string[]): string =>
  policy(`ports:\n${list.map((port) => `    - ${port}`).join("\n")}`);
const findings = (text: string) => findingsOf(redundantParts, text);

describe("redundant-peer", () => {
  it("tells a peer that stands there twice", () => {
    const text = from(
      "podSelector: {matchLabels: {app: web, tier: a}}",
      "ipBlock: {cidr: 192.0.2.0/24}",
      "podSelector: {matchLabels: {tier: a}, matchExpressions: [{key: app, operator: In, values: [web]}]}",
    );
    const [finding, ...others] = findings(text);
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["10:7 warning redundant-peer"]);
    expect(finding).toMatchObject({
      object: "NetworkPolicy shop/db",
      message:
        "This peer is the peer on line 8 once more (pods tier=a, app=web of namespace shop): traffic is the same without it.",
      help: "Remove one of them, or correct the one that was to be another.",
      related: [{ position: { line: 8, column: 7 }, message: "the same peer" }],
      fix: { safe: true, edits: [{ kind: "remove-item", at: { line: 10, column: 7 } }] },
    });
  });

  it("tells a peer that a wider one includes", () => {
    const [finding] = findings(from("podSelector: {matchLabels: {app: web}}", "podSelector: {}"));
    expect(placesOf([finding!])).toEqual(["8:7 info redundant-peer"]);
    expect(finding).toMatchObject({
      message:
        "Traffic is the same without this peer (pods app=web of namespace shop): all that it matches, the peer on line 9 " +
        "matches too (every pod of namespace shop), whatever pods come.",
      help: "If it is too wide, remove the peer on line 9. Else remove this peer.",
    });
  });

  it("tells together what one peer includes", () => {
    const blocks = ["10.1.0.0/16", "10.2.0.0/16", "10.0.0.0/8", "10.2.3.0/24"].map(
      (cidr) => `ipBlock: {cidr: ${cidr}}`,
    );
    const [finding, ...others] = findings(from(...blocks));
    expect(others).toEqual([]);
    expect(finding!.message).toMatch(
      /^Traffic is the same without 3 peers of this rule \(addresses 10\.1\.0\.0\/16, .*\): all that they match, the peer on line 10/,
    );
    expect(finding!.fix!.edits.map((edit) => "at" in edit && edit.at.line)).toEqual([8, 9, 11]);
  });

  it.each([
    ["other pods", ["podSelector: {matchLabels: {app: web}}", "podSelector: {matchLabels: {app: api}}"]],
    ["one label more", ["podSelector: {matchLabels: {app: web}}", "podSelector: {matchLabels: {tier: a}}"]],
    [
      "pods of the own namespace and of namespaces whose labels can change",
      ["podSelector: {}", "namespaceSelector: {matchLabels: {team: a}}"],
    ],
    ["blocks that do not meet", ["ipBlock: {cidr: 10.1.0.0/16}", "ipBlock: {cidr: 10.2.0.0/16}"]],
    [
      "a block that an exception of the wider one leaves out",
      ["ipBlock: {cidr: 10.1.0.0/16}", "ipBlock: {cidr: 10.0.0.0/8, except: [10.1.2.0/24]}"],
    ],
    ["pods, and a block that they may lie in", ["podSelector: {}", "ipBlock: {cidr: 0.0.0.0/0}"]],
  ])("says nothing of %s", (_, peers) => {
    expect(findings(from(...peers))).toEqual([]);
  });

  it("knows exceptions that both have", () => {
    const text = from(
      "ipBlock: {cidr: 10.1.0.0/16, except: [10.1.2.0/23]}",
      "ipBlock: {cidr: 10.0.0.0/8, except: [10.1.2.0/24, 10.9.0.0/16]}",
    );
    expect(placesOf(findings(text))).toEqual(["8:7 info redundant-peer"]);
  });

  it("offers no fix for a network of a list that must not become empty", () => {
    const text = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: c}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  egress:
  - action: Deny
    to: [{networks: [10.0.0.0/8]}, {networks: [10.1.0.0/16]}]
`;
    const [finding] = findings(text);
    expect(placesOf([finding!])).toEqual(["10:48 info redundant-peer"]);
    expect(finding!.fix).toBeUndefined();
  });
});

describe("redundant-port", () => {
  it("tells a port that stands there twice", () => {
    const [finding, ...others] = findings(ports("port: 80", "port: 443", "{port: 80, protocol: TCP}"));
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["10:7 warning redundant-port"]);
    expect(finding).toMatchObject({
      message: "TCP 80 stands twice in this rule: traffic is the same without it.",
      fix: { safe: true, edits: [{ kind: "remove-item", at: { line: 10, column: 7 } }] },
    });
  });

  it("tells a port of a range, and one of two ranges together", () => {
    expect(findings(ports("port: 8080", "{port: 8000, endPort: 9000}"))).toMatchObject([
      {
        severity: "info",
        message: "Traffic is the same without TCP 8080: TCP 8000-9000 of the same rule includes it.",
        help: "If only this port was meant, remove the wider one. Else remove this one.",
      },
    ]);
    const both = ports("{port: 1, endPort: 10}", "{port: 8, endPort: 14}", "{port: 11, endPort: 20}");
    expect(findings(both)).toMatchObject([
      {
        message: "Traffic is the same without TCP 8-14: TCP 1-10 and TCP 11-20 of the same rule include it.",
      },
    ]);
  });

  it("tells a name beside every port of its protocol", () => {
    expect(findings(ports("port: http", "protocol: TCP"))).toMatchObject([
      {
        message:
          "Traffic is the same without TCP port named http: every TCP port of the same rule includes it.",
      },
    ]);
  });

  it.each([
    ["the same port of another protocol", ["{port: 53, protocol: UDP}", "{port: 53, protocol: TCP}"]],
    ["a name, and the number that it may stand for", ["port: http", "port: 80"]],
    ["ranges that meet", ["{port: 1, endPort: 10}", "{port: 8, endPort: 14}"]],
  ])("says nothing of %s", (_, list) => {
    expect(findings(ports(...list))).toEqual([]);
  });
});
