import { describe, expect, it } from "vitest";
import { policyObject } from "../cluster/objects.fixture.ts";
import type { NetworkPolicy, NetworkPolicySpec } from "../k8s/objects.ts";
import { formatCidr } from "../net/cidr.ts";
import type { Traffic } from "../net/port-set.ts";
import type { End } from "./end.ts";
import { ask, engineOf, OUTSIDE, SQL } from "./explain.fixture.ts";
import { type Explanation, explain } from "./explain.ts";
import type { PeerMiss } from "./rule-misses.ts";

/** A policy of namespace shop about pod db. */
function aboutDb(spec: Partial<NetworkPolicySpec>, name = "db"): NetworkPolicy {
  return policyObject(name, { podSelector: { matchLabels: { app: "db" } }, ...spec });
}

function misses(explanation: Explanation): PeerMiss["why"][] {
  return explanation.ingress.missed.flatMap(({ peerMisses }) => peerMisses.map(({ why }) => why));
}

describe("why no policy is asked", () => {
  const closed = engineOf(policyObject("closed", { policyTypes: ["Ingress", "Egress"] }));

  it("is that a pod talks to itself", () => {
    const { allowed, egress, ingress } = ask(closed, "shop/db", "shop/db");
    expect([allowed, egress.reason, ingress.reason]).toEqual([true, "self", "self"]);
    expect(ask(closed, "10.244.0.1", "shop/db").ingress.reason).toBe("self");
  });

  it("is that the node of the pod asks, by whichever name", () => {
    expect(ask(closed, "192.0.2.1", "shop/db").ingress.reason).toBe("own-node");
    expect(ask(closed, "shop/agent", "shop/web").ingress.reason).toBe("own-node");
    expect(ask(closed, "192.0.2.2", "shop/db").ingress.reason).toBe("no-rule");
    expect(ask(closed, "shop/agent", "shop/db").ingress.reason).toBe("no-rule");
  });

  it("is not that a pod asks its own node", () => {
    expect(ask(closed, "shop/db", "192.0.2.1").egress.reason).toBe("no-rule");
  });

  it("is that the end is on the host network, or no pod at all", () => {
    const open = engineOf();
    expect(ask(open, "shop/agent", "shop/db").egress.reason).toBe("host-network");
    expect(ask(open, "shop/db", "shop/agent").ingress.reason).toBe("host-network");
    expect(ask(open, OUTSIDE, "shop/db").egress.reason).toBe("outside");
    expect(ask(open, "shop/web", "shop/db").ingress.reason).toBe("open");
  });

  it("is that an end has no address of the family", () => {
    const explanation = ask(closed, "shop/db", "ops/job", SQL, 6);
    expect(explanation).toMatchObject({ allowed: false, noAddress: "to", egress: { reason: "no-address" } });
    expect(ask(closed, "ops/job", "shop/db", SQL, 6).noAddress).toBe("from");
  });
});

describe("why a packet may pass", () => {
  it("names the first rule that lets it", () => {
    const engine = engineOf(aboutDb({ ingress: [{ ports: [{ port: 1 }] }, {}, {}] }));
    const { allowed, ingress } = ask(engine, "shop/web", "shop/db");
    expect(allowed).toBe(true);
    expect(ingress).toMatchObject({ reason: "rule", allowedBy: { rule: { index: 1 } }, missed: [] });
    expect(ingress.isolatedBy.map(({ id }) => id)).toEqual(["shop/db"]);
  });

  it("resolves a named port on the destination, of either side", () => {
    const ports = [{ port: "sql" }];
    expect(ask(engineOf(aboutDb({ ingress: [{ ports }] })), "shop/web", "shop/db").ingress.reason).toBe(
      "rule",
    );
    const egress = policyObject("out", { policyTypes: ["Egress"], egress: [{ ports }] });
    expect(ask(engineOf(egress), "shop/web", "shop/db").egress.reason).toBe("rule");
  });
});

describe("why a packet may not pass", () => {
  const blocks = { ipBlock: { cidr: "203.0.113.0/24", except: ["203.0.113.8/30", "203.0.113.8/29"] } };

  it.each<[string, NetworkPolicySpec["ingress"], string, PeerMiss["why"][]]>([
    ["labels", [{ from: [{ podSelector: { matchLabels: { app: "api" } } }] }], "shop/web", ["pod-labels"]],
    ["own namespace only", [{ from: [{ podSelector: {} }] }], "ops/job", ["other-namespace"]],
    [
      "namespace labels",
      [{ from: [{ namespaceSelector: { matchLabels: { team: "day" } } }] }],
      "ops/job",
      ["namespace-labels"],
    ],
    ["no pod", [{ from: [{ podSelector: {} }] }], OUTSIDE, ["not-a-pod"]],
    ["host network", [{ from: [{ namespaceSelector: {} }] }], "shop/agent", ["host-network"]],
    ["an exception", [{ from: [blocks] }], OUTSIDE, ["excepted"]],
    ["another block", [{ from: [blocks] }], "shop/web", ["outside-block"]],
    ["another family", [{ from: [{ ipBlock: { cidr: "::/0" } }] }], "shop/web", ["other-family"]],
    ["every peer of a rule", [{ from: [blocks, { podSelector: {} }] }], OUTSIDE, ["excepted", "not-a-pod"]],
    ["no rule", [], "shop/web", []],
  ])("tells of %s", (_, ingress, from, expected) => {
    const explanation = ask(engineOf(aboutDb({ ingress: ingress! })), from, "shop/db");
    expect(explanation.ingress.reason).toBe("no-rule");
    expect(misses(explanation)).toEqual(expected);
  });

  it("names the namespace, the requirements and the exception", () => {
    const missOf = (from: string, ingress: NonNullable<NetworkPolicySpec["ingress"]>): PeerMiss =>
      ask(engineOf(aboutDb({ ingress })), from, "shop/db").ingress.missed[0]!.peerMisses[0]!;
    expect(missOf("ops/job", [{ from: [{ podSelector: {} }] }])).toMatchObject({
      wanted: "shop",
      path: ["spec", "ingress", 0, "from", 0],
    });
    const labels = { matchLabels: { app: "web", tier: "front" } };
    expect(missOf("shop/web", [{ from: [{ podSelector: labels }] }])).toMatchObject({
      unmet: [{ key: "tier", operator: "In", values: ["front"] }],
    });
    const excepted = missOf(OUTSIDE, [{ from: [blocks] }]);
    expect("block" in excepted && formatCidr(excepted.block)).toBe("203.0.113.8/30");
  });

  it.each<[string, NetworkPolicySpec["egress"], string, Traffic, string]>([
    ["a protocol", [{ ports: [{ port: 5432, protocol: "UDP" }] }], "shop/db", SQL, "protocol"],
    ["a port", [{ ports: [{ port: 80 }] }], "shop/db", SQL, "number"],
    ["a protocol without ports", [{ ports: [{}] }], "shop/db", { protocol: "other" }, "protocol"],
    ["a name that nothing bears", [{ ports: [{ port: "http" }] }], "shop/db", SQL, "name-unknown"],
    [
      "a name of another protocol",
      [{ ports: [{ port: "sql", protocol: "UDP" }] }],
      "shop/db",
      SQL,
      "protocol",
    ],
    [
      "a name of another port",
      [{ ports: [{ port: "sql" }] }],
      "shop/db",
      { protocol: "TCP", port: 1 },
      "number",
    ],
    ["a name on an address", [{ ports: [{ port: "sql" }] }], OUTSIDE, SQL, "name-not-a-pod"],
    ["a name on a host-network pod", [{ ports: [{ port: "sql" }] }], "shop/agent", SQL, "name-not-a-pod"],
  ])("tells of %s", (_, egress, to, traffic, why) => {
    const podSelector = { matchLabels: { app: "web" } };
    const engine = engineOf(policyObject("out", { podSelector, policyTypes: ["Egress"], egress: egress! }));
    const { reason, missed } = ask(engine, "shop/web", to, traffic).egress;
    expect(reason).toBe("no-rule");
    expect(
      missed.map(({ peerMatches, portMisses }) => [peerMatches, portMisses.map((miss) => miss.why)]),
    ).toEqual([[true, [why]]]);
  });

  it("lists the nearest rule first, over all policies, and equally near ones as written", () => {
    const wrongPort = [{ port: 80 }];
    const ingress: NetworkPolicySpec["ingress"] = [
      { from: [{ ipBlock: { cidr: "::/0" } }], ports: wrongPort },
      { from: [{ podSelector: { matchLabels: { app: "api" } } }] },
      { from: [{ ipBlock: { cidr: "198.51.100.0/24" } }] },
      { from: [{ podSelector: { matchLabels: { app: "old" } } }] },
    ];
    const engine = engineOf(aboutDb({ ingress }, "a"), aboutDb({ ingress: [{ ports: wrongPort }] }, "b"));
    const { missed } = ask(engine, "shop/web", "shop/db").ingress;
    expect(missed.map(({ policy, rule }) => `${policy.id} ${rule.index}`)).toEqual([
      "shop/b 0",
      "shop/a 1",
      "shop/a 3",
      "shop/a 2",
      "shop/a 0",
    ]);
  });

  it("names every policy that isolates, and a broken one too", () => {
    const broken = { ...policyObject("broken"), broken: true };
    const { ingress } = ask(engineOf(aboutDb({}), broken), "shop/web", "shop/db");
    expect(ingress.isolatedBy.map(({ id }) => id)).toEqual(["shop/broken", "shop/db"]);
  });
});

it("judges pods of a namespace that went before them as the engine does", () => {
  const engine = engineOf(
    policyObject("by-name", {
      ingress: [
        { from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } } }] },
      ],
    }),
  );
  engine.apply([{ kind: "namespace-removed", name: "shop" }]);
  const [from, to] = ["web", "db"].map((name): End => {
    return { kind: "pod", pod: engine.cluster.pods.find(({ id }) => id === `shop/${name}`)! };
  });
  expect(engine.allows(from!, to!, 4, SQL)).toBe(true);
  expect(explain(engine, from!, to!, 4, SQL).allowed).toBe(true);
});
