import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { kubeletReachable } from "./kubelet-reachable.ts";
import { clusterPolicyText, nodeText, policyText } from "./openness.fixture.ts";

const OTHERS =
  podText("shop/log", "app: log") +
  nodeText("n1", "192.0.2.1") +
  nodeText("n2", "192.0.2.2") +
  nodeText("n3", "198.51.100.3");
const policy = (rule: string): string =>
  policyText(
    "log",
    `spec:\n  podSelector: {matchLabels: {app: log}}\n  policyTypes: [Egress]\n  egress:\n  ${rule}`,
  );
const NODES = "- to: [{ipBlock: {cidr: 192.0.2.0/24}}]";

describe("kubelet-reachable", () => {
  it("tells who reaches the kubelets of how many nodes, and by which block", () => {
    const [finding, ...others] = findingsOf(kubeletReachable, policy(NODES) + OTHERS);
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["9:27 warning kubelet-reachable"]);
    expect(finding).toMatchObject({
      object: "NetworkPolicy shop/log",
      message:
        "This rule lets pods app=log of namespace shop (1 pod today) out to the kubelets (TCP 10250) of 2 nodes, which start and enter pods for whoever they trust: addresses 192.0.2.0/24 covers them.",
      help: "If these pods have no business there, except the addresses of the nodes from the block, or name the ports that are needed.",
    });
  });

  it("counts nodes whose addresses policies tell apart", () => {
    const other = policyText(
      "other",
      "spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 192.0.2.1/32}}], ports: [{port: 1}]}]}",
    );
    const [finding] = findingsOf(kubeletReachable, policy(NODES) + OTHERS + other);
    expect(finding!.message).toContain("of 2 nodes");
  });

  it("finds all ports to nodes by their labels", () => {
    const cluster = clusterPolicyText("Admin", "  egress: [{action: Accept, to: [{nodes: {}}]}]");
    const [finding] = findingsOf(kubeletReachable, cluster + OTHERS);
    expect(finding!.message).toMatch(/of 3 nodes, .*: every node are meant with every port\.$/);
  });

  it.each([
    ["one address", "- to: [{ipBlock: {cidr: 192.0.2.1/32}}]"],
    ["its port by name", `${NODES}\n    ports: [{port: 10250}]`],
    ["other ports", `${NODES}\n    ports: [{port: 443}, {port: 9100}]`],
    ["the nodes left out", "- to: [{ipBlock: {cidr: 192.0.0.0/16, except: [192.0.2.0/24]}}]"],
    ["another block", "- to: [{ipBlock: {cidr: 203.0.113.0/24}}]"],
    ["everyone, which another check tells", "- {}"],
  ])("says nothing of %s", (_, rule) => {
    expect(findingsOf(kubeletReachable, policy(rule) + OTHERS)).toEqual([]);
  });

  it("says nothing where nodes are not known, or denied by a policy of the cluster", () => {
    expect(findingsOf(kubeletReachable, policy(NODES) + podText("shop/log", "app: log"))).toEqual([]);
    const deny = clusterPolicyText("Admin", "  egress: [{action: Deny, to: [{nodes: {}}]}]");
    expect(findingsOf(kubeletReachable, policy(NODES) + deny + OTHERS)).toEqual([]);
  });
});
