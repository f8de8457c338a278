import { describe, expect, it } from "vitest";
import {
  adminFrom,
  adminPolicy,
  baselineAdminPolicy,
  clusterPolicy,
  from,
  withClusterPolicies,
} from "../reference/cluster-objects.ts";
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
      "lacks a family of its node",
      (cluster) => {
        cluster.nodes[0]!.status!.addresses!.push({ type: "InternalIP", address: "fd00:172:18::2" });
        cluster.pods.push(pod("shop/h", { ips: ["172.18.0.2"], hostNetwork: true }));
      },
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

  it.each<object>([
    { tier: "Network" },
    { priority: 1001 },
    { priority: 1.5 },
    { subject: {} },
    { subject: { namespaces: {}, pods: { namespaceSelector: {}, podSelector: {} } } },
    { subject: { pods: { podSelector: {} } } },
    { subject: { namespaces: { matchLabels: { "-a": "" } } } },
    { ingress: [{ action: "Allow", from: [{ namespaces: {} }] }] },
    { ingress: [{ from: [{ namespaces: {} }] }] },
    { ingress: [{ action: "Deny", from: [] }] },
    { ingress: Array(26).fill({ action: "Deny", from: [{ namespaces: {} }] }) },
    { egress: [{ action: "Deny", to: [{ namespaces: {}, nodes: {} }] }] },
    { egress: [{ action: "Deny", to: [{ networks: [] }] }] },
    { egress: [{ action: "Deny", to: [{ networks: ["10.0.0.1/8"] }] }] },
    { egress: [{ action: "Deny", to: [{ networks: ["10.0.0.0/8", "10.0.0.0/8"] }] }] },
    { egress: [{ action: "Deny", to: [{ domainNames: ["example.com"] }] }] },
    { egress: [{ action: "Accept", to: [{ domainNames: ["a.*.example.com"] }] }] },
    { egress: [{ action: "Deny", to: [{ pods: { namespaceSelector: {} } }] }] },
    { egress: [{ action: "Deny", to: [{ namespaces: {} }], protocols: [] }] },
    { egress: [{ action: "Deny", to: [{ nodes: {} }], protocols: [{ destinationNamedPort: "web" }] }] },
    ...[
      { tcp: { destinationPort: { number: 0 } } },
      { tcp: { destinationPort: { range: { start: 80, end: 80 } } } },
      { tcp: { destinationPort: { range: { start: 80 } } } },
      { tcp: { destinationPort: { number: 80, range: { start: 80, end: 81 } } } },
      { tcp: {}, udp: {} },
      { destinationNamedPort: "HTTP" },
    ].map((protocol) => ({ egress: [{ action: "Deny", to: [{ namespaces: {} }], protocols: [protocol] }] })),
  ])("refuses the ClusterNetworkPolicy %j", (fields) => {
    expect(clusterProblems(withClusterPolicies(valid(), clusterPolicy("a", fields)))).not.toEqual([]);
  });

  it.each<object>([
    { priority: -1 },
    { ingress: [{ action: "Accept", from: [{ namespaces: {} }] }] },
    ...[
      { portNumber: { port: 0 } },
      { portNumber: { protocol: "ICMP", port: 1 } },
      { portRange: { start: 2, end: 1 } },
      { namedPort: "a--b" },
      { namedPort: "a", portNumber: { port: 1 } },
    ].map((port) => ({ ingress: [{ action: "Deny", from: [{ namespaces: {} }], ports: [port] }] })),
  ])("refuses the AdminNetworkPolicy %j", (fields) => {
    expect(clusterProblems(withClusterPolicies(valid(), adminPolicy("a", fields)))).not.toEqual([]);
  });

  it("refuses Pass and another name than default in a BaselineAdminNetworkPolicy, and two of one kind and name", () => {
    const pass = baselineAdminPolicy({ ingress: [adminFrom("Pass")] });
    const renamed = { ...baselineAdminPolicy({}), metadata: { name: "other" } };
    for (const wrong of [[pass], [renamed], [clusterPolicy("a", {}), clusterPolicy("a", {})]]) {
      expect(clusterProblems(withClusterPolicies(valid(), ...wrong))).not.toEqual([]);
    }
    const fine = [clusterPolicy("a", {}), adminPolicy("a", {}), baselineAdminPolicy({})];
    expect(clusterProblems(withClusterPolicies(valid(), ...fine))).toEqual([]);
  });

  it("takes peers and protocols that a newer API may serve", () => {
    const rule = from("Deny", { newer: {} }, [{}, { tcp: {} }, { icmp: {} }]);
    expect(clusterProblems(withClusterPolicies(valid(), clusterPolicy("a.b", { ingress: [rule] })))).toEqual(
      [],
    );
  });

  it("lets a finished pod keep an address that is in use again", () => {
    const cluster = valid();
    cluster.pods.push(pod("shop/job", { ips: ["10.244.0.1"], phase: "Succeeded" }));
    expect(clusterProblems(cluster)).toEqual([]);
  });
});
