import { describe, expect, it } from "vitest";
import { ORIGIN, policyObject } from "../cluster/objects.fixture.ts";
import type { NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec, PolicyType } from "../k8s/objects.ts";
import { formatCidr } from "../net/cidr.ts";
import { fromNetworkPolicy, isolatedDirections } from "./from-network-policy.ts";
import type { Peer, PortMatch } from "./policy.ts";

describe("isolatedDirections", () => {
  const one: NetworkPolicySpec["egress"] = [{}];
  it.each<[PolicyType[] | undefined, NetworkPolicySpec["egress"], boolean, boolean]>([
    [undefined, undefined, true, false],
    [undefined, [], true, false],
    [undefined, one, true, true],
    [[], undefined, true, false],
    [[], [], true, false],
    [[], one, true, true],
    [["Ingress"], undefined, true, false],
    [["Ingress"], one, true, false],
    [["Egress"], undefined, false, true],
    [["Egress"], [], false, true],
    [["Egress"], one, false, true],
    [["Ingress", "Egress"], undefined, true, true],
    [["Egress", "Ingress"], one, true, true],
  ])("policyTypes %j and egress %j: ingress %s, egress %s", (policyTypes, egress, isIngress, isEgress) => {
    const spec: NetworkPolicySpec = {
      podSelector: {},
      ...(policyTypes && { policyTypes }),
      ...(egress && { egress }),
    };
    expect(isolatedDirections(spec)).toEqual({ ingress: isIngress, egress: isEgress });
  });

  it("does not depend on ingress rules", () => {
    expect(isolatedDirections({ podSelector: {}, ingress: [{}] })).toEqual({ ingress: true, egress: false });
  });
});

function peerOf(peer: NetworkPolicyPeer): Peer {
  const { peers } = fromNetworkPolicy(policyObject("p", { ingress: [{ from: [peer] }] })).rules.ingress[0]!;
  if (peers === "everyone") throw new Error("a peer was lost");
  return peers[0]!;
}

function portOf(port: NetworkPolicyPort): PortMatch {
  const { ports } = fromNetworkPolicy(policyObject("p", { egress: [{ ports: [port] }] })).rules.egress[0]!;
  if (ports === "all") throw new Error("a port was lost");
  return ports[0]!;
}

describe("the policy made of a NetworkPolicy", () => {
  it("is about pods of its own namespace, and carries over what it was", () => {
    const policy = fromNetworkPolicy(policyObject("p", { podSelector: { matchLabels: { app: "db" } } }));
    expect(policy).toMatchObject({
      kind: "NetworkPolicy",
      id: "shop/p",
      tier: "NetworkPolicy",
      subject: { namespaces: { kind: "name", name: "shop" }, pods: { matchLabels: { app: "db" } } },
      rules: { ingress: [], egress: [] },
      broken: false,
      origin: ORIGIN,
    });
    expect(fromNetworkPolicy({ ...policyObject("p"), broken: true }).broken).toBe(true);
  });

  it("reads missing and empty lists of a rule as no limit", () => {
    const spec: Partial<NetworkPolicySpec> = { ingress: [{}, { from: [], ports: [] }], egress: [{ to: [] }] };
    const { ingress, egress } = fromNetworkPolicy(policyObject("p", spec)).rules;
    for (const rule of [...ingress, ...egress]) {
      expect(rule).toMatchObject({ peers: "everyone", ports: "all", action: "Accept" });
    }
    expect([...ingress, ...egress].map(({ path }) => path.join("."))).toEqual([
      "spec.ingress.0",
      "spec.ingress.1",
      "spec.egress.0",
    ]);
  });

  it.each<[NetworkPolicyPeer, unknown]>([
    [
      { podSelector: { matchLabels: { a: "b" } } },
      { namespaces: { kind: "name", name: "shop" }, pods: { matchLabels: { a: "b" } } },
    ],
    [{ podSelector: {} }, { namespaces: { kind: "name", name: "shop" }, pods: {} }],
    [{ namespaceSelector: {} }, { namespaces: { kind: "selector", selector: {} }, pods: {} }],
    [
      { namespaceSelector: { matchLabels: { n: "1" } }, podSelector: { matchLabels: { a: "b" } } },
      {
        namespaces: { kind: "selector", selector: { matchLabels: { n: "1" } } },
        pods: { matchLabels: { a: "b" } },
      },
    ],
  ])("selects by %j", (peer, selection) => {
    expect(peerOf(peer)).toEqual({ kind: "pods", selection, path: ["spec", "ingress", 0, "from", 0] });
  });

  it("reads blocks without their host bits", () => {
    const peer = peerOf({ ipBlock: { cidr: "10.1.2.3/8", except: ["10.1.2.3/16"] } });
    if (peer.kind !== "addresses") throw new Error("a block was lost");
    expect([peer.cidr, ...peer.except].map(formatCidr)).toEqual(["10.0.0.0/8", "10.1.0.0/16"]);
  });

  it.each<[NetworkPolicyPort, string]>([
    [{ port: 80 }, "TCP/80"],
    [{ port: 80, endPort: 90, protocol: "UDP" }, "UDP/80-90"],
    [{ port: 80, endPort: 80 }, "TCP/80"],
    [{}, "TCP/1-65535"],
    [{ protocol: "SCTP" }, "SCTP/1-65535"],
  ])("reads the port %j as %s", (port, key) => {
    expect(portOf(port)).toMatchObject({ kind: "numbers", ports: { key } });
  });

  it("keeps the names of ports, with TCP unless the protocol is told", () => {
    expect(portOf({ port: "dns" })).toMatchObject({ kind: "name", protocol: "TCP", name: "dns" });
    expect(portOf({ port: "dns", protocol: "UDP" })).toMatchObject({ kind: "name", protocol: "UDP" });
  });
});
