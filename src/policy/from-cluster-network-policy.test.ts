import { describe, expect, it } from "vitest";
import { clusterPolicyObject } from "../cluster/objects.fixture.ts";
import type {
  ClusterNetworkPolicyAction,
  ClusterNetworkPolicyProtocol,
  ClusterPolicyPeer,
} from "../k8s/objects.ts";
import { formatCidr } from "../net/cidr.ts";
import { portSetTokens } from "../net/port-set.ts";
import { fromClusterNetworkPolicy } from "./from-cluster-network-policy.ts";
import type { Peer, PortMatch, Rule } from "./policy.ts";

const WEB = { matchLabels: { app: "web" } };
const SHOP = { matchLabels: { team: "shop" } };

function egressRule(
  to: readonly ClusterPolicyPeer[],
  protocols?: readonly ClusterNetworkPolicyProtocol[],
  action: ClusterNetworkPolicyAction = "Accept",
): Rule {
  const rule = { action, to, ...(protocols && { protocols }) };
  return fromClusterNetworkPolicy(clusterPolicyObject("p", { egress: [rule] })).rules.egress[0]!;
}

function peersOf(peer: ClusterPolicyPeer): readonly Peer[] {
  const { peers } = egressRule([peer]);
  if (peers === "everyone") throw new Error("a peer was lost");
  return peers;
}

function portOf(entry: ClusterNetworkPolicyProtocol): PortMatch {
  const { ports } = egressRule([{ namespaces: {} }], [entry]);
  if (ports === "all") throw new Error("a port was lost");
  return ports[0]!;
}

describe("the policy made of a ClusterNetworkPolicy", () => {
  it("has the name as its id, and its tier and priority", () => {
    const policy = fromClusterNetworkPolicy(clusterPolicyObject("p", { tier: "Baseline", priority: 1000 }));
    expect(policy).toMatchObject({ kind: "ClusterNetworkPolicy", id: "p", tier: "Baseline", priority: 1000 });
  });

  it("isolates nothing, whatever its rules", () => {
    const rules = {
      ingress: [{ action: "Deny" as const, from: [{ namespaces: {} }] }],
      egress: [{ action: "Deny" as const, to: [{ namespaces: {} }] }],
    };
    expect(fromClusterNetworkPolicy(clusterPolicyObject("p", rules)).isolates).toEqual({
      ingress: false,
      egress: false,
    });
  });

  it("without rules has none", () => {
    expect(fromClusterNetworkPolicy(clusterPolicyObject("p")).rules).toEqual({ ingress: [], egress: [] });
  });

  it("is about every pod of the namespaces that `namespaces` selects", () => {
    expect(
      fromClusterNetworkPolicy(clusterPolicyObject("p", { subject: { namespaces: SHOP } })).subject,
    ).toEqual({
      namespaces: { kind: "selector", selector: SHOP },
      pods: {},
    });
  });

  it("is about the pods that both selectors of `pods` select", () => {
    const subject = { pods: { namespaceSelector: SHOP, podSelector: WEB } };
    expect(fromClusterNetworkPolicy(clusterPolicyObject("p", { subject })).subject).toEqual({
      namespaces: { kind: "selector", selector: SHOP },
      pods: WEB,
    });
  });

  it("keeps names, actions and the order of the rules, and knows their places", () => {
    const { rules } = fromClusterNetworkPolicy(
      clusterPolicyObject("p", {
        ingress: [
          { name: "first", action: "Pass", from: [{ namespaces: {} }] },
          { action: "Deny", from: [{ namespaces: {} }] },
        ],
        egress: [{ name: "", action: "Accept", to: [{ namespaces: {} }] }],
      }),
    );
    expect(rules.ingress).toMatchObject([
      { direction: "ingress", index: 0, name: "first", action: "Pass", path: ["spec", "ingress", 0] },
      { direction: "ingress", index: 1, action: "Deny", path: ["spec", "ingress", 1] },
    ]);
    expect(rules.egress).toMatchObject([{ direction: "egress", index: 0, action: "Accept" }]);
    expect([rules.ingress[1], rules.egress[0]].map((rule) => "name" in rule!)).toEqual([false, false]);
    expect(rules.ingress.concat(rules.egress).some((rule) => "failsClosed" in rule)).toBe(false);
  });
});

describe("a peer", () => {
  it("of ingress has its place in from", () => {
    const { rules } = fromClusterNetworkPolicy(
      clusterPolicyObject("p", { ingress: [{ action: "Deny", from: [{ namespaces: SHOP }] }] }),
    );
    expect(rules.ingress[0]!.peers).toMatchObject([{ path: ["spec", "ingress", 0, "from", 0] }]);
  });

  it("of namespaces is every pod of them", () => {
    expect(peersOf({ namespaces: SHOP })).toEqual([
      {
        kind: "pods",
        selection: { namespaces: { kind: "selector", selector: SHOP }, pods: {} },
        path: ["spec", "egress", 0, "to", 0],
      },
    ]);
  });

  it("of pods takes both selectors", () => {
    expect(peersOf({ pods: { namespaceSelector: SHOP, podSelector: WEB } })).toMatchObject([
      { kind: "pods", selection: { namespaces: { kind: "selector", selector: SHOP }, pods: WEB } },
    ]);
  });

  it("of nodes is their selector, the empty one included", () => {
    expect(peersOf({ nodes: WEB })).toEqual([
      { kind: "nodes", selector: WEB, path: ["spec", "egress", 0, "to", 0] },
    ]);
    expect(peersOf({ nodes: {} })).toMatchObject([{ kind: "nodes", selector: {} }]);
  });

  it("of networks is one peer for each CIDR, with the place of that very entry", () => {
    const peers = peersOf({ networks: ["10.0.0.5/8", "fd00::/8"] });
    expect(peers.map((peer) => (peer.kind === "addresses" ? formatCidr(peer.cidr) : peer.kind))).toEqual([
      "10.0.0.0/8",
      "fd00::/8",
    ]);
    expect(peers).toMatchObject([
      { except: [], path: ["spec", "egress", 0, "to", 0, "networks", 0] },
      { except: [], path: ["spec", "egress", 0, "to", 0, "networks", 1] },
    ]);
  });

  it("of domainNames holds the names", () => {
    expect(peersOf({ domainNames: ["example.com", "*.example.org"] })).toEqual([
      { kind: "domains", names: ["example.com", "*.example.org"], path: ["spec", "egress", 0, "to", 0] },
    ]);
  });
});

describe("protocols", () => {
  it("that are absent are all traffic", () => {
    expect(egressRule([{ namespaces: {} }]).ports).toBe("all");
  });

  it.each<[ClusterNetworkPolicyProtocol, string]>([
    [{ tcp: { destinationPort: { number: 80 } } }, "TCP/80"],
    [{ udp: { destinationPort: { number: 53 } } }, "UDP/53"],
    [{ sctp: { destinationPort: { number: 9003 } } }, "SCTP/9003"],
    [{ tcp: { destinationPort: { range: { start: 1, end: 65535 } } } }, "TCP/1-65535"],
    [{ udp: { destinationPort: { range: { start: 5000, end: 5010 } } } }, "UDP/5000-5010"],
  ])("%j is %s", (entry, token) => {
    const match = portOf(entry);
    expect(match.kind === "numbers" && portSetTokens(match.ports)).toEqual([token]);
    expect(match.path).toEqual(["spec", "egress", 0, "protocols", 0]);
  });

  it("that name a port mean it for any protocol", () => {
    expect(portOf({ destinationNamedPort: "web" })).toEqual({
      kind: "name",
      protocol: "any",
      name: "web",
      path: ["spec", "egress", 0, "protocols", 0],
    });
  });
});

describe("a rule with something that is not known", () => {
  const known = { namespaces: {} };
  const port = { tcp: { destinationPort: { number: 80 } } };
  const cases: [
    string,
    ClusterPolicyPeer[],
    ClusterNetworkPolicyProtocol[] | undefined,
    (string | number)[],
  ][] = [
    ["the only peer", [{}], undefined, ["to", 0]],
    ["one peer of two", [known, {}], [port], ["to", 1]],
    ["the only protocol", [known], [{}], ["protocols", 0]],
    ["one protocol of two", [known], [port, {}], ["protocols", 1]],
  ];

  it.each(cases)("Accept, %s: matches nobody", (_name, to, protocols, field) => {
    expect(egressRule(to, protocols)).toEqual({
      direction: "egress",
      index: 0,
      action: "Accept",
      peers: [],
      ports: "all",
      path: ["spec", "egress", 0],
      failsClosed: ["spec", "egress", 0, ...field],
    });
  });

  for (const action of ["Deny", "Pass"] as const) {
    it.each(cases)(`${action}, %s: denies everything`, (_name, to, protocols, field) => {
      expect(egressRule(to, protocols, action)).toEqual({
        direction: "egress",
        index: 0,
        action: "Deny",
        peers: "everyone",
        ports: "all",
        path: ["spec", "egress", 0],
        failsClosed: ["spec", "egress", 0, ...field],
      });
    });
  }

  it("leaves the other rules as they are", () => {
    const { rules } = fromClusterNetworkPolicy(
      clusterPolicyObject("p", {
        ingress: [{ action: "Accept", from: [known] }],
        egress: [
          { action: "Pass", to: [{}] },
          { action: "Accept", to: [known] },
        ],
      }),
    );
    expect([...rules.ingress, ...rules.egress].map((rule) => rule.failsClosed !== undefined)).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe("a broken policy", () => {
  it("denies everything for the directions that it closes, and has no other rule", () => {
    const broken = { ...clusterPolicyObject("p"), broken: true, closes: ["egress" as const] };
    const policy = fromClusterNetworkPolicy(broken);
    expect(policy.broken).toBe(true);
    expect(policy.rules.ingress).toEqual([]);
    expect(policy.rules.egress).toMatchObject([
      { action: "Deny", peers: "everyone", ports: "all", failsClosed: ["spec"] },
    ]);
  });
});
