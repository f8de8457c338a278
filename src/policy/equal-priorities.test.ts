import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import {
  adminPolicyObject,
  clusterPolicyObject,
  namespaceObject,
  nodeObject,
  podObject,
  policyObject,
} from "../cluster/objects.fixture.ts";
import type { Finding } from "../k8s/finding.ts";
import { parseManifests } from "../k8s/manifests.ts";
import type {
  ClusterNetworkPolicyAction,
  ClusterNetworkPolicyEgressRule,
  ClusterNetworkPolicyIngressRule,
  ClusterNetworkPolicyProtocol,
  ClusterPolicyPeer,
  KubernetesObject,
} from "../k8s/objects.ts";
import { equalPriorityFindings } from "./equal-priorities.ts";

const CLUSTER: readonly KubernetesObject[] = [
  namespaceObject("shop", { team: "a" }),
  namespaceObject("bank", { team: "b" }),
  podObject("web", {
    labels: { app: "web" },
    addresses: ["10.1.0.1"],
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  }),
  podObject("db", { labels: { app: "db", disk: "ssd" }, addresses: ["10.1.0.2"] }),
  podObject("vault", { namespace: "bank", labels: { app: "vault" }, addresses: ["10.2.0.1"] }),
  podObject("agent", { labels: { app: "agent" }, hostNetwork: true, nodeName: "n1" }),
  nodeObject("n1", "192.168.0.1"),
];

const findingsOf = (...policies: KubernetesObject[]): Finding[] =>
  equalPriorityFindings(buildCluster([...CLUSTER, ...policies]).cluster);

const count = (...policies: KubernetesObject[]): number => findingsOf(...policies).length;

const namespaces = (team: string): ClusterPolicyPeer => ({ namespaces: { matchLabels: { team } } });
const pods = (labels: Record<string, string>): ClusterPolicyPeer => ({
  pods: { namespaceSelector: {}, podSelector: { matchLabels: labels } },
});
const tcp = (number: number): ClusterNetworkPolicyProtocol => ({ tcp: { destinationPort: { number } } });

function from(
  action: ClusterNetworkPolicyAction,
  peer: ClusterPolicyPeer = { namespaces: {} },
  ...protocols: ClusterNetworkPolicyProtocol[]
): ClusterNetworkPolicyIngressRule {
  return { action, from: [peer], ...(protocols.length > 0 && { protocols }) };
}

function to(
  action: ClusterNetworkPolicyAction,
  peer: ClusterPolicyPeer = { namespaces: {} },
  ...protocols: ClusterNetworkPolicyProtocol[]
): ClusterNetworkPolicyEgressRule {
  return { action, to: [peer], ...(protocols.length > 0 && { protocols }) };
}

describe("equal priorities", () => {
  it("are reported once for a pair, at the later one, with both names, the order taken and what to do", () => {
    const allow = clusterPolicyObject("b-allow", { ingress: [from("Accept", namespaces("a"))] });
    const deny = adminPolicyObject("a-deny", { ingress: [{ action: "Deny", from: [{ namespaces: {} }] }] });
    const findings = findingsOf(allow, deny);
    expect(findings).toMatchObject([
      { code: "equal-priorities", severity: "warning", object: "ClusterNetworkPolicy b-allow" },
    ]);
    const { message, help } = findings[0]!;
    expect(message).toContain("priority 10 of tier Admin is also that of AdminNetworkPolicy a-deny");
    expect(message).toContain("spec.ingress[0] of a-deny (Deny)");
    expect(message).toContain("spec.ingress[0] of b-allow (Accept)");
    expect(message).toContain("Kubernetes leaves open");
    expect(message).toContain("a-deny is judged before b-allow");
    expect(help).toContain("priority of its own");
  });

  it("point at the priority", () => {
    const asked: unknown[] = [];
    const origin = {
      file: "f",
      position: (path: unknown) => {
        asked.push(path);
        return { file: "f", line: 7, column: 3 };
      },
    };
    const findings = findingsOf(clusterPolicyObject("a", { ingress: [from("Accept")] }), {
      ...clusterPolicyObject("b", { ingress: [from("Deny")] }),
      origin,
    });
    expect(findings).toMatchObject([{ position: { line: 7, column: 3 } }]);
    expect(asked).toContainEqual(["spec", "priority"]);
  });

  it("are found at their line and column", () => {
    const text = ["a", "b"]
      .map(
        (name, i) => `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: ${name}}
spec:
  tier: Admin
  priority: 10
  subject: {namespaces: {}}
  ingress: [{action: ${i === 0 ? "Deny" : "Accept"}, from: [{namespaces: {}}]}]
`,
      )
      .join("");
    const { objects } = parseManifests([{ file: "admin.yaml", text }]);
    expect(findingsOf(...objects)).toMatchObject([
      { position: { file: "admin.yaml", line: 16, column: 13 }, severity: "warning" },
    ]);
  });

  it("are reported once for each later policy", () => {
    const rules = ["Accept", "Deny", "Pass"] as const;
    const policies = rules.map((action, i) => clusterPolicyObject(`p${i}`, { egress: [to(action)] }));
    expect(findingsOf(...policies).map(({ object }) => object)).toEqual([
      "ClusterNetworkPolicy p1",
      "ClusterNetworkPolicy p2",
    ]);
  });

  it("do not matter between tiers, or with different priorities, or beside NetworkPolicies", () => {
    const accept = clusterPolicyObject("a", { ingress: [from("Accept")] });
    expect(count(accept, clusterPolicyObject("b", { tier: "Baseline", ingress: [from("Deny")] }))).toBe(0);
    expect(count(accept, clusterPolicyObject("b", { priority: 11, ingress: [from("Deny")] }))).toBe(0);
    expect(count(accept, policyObject("b"), policyObject("c"))).toBe(0);
  });

  it("do not matter between rules of one effect", () => {
    for (const action of ["Accept", "Deny", "Pass"] as const) {
      const policy = (name: string) =>
        clusterPolicyObject(name, { ingress: [from(action)], egress: [to(action)] });
      expect(count(policy("a"), policy("b"))).toBe(0);
    }
  });

  it("do not matter between Accept and Pass of the tier Baseline, which is the last", () => {
    const policy = (name: string, tier: "Admin" | "Baseline", action: ClusterNetworkPolicyAction) =>
      clusterPolicyObject(name, { tier, ingress: [from(action)] });
    expect(count(policy("a", "Baseline", "Accept"), policy("b", "Baseline", "Pass"))).toBe(0);
    expect(count(policy("a", "Admin", "Accept"), policy("b", "Admin", "Pass"))).toBe(1);
    expect(count(policy("a", "Baseline", "Deny"), policy("b", "Baseline", "Pass"))).toBe(1);
  });

  it("do not matter between directions", () => {
    expect(
      count(
        clusterPolicyObject("a", { ingress: [from("Accept")] }),
        clusterPolicyObject("b", { egress: [to("Deny")] }),
      ),
    ).toBe(0);
  });

  it("do not matter between policies that say the same", () => {
    const rules = { ingress: [from("Accept", namespaces("a"), tcp(80)), from("Deny")] };
    expect(count(clusterPolicyObject("a", rules), clusterPolicyObject("b", rules))).toBe(0);
    const swapped = { ingress: [...rules.ingress].reverse() };
    expect(count(clusterPolicyObject("a", rules), clusterPolicyObject("b", swapped))).toBe(1);
  });

  it("leave broken policies out", () => {
    const broken = { ...clusterPolicyObject("b"), broken: true, closes: ["ingress" as const] };
    expect(count(clusterPolicyObject("a", { ingress: [from("Accept")] }), broken)).toBe(0);
  });
});

describe("subjects", () => {
  const accept = clusterPolicyObject("a", {
    subject: namespaces("a"),
    ingress: [from("Accept")],
  });
  const denyFor = (subject: ClusterPolicyPeer) =>
    clusterPolicyObject("b", { subject, ingress: [from("Deny")] });

  it.each<[string, ClusterPolicyPeer, number]>([
    ["the same namespaces", namespaces("a"), 1],
    ["a pod of them", pods({ disk: "ssd" }), 1],
    ["other namespaces", namespaces("b"), 0],
    ["a pod of others", pods({ app: "vault" }), 0],
    ["no pod at all", pods({ app: "none" }), 0],
    ["a host-network pod, which has no policy", pods({ app: "agent" }), 0],
  ])("of %s", (_name, subject, expected) => {
    expect(count(accept, denyFor(subject))).toBe(expected);
  });
});

describe("rules", () => {
  const meet = (
    a: [ClusterPolicyPeer, ...ClusterNetworkPolicyProtocol[]],
    b: [ClusterPolicyPeer, ...ClusterNetworkPolicyProtocol[]],
  ): number =>
    count(
      clusterPolicyObject("a", { egress: [to("Accept", ...a)] }),
      clusterPolicyObject("b", { egress: [to("Deny", ...b)] }),
    );

  it.each<[string, ClusterPolicyPeer, ClusterPolicyPeer, number]>([
    ["pods and their namespace", pods({ app: "web" }), namespaces("a"), 1],
    ["pods and others", pods({ app: "web" }), pods({ app: "db" }), 0],
    ["pods and a block around them", pods({ app: "web" }), { networks: ["fd00::/8", "10.1.0.0/24"] }, 1],
    ["pods and a block elsewhere", pods({ app: "web" }), { networks: ["10.1.0.2/32", "10.2.0.0/16"] }, 0],
    [
      "blocks that overlap outside",
      { networks: ["8.0.0.0/8"] },
      { networks: ["1.0.0.0/8", "8.8.8.8/32"] },
      1,
    ],
    ["blocks that do not", { networks: ["8.0.0.0/8"] }, { networks: ["9.0.0.0/8", "::/0"] }, 0],
    ["nodes and a block around one", { nodes: {} }, { networks: ["192.168.0.0/16"] }, 1],
    ["nodes and a block elsewhere", { nodes: {} }, { networks: ["192.169.0.0/16"] }, 0],
    ["nodes and pods", { nodes: {} }, { namespaces: {} }, 0],
    ["nodes and nodes", { nodes: {} }, { nodes: {} }, 1],
    ["nodes and no nodes", { nodes: {} }, { nodes: { matchLabels: { a: "b" } } }, 0],
    ["domains, which match nothing, and all", { domainNames: ["a.example"] }, { networks: ["0.0.0.0/0"] }, 0],
    ["all and what is not known, which denies all", { namespaces: {} }, {}, 1],
    ["what is not known, which accepts nothing, and all", {}, { namespaces: {} }, 0],
    ["domains and what denies all", { domainNames: ["a.example"] }, {}, 0],
  ])("for %s", (_name, a, b, expected) => {
    expect(meet([a], [b])).toBe(expected);
  });

  const all: ClusterPolicyPeer = { namespaces: {} };

  it.each<[string, ClusterNetworkPolicyProtocol[], ClusterNetworkPolicyProtocol[], number]>([
    ["the same port", [tcp(80)], [tcp(443), tcp(80)], 1],
    ["different ports", [tcp(80)], [tcp(443)], 0],
    ["the same port of different protocols", [tcp(53)], [{ udp: { destinationPort: { number: 53 } } }], 0],
    ["a port and all traffic", [tcp(80)], [], 1],
    [
      "a port and a range around it",
      [tcp(80)],
      [{ tcp: { destinationPort: { range: { start: 1, end: 99 } } } }],
      1,
    ],
    ["a name and the port of that name", [{ destinationNamedPort: "http" }], [tcp(8080)], 1],
    ["a name and another port", [{ destinationNamedPort: "http" }], [tcp(80)], 0],
    ["a name that no pod has", [{ destinationNamedPort: "none" }], [], 0],
  ])("for %s", (_name, a, b, expected) => {
    expect(meet([all, ...a], [all, ...b])).toBe(expected);
  });
});

it("is quiet about thousands of policies for different pods", () => {
  const objects: KubernetesObject[] = [];
  for (let i = 0; i < 2000; i++) {
    objects.push(podObject("p", { namespace: `ns${i}`, labels: { app: `app${i}` } }));
    const subject = { namespaces: { matchLabels: { "kubernetes.io/metadata.name": `ns${i}` } } };
    objects.push(clusterPolicyObject(`p${i}`, { subject, ingress: [from("Accept", subject), from("Deny")] }));
  }
  expect(equalPriorityFindings(buildCluster(objects).cluster)).toEqual([]);
});
