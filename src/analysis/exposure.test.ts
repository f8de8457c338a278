import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import { clusterPolicyObject, namespaceObject, podObject, policyObject } from "../cluster/objects.fixture.ts";
import { createEngine } from "../engine/engine.ts";
import type { ClusterPolicy, Direction, NetworkPolicy } from "../k8s/objects.ts";
import { formatRangeShort } from "../net/address-partition.ts";
import { ALL_PORTS } from "../net/port-set.ts";
import { describePods } from "../policy/describe.ts";
import { type ExposedSide, exposure } from "./exposure.ts";

function sideOf(
  direction: Direction,
  policies: readonly (NetworkPolicy | ClusterPolicy)[],
  workload = "shop/db[Pod]",
): ExposedSide {
  const { cluster } = buildCluster(
    [
      namespaceObject("shop"),
      namespaceObject("ops", { team: "ops" }),
      podObject("db", {
        labels: { app: "db" },
        ports: [{ name: "sql", port: 5432, protocol: "TCP" }],
        addresses: ["10.244.0.1"],
      }),
      podObject("web", { labels: { app: "web" }, addresses: ["10.244.0.2"] }),
      podObject("agent", { namespace: "ops", hostNetwork: true }),
      ...policies,
    ],
    { unaddressed: "given" },
  );
  const side = exposure(createEngine(cluster)).sides.find(
    (each) => each.workload.id === workload && each.direction === direction,
  );
  if (side === undefined) throw new Error(`no side ${workload} ${direction}`);
  return side;
}

/** Each line as `who: ports`, with exceptions behind it. */
function lines(side: ExposedSide): string[] {
  return side.families.flatMap(({ pods, addresses }) => [
    ...pods.map(({ selection, ports, named, except }) =>
      [
        `${describePods(selection)}: ${ports.key}`,
        ...named.map(({ name, opens, closes }) => `named ${name} +${opens.key} -${closes.key}`),
        ...except.map(
          (each) => `but ${describePods(each.selection)} ${each.name?.name ?? ""}${each.ports.key}`,
        ),
      ].join("; "),
    ),
    ...addresses.map(({ ranges, ports }) => `${ranges.length} ranges: ${ports.key}`),
  ]);
}

const ALL = "TCP/1-65535,UDP/1-65535,SCTP/1-65535,other";

describe("who could come in", () => {
  it("is anybody where no policy says anything", () => {
    const side = sideOf("ingress", []);
    expect(side.limited).toBe(false);
    expect(lines(side)).toEqual([`every pod of every namespace: ${ALL}`, `1 ranges: ${ALL}`]);
  });

  it("is nobody under a policy without rules", () => {
    const side = sideOf("ingress", [policyObject("deny", { policyTypes: ["Ingress"] })]);
    expect(side.limited).toBe(true);
    expect(lines(side)).toEqual([]);
  });

  it("is whoever wears a label, though nobody does", () => {
    const side = sideOf("ingress", [
      policyObject("db", {
        ingress: [
          { from: [{ podSelector: { matchLabels: { role: "monitoring" } } }], ports: [{ port: 9090 }] },
          { from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: "sql" }] },
        ],
      }),
    ]);
    expect(lines(side)).toEqual([
      "pods app=web of namespace shop: TCP/5432",
      "pods role=monitoring of namespace shop: TCP/9090",
    ]);
    const [web, monitoring] = side.families[0]!.pods;
    expect(web!.wearers.map(({ id }) => id)).toEqual(["shop/web"]);
    expect(monitoring!.wearers).toEqual([]);
    expect(monitoring!.example).toEqual({
      namespace: "shop",
      namespaceLabels: { "kubernetes.io/metadata.name": "shop" },
      labels: { role: "monitoring" },
    });
  });

  it("leaves out what any pod may anyway", () => {
    const side = sideOf("ingress", [
      policyObject("db", {
        ingress: [
          { from: [{ namespaceSelector: {} }], ports: [{ port: 80 }] },
          {
            from: [{ podSelector: { matchLabels: { app: "web" } } }, { podSelector: {} }],
            ports: [{ port: 80 }],
          },
        ],
      }),
    ]);
    expect(lines(side)).toEqual(["every pod of every namespace: TCP/80"]);
  });

  it("chooses example labels for every kind of requirement", () => {
    const side = sideOf("ingress", [
      policyObject("db", {
        ingress: [
          {
            from: [
              {
                namespaceSelector: { matchExpressions: [{ key: "team", operator: "Exists" }] },
                podSelector: {
                  matchExpressions: [
                    { key: "a", operator: "In", values: ["x", "y"] },
                    { key: "a", operator: "NotIn", values: ["x"] },
                    { key: "b", operator: "DoesNotExist" },
                    { key: "c", operator: "NotIn", values: ["any"] },
                    { key: "c", operator: "Exists" },
                  ],
                },
              },
              {
                podSelector: {
                  matchExpressions: [
                    { key: "b", operator: "DoesNotExist" },
                    { key: "b", operator: "Exists" },
                  ],
                },
              },
            ],
          },
        ],
      }),
    ]);
    // The second peer can be nobody.
    expect(side.families[0]!.pods.map(({ example }) => example)).toEqual([
      {
        namespace: "new",
        namespaceLabels: { team: "any", "kubernetes.io/metadata.name": "new" },
        labels: { a: "y", c: "any-2" },
      },
    ]);
  });

  it("excepts those whom a policy of the cluster denies", () => {
    const side = sideOf("ingress", [
      policyObject("db", { ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 80 }] }] }),
      clusterPolicyObject("guard", {
        ingress: [
          { action: "Deny", from: [{ namespaces: { matchLabels: { trust: "none" } } }] },
          {
            action: "Accept",
            from: [{ namespaces: { matchLabels: { team: "ops" } } }],
            protocols: [{ tcp: { destinationPort: { number: 22 } } }],
          },
        ],
      }),
    ]);
    expect(lines(side)).toEqual([
      "every pod of every namespace: TCP/80; but every pod of namespaces trust=none TCP/80",
      "every pod of namespaces team=ops: TCP/22,TCP/80; but every pod of namespaces trust=none TCP/22,TCP/80",
    ]);
  });

  it("tells of pods that only a rule that passes on and a later one let in together", () => {
    const side = sideOf("ingress", [
      policyObject("db", {
        ingress: [
          { from: [{ namespaceSelector: {}, podSelector: { matchLabels: { role: "monitoring" } } }] },
        ],
      }),
      clusterPolicyObject("guard", {
        ingress: [
          { action: "Pass", from: [{ namespaces: { matchLabels: { team: "ops" } } }] },
          { action: "Deny", from: [{ namespaces: {} }] },
        ],
      }),
    ]);
    expect(lines(side)).toEqual([`pods role=monitoring of namespaces team=ops: ${ALL}`]);
  });

  it("tells of addresses, and of the pods that have one", () => {
    const side = sideOf("ingress", [
      policyObject("db", {
        ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }] }],
      }),
    ]);
    const [{ pods, addresses }] = side.families as [ExposedSide["families"][number]];
    expect(pods).toEqual([]);
    expect(addresses).toMatchObject([{ rest: false, pods: [{ id: "shop/db" }, { id: "shop/web" }] }]);
    expect(addresses[0]!.ranges).toHaveLength(2);
  });

  it("tells what of a block is left to pods, which other rules may tell from hosts", () => {
    const side = sideOf("ingress", [
      policyObject("db", {
        ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }], ports: [{ port: 80, endPort: 90 }] }],
      }),
      clusterPolicyObject("guard", {
        ingress: [
          {
            action: "Deny",
            from: [{ namespaces: {} }],
            protocols: [{ tcp: { destinationPort: { number: 80 } } }],
          },
        ],
      }),
    ]);
    const [{ addresses }] = side.families as [ExposedSide["families"][number]];
    expect(addresses.map(({ ports, podPorts }) => [ports.key, podPorts.key])).toEqual([
      ["TCP/80-90", "TCP/81-90"],
    ]);
  });

  it("excepts the addresses that a block leaves out", () => {
    const side = sideOf("egress", [
      policyObject("db", {
        policyTypes: ["Egress"],
        egress: [
          { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.244.0.0/16"] } }] },
          { to: [{ podSelector: { matchLabels: { app: "web" } } }] },
        ],
      }),
    ]);
    const [everyPod, web] = side.families[0]!.pods;
    expect(
      everyPod!.exceptAddresses.map(({ ranges, ports }) => [ranges.map(formatRangeShort), ports]),
    ).toEqual([[["10.244.0.0/16"], ALL_PORTS]]);
    // It says more than the line about every pod, which does not hold there.
    expect(describePods(web!.selection)).toBe("pods app=web of namespace shop");
    expect(web!.exceptAddresses).toEqual([]);
  });

  it("differs by family where a block is all of one", () => {
    const { cluster } = buildCluster([
      podObject("db"),
      policyObject("all", { ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] }),
    ]);
    const [side] = exposure(createEngine(cluster)).sides;
    expect(side!.families.map(({ families, pods }) => [families, pods.length])).toEqual([
      [[4], 1],
      [[6], 0],
    ]);
  });
});

describe("whom a pod could reach", () => {
  it("spares the names that an earlier rule lets through", () => {
    const side = sideOf("egress", [
      clusterPolicyObject("guard", {
        egress: [
          { action: "Accept", to: [{ namespaces: {} }], protocols: [{ destinationNamedPort: "dns" }] },
          { action: "Deny", to: [{ namespaces: { matchLabels: { trust: "none" } } }] },
        ],
      }),
    ]);
    const [everyPod] = side.families[0]!.pods;
    const [exception] = everyPod!.except;
    expect(exception!.ports).toBe(ALL_PORTS);
    expect(exception!.spared.map(({ name, ports }) => [name, ports.key])).toEqual([
      ["dns", "TCP/1-65535,UDP/1-65535,SCTP/1-65535"],
    ]);
  });

  it("goes by the names that a pod gives its ports", () => {
    const side = sideOf("egress", [
      policyObject("db", {
        policyTypes: ["Egress"],
        egress: [{ to: [{ podSelector: {} }], ports: [{ port: "http" }] }],
      }),
    ]);
    expect(lines(side)).toEqual(["every pod of namespace shop: ; named http +TCP/1-65535 -"]);
  });

  it("is told of the name only as far as no earlier rule decides", () => {
    const side = sideOf("egress", [
      policyObject("db", { policyTypes: ["Egress"], egress: [{ ports: [{ port: "http" }] }] }),
      clusterPolicyObject("guard", {
        egress: [
          {
            action: "Deny",
            to: [{ namespaces: {} }],
            protocols: [{ tcp: { destinationPort: { range: { start: 1, end: 1023 } } } }],
          },
        ],
      }),
    ]);
    expect(lines(side)).toEqual(["every pod of every namespace: ; named http +TCP/1024-65535 -"]);
  });
});

it("tells of host-network workloads apart", () => {
  const { cluster } = buildCluster([podObject("agent", { hostNetwork: true })]);
  const found = exposure(createEngine(cluster));
  expect(found.sides).toEqual([]);
  expect(found.hostNetwork.map(({ id }) => id)).toEqual(["shop/agent[Pod]"]);
});
