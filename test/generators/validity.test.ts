import { describe, expect, it } from "vitest";
import { namespace, node, pod, policy } from "../reference/objects.ts";
import type { RawCluster, RawNetworkPolicySpec, RawPeer, RawPort } from "../reference/raw.ts";
import { clusterProblems } from "./validity.ts";

function valid(): RawCluster {
  return {
    namespaces: [namespace("shop")],
    nodes: [node("node-1", ["172.18.0.2"])],
    pods: [pod("shop/web", { ips: ["10.244.0.1"] }), pod("shop/db", { ips: ["10.244.0.2"] })],
    networkPolicies: [policy("shop/p", { ingress: [{}] })],
  };
}

const withRule = (peer: unknown, port: unknown = {}) => {
  const spec = {
    ingress: [{ from: [peer as RawPeer], ports: [port as RawPort] }],
  } as Partial<RawNetworkPolicySpec>;
  return clusterProblems({ ...valid(), networkPolicies: [policy("shop/p", spec)] });
};

describe("clusterProblems", () => {
  it("finds none in a valid cluster", () => {
    expect(clusterProblems(valid())).toEqual([]);
    expect(withRule({ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }, { port: "http" })).toEqual(
      [],
    );
  });

  it.each([
    {},
    { podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } },
    { ipBlock: { cidr: "10.0.0.1/8" } },
    { ipBlock: { cidr: "FD00::/8" } },
    { ipBlock: { cidr: "10.0.0.0" } },
    { ipBlock: {} },
    { ipBlock: { cidr: "10.0.0.0/8", except: ["10.0.0.0/8"] } },
    { ipBlock: { cidr: "10.0.0.0/8", except: ["11.0.0.0/16"] } },
    { podSelector: { matchExpressions: [{ key: "app", operator: "In" }] } },
    { podSelector: { matchExpressions: [{ key: "app", operator: "Exists", values: ["a"] }] } },
    { podSelector: { matchExpressions: [{ key: "app", operator: "Like", values: ["a"] }] } },
    { podSelector: { matchLabels: { "-app": "a" } } },
    { namespaceSelector: { matchLabels: { app: "a b" } } },
  ])("refuses the peer %j", (peer) => expect(withRule(peer)).not.toEqual([]));

  it.each([
    { port: 0 },
    { port: 65536 },
    { port: "80" },
    { port: "sixteen-letters-" },
    { port: "metrics-and-more" },
    { port: "HTTP" },
    { endPort: 90 },
    { port: "http", endPort: 90 },
    { port: 91, endPort: 90 },
    { protocol: "ICMP" },
  ])("refuses the port %j", (port) => expect(withRule({ podSelector: {} }, port)).not.toEqual([]));

  it.each<[string, (cluster: RawCluster) => void]>([
    ["unknown namespace", (cluster) => cluster.namespaces.pop()],
    ["no such node", (cluster) => cluster.nodes.pop()],
    ["two of pod shop/web", (cluster) => cluster.pods.push(cluster.pods[0]!)],
    ["two of address", (cluster) => cluster.pods.push(pod("shop/copy", { ips: ["10.244.0.1"] }))],
    [
      "not its node's address",
      (cluster) => cluster.pods.push(pod("shop/h", { ips: ["10.9.9.9"], hostNetwork: true })),
    ],
    [
      "two addresses of one family",
      (cluster) => cluster.pods.push(pod("shop/x", { ips: ["10.1.1.1", "10.1.1.2"] })),
    ],
    ["no containers", (cluster) => cluster.pods[0]!.spec.containers.splice(0)],
    ["podIP is not the first", (cluster) => cluster.pods[0]!.status!.podIPs!.reverse().pop()],
  ])("tells %s", (problem, spoil) => {
    const cluster = valid();
    spoil(cluster);
    expect(clusterProblems(cluster).join("\n")).toContain(problem);
  });

  it("lets a finished pod keep an address that is in use again", () => {
    const cluster = valid();
    cluster.pods.push(pod("shop/job", { ips: ["10.244.0.1"], phase: "Succeeded" }));
    expect(clusterProblems(cluster)).toEqual([]);
  });
});
