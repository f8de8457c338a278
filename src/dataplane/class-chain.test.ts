import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import { clusterPolicyObject, namespaceObject, nodeObject, podObject } from "../cluster/objects.fixture.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import type {
  ClusterNetworkPolicy,
  ClusterNetworkPolicyEgressRule,
  ClusterNetworkPolicyIngressRule,
  ClusterNetworkPolicyProtocol,
  Direction,
  KubernetesObject,
  LabelSelector,
} from "../k8s/objects.ts";
import { classChain } from "./class-chain.ts";

const BASE: readonly KubernetesObject[] = [
  namespaceObject("shop"),
  { ...nodeObject("one", "172.18.0.2"), labels: { zone: "a" } },
  { ...nodeObject("two", "172.18.0.3"), labels: { zone: "b" } },
  ...["a", "b", "x", "y"].map((name, i) =>
    podObject(name, {
      labels: { app: name },
      addresses: [`10.244.0.${i + 1}`],
      ports: [{ name: "web", protocol: "TCP" as const, port: name === "b" ? 81 : 80 }],
    }),
  ),
];

type Spec = Partial<ClusterNetworkPolicy["spec"]>;
const app = (name: string): { pods: { namespaceSelector: object; podSelector: LabelSelector } } => ({
  pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: name } } },
});
const out = (...egress: ClusterNetworkPolicyEgressRule[]): Spec => ({ egress });
const into = (...ingress: ClusterNetworkPolicyIngressRule[]): Spec => ({ ingress });
const tcp = (number: number): ClusterNetworkPolicyProtocol => ({ tcp: { destinationPort: { number } } });
const X = app("x");
const Y = app("y");
const REST: ClusterNetworkPolicyEgressRule = { action: "Deny", to: [{ networks: ["0.0.0.0/0"] }] };
/** `a` and `b` declare other ports under the name `web`. */
const WEB_FROM_X: Spec = into(
  { action: "Accept", from: [X], protocols: [{ destinationNamedPort: "web" }] },
  { action: "Accept", from: [Y], protocols: [tcp(80)] },
  { action: "Deny", from: [{ namespaces: {} }] },
);

function engineOf(objects: readonly KubernetesObject[]): Engine {
  const { cluster, findings } = buildCluster(objects);
  expect(findings).toEqual([]);
  return createEngine(cluster);
}

/** The sets of addresses that the chain of a pod's class names, each with its elements. */
function setsOf(engine: Engine, pod: string, direction: Direction): Map<string, string[]> {
  const view = engine.view(4);
  const podClass = view.classOf(engine.cluster.pods.find(({ id }) => id === `shop/${pod}`)!)!;
  const sets = classChain(view, podClass, direction).sets.filter(({ name }) => !name.startsWith("ports_"));
  return new Map(sets.map(({ name, elements }) => [name, [...elements.keys()].sort()]));
}

/** Policies about the pod `a`, and others about `b`. */
function setsOfBoth(ofA: Spec[], ofB: Spec[], direction: Direction = "egress"): Map<string, string[]>[] {
  const policies = (pod: string, specs: Spec[]): KubernetesObject[] =>
    specs.map((spec, i) =>
      clusterPolicyObject(`${pod}-${i}`, { priority: 10 + i, ...spec, subject: app(pod) }),
    );
  const engine = engineOf([...BASE, ...policies("a", ofA), ...policies("b", ofB)]);
  return ["a", "b"].map((pod) => setsOf(engine, pod, direction));
}

describe("the sets of two classes", () => {
  const unlike: [string, Spec[], Spec[], Direction?][] = [
    [
      "tiers",
      [out({ action: "Pass", to: [X] }), out({ action: "Deny", to: [X, Y] })],
      [out({ action: "Pass", to: [X] }), { ...out({ action: "Deny", to: [X, Y] }), tier: "Baseline" }],
    ],
    [
      "actions",
      [out({ action: "Accept", to: [X] }, { action: "Deny", to: [Y] }, REST)],
      [out({ action: "Deny", to: [X] }, { action: "Accept", to: [Y] }, REST)],
    ],
    [
      "orders",
      [out({ action: "Accept", to: [X] }), out({ action: "Deny", to: [X, Y] })],
      [out({ action: "Deny", to: [X, Y] }), out({ action: "Accept", to: [X] })],
    ],
    [
      "ports",
      [
        out(
          { action: "Accept", to: [X], protocols: [tcp(80)] },
          { action: "Accept", to: [Y], protocols: [tcp(443)] },
          REST,
        ),
      ],
      [
        out(
          { action: "Accept", to: [X], protocols: [tcp(443)] },
          { action: "Accept", to: [Y], protocols: [tcp(80)] },
          REST,
        ),
      ],
    ],
    ["pods", [out({ action: "Accept", to: [X] }, REST)], [out({ action: "Accept", to: [Y] }, REST)]],
    [
      "nodes",
      [out({ action: "Accept", to: [{ nodes: { matchLabels: { zone: "a" } } }] }, REST)],
      [out({ action: "Accept", to: [{ nodes: { matchLabels: { zone: "b" } } }] }, REST)],
    ],
    [
      "networks",
      [out({ action: "Accept", to: [{ networks: ["10.244.0.3/32"] }] }, REST)],
      [out({ action: "Accept", to: [{ networks: ["10.244.0.4/32"] }] }, REST)],
    ],
    [
      "rules of which one fails closed",
      [out({ action: "Accept", to: [Y] }, { action: "Deny", to: [X] })],
      [out({ action: "Accept", to: [Y] }, { action: "Deny", to: [X, {}] })],
    ],
    ["ports of one name that the rules mean", [WEB_FROM_X], [WEB_FROM_X], "ingress"],
  ];
  it.each(unlike)(
    "under other %s have other names wherever they hold other peers",
    (_, ofA, ofB, direction) => {
      const [a, b] = setsOfBoth(ofA, ofB, direction);
      expect([...a!.values()]).not.toEqual([...b!.values()]);
      for (const [name, elements] of a!) expect(b!.get(name) ?? elements).toEqual(elements);
    },
  );

  it("under rules that mean the same are the same sets", () => {
    const rules = (name: string, unknown: object[]): Spec =>
      out(
        { name, action: "Accept", to: [X], protocols: [tcp(80)] },
        { action: "Accept", to: [{ networks: ["10.244.0.0/29"] }], protocols: [tcp(81)] },
        { action: "Deny", to: unknown },
      );
    const [a, b] = setsOfBoth(
      [{ ...rules("one", [{}]), priority: 1 }],
      [{ ...rules("other", [X, {}]), priority: 900 }],
    );
    expect(a!.size).toBeGreaterThan(1);
    expect(b).toEqual(a);
  });
});

describe("the set of a peer that is nodes", () => {
  it("keeps its name when the nodes change, and holds those that are chosen now", () => {
    const policy = clusterPolicyObject("p", {
      ...out({ action: "Accept", to: [{ nodes: { matchLabels: { zone: "a" } } }] }, REST),
      subject: app("a"),
    });
    const relabelled = BASE.map((object) =>
      object.kind === "Node" ? { ...object, labels: { zone: object.name === "two" ? "a" : "b" } } : object,
    );
    const before = setsOf(engineOf([...BASE, policy]), "a", "egress");
    const after = setsOf(engineOf([...relabelled, policy]), "a", "egress");
    expect([...after.keys()]).toEqual([...before.keys()]);
    expect([...before.values()]).toEqual([["172.18.0.2/32 . 0-255"]]);
    expect([...after.values()]).toEqual([["172.18.0.3/32 . 0-255"]]);
  });
});
