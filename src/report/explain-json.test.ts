import { expect, it } from "vitest";
import { clusterPolicy, ONLY_API } from "./cluster-policy.fixture.ts";
import { ask, dbPolicy, engineWith } from "./explain.fixture.ts";
import { explainJson } from "./explain-json.ts";

const sql = { protocol: "TCP", port: 3306 } as const;

it("tells which field of which rule missed", () => {
  const engine = engineWith(
    dbPolicy(
      "  ingress:\n  - ports: [{port: 1}]\n    from:\n    - podSelector: {matchLabels: {server: api}}",
    ),
  );
  const document = explainJson([ask(engine, "shop/web", "shop/db", sql)], engine.cluster);
  const policy = { policy: "NetworkPolicy shop/db-policy", file: "db.yaml" };
  expect(document).toEqual({
    schema: "podwall.explain/v1",
    allowed: false,
    from: { id: "shop/web", kind: "pod", workload: "shop/web[Pod]" },
    to: { id: "shop/db", kind: "pod", workload: "shop/db[Pod]", port: 3306, protocol: "TCP" },
    family: "IPv4",
    egress: { allowed: true, reason: "open", isolatedBy: [], missed: [] },
    ingress: {
      allowed: false,
      reason: "no-rule",
      isolatedBy: [{ ...policy, line: 3 }],
      missed: [
        {
          ...policy,
          rule: 1,
          line: 7,
          portMatches: false,
          peerMatches: false,
          peerMisses: [
            { why: "pod-labels", wanted: "server=api", has: "server=web", file: "db.yaml", line: 9 },
          ],
          portMisses: [{ why: "number", wanted: "TCP 1" }],
        },
      ],
    },
  });
});

it("tells all that a peer asks for, and what the name of a port means", () => {
  const both = "{namespaceSelector: {matchLabels: {team: q}}, podSelector: {matchLabels: {app: q}}}";
  const engine = engineWith(dbPolicy(`  ingress: [{from: [${both}], ports: [{port: sql}]}]`));
  const document = explainJson(
    [ask(engine, "batch/job", "shop/db", { protocol: "TCP", port: 80 })],
    engine.cluster,
  );
  expect(document.ingress.missed[0]).toMatchObject({
    peerMisses: [
      {
        why: "namespace-labels",
        wanted: "team=q on the namespace and app=q on the pod",
        has: "team=night on the namespace and no label app on the pod",
      },
    ],
    portMisses: [{ why: "number", wanted: "TCP port named sql", means: "TCP 3306" }],
  });
});

it("puts the denied family on top where the families differ", () => {
  const engine = engineWith(dbPolicy('  ingress: [{from: [{ipBlock: {cidr: "10.244.0.0/16"}}]}]'));
  const both = ([4, 6] as const).map((family) => ask(engine, "shop/web", "shop/db", sql, family));
  const document = explainJson(both);
  expect([document.allowed, document.family]).toEqual([false, "IPv6"]);
  expect(document.families?.map(({ family, allowed }) => [family, allowed])).toEqual([
    ["IPv4", true],
    ["IPv6", false],
  ]);
});

it("refuses to explain nothing", () => {
  expect(() => explainJson([])).toThrow(RangeError);
});

it("tells what each tier did where a cluster-wide policy is about the pod", () => {
  const accept = "  ingress: [{action: Accept, from: [{namespaces: {}}]}]";
  const engine = engineWith(
    clusterPolicy("guard", ONLY_API),
    clusterPolicy("late", accept),
    dbPolicy("  ingress: [{}]"),
  );
  const { ingress, egress } = explainJson([ask(engine, "shop/web", "shop/db", sql)], engine.cluster);
  expect(egress.tiers).toBeUndefined();
  const guard = { policy: "ClusterNetworkPolicy guard", file: "db.yaml" };
  const late = { policy: "ClusterNetworkPolicy late", file: "db.yaml" };
  const rest = { ...guard, rule: 2, name: "rest", action: "Deny", line: 11 };
  const missed = {
    ...guard,
    rule: 1,
    name: "api",
    action: "Accept",
    line: 10,
    portMatches: true,
    peerMatches: false,
    peerMisses: [{ why: "pod-labels", wanted: "app=api", has: "app=web", file: "db.yaml", line: 10 }],
    portMisses: [],
  };
  const networkPolicy = { policy: "NetworkPolicy shop/db-policy", file: "db.yaml", line: 27 };
  expect(ingress).toEqual({
    allowed: false,
    reason: "denied",
    tiers: [
      {
        tier: "Admin",
        outcome: "denied",
        policies: [
          { ...guard, priority: 10, line: 4 },
          { ...late, priority: 10, line: 18 },
        ],
        decidedBy: rest,
        missed: [missed],
        overruled: [{ ...late, rule: 1, action: "Accept", line: 23, tied: true }],
      },
      { tier: "NetworkPolicy", outcome: "not-asked", policies: [networkPolicy], missed: [], overruled: [] },
      { tier: "Baseline", outcome: "no-policy", policies: [], missed: [], overruled: [] },
    ],
    isolatedBy: [networkPolicy],
    deniedBy: rest,
    ifPassed: true,
    missed: [missed],
  });
});

it("says where a rule could not be understood", () => {
  const spec = "  ingress:\n  - action: Deny\n    from:\n    - serviceAccounts: {}";
  const engine = engineWith(clusterPolicy("guard", spec));
  const { deniedBy } = explainJson([ask(engine, "shop/web", "shop/db", sql)]).ingress;
  expect(deniedBy).toMatchObject({
    action: "Deny",
    failsClosed: { field: "spec.ingress[0].from[0]", file: "db.yaml", line: 12 },
  });
});

it("points at the field of the peer that misses, whichever way the kind writes it", () => {
  const spec = `  ingress:
  - action: Accept
    from:
    - namespaces:
        matchLabels:
          team: day
    - pods:
        namespaceSelector:
          matchLabels:
            team: day
        podSelector: {}
    - pods:
        namespaceSelector: {}
        podSelector:
          matchLabels:
            app: api
  - action: Deny
    from: [{namespaces: {}}]
  egress:
  - action: Accept
    to:
    - nodes:
        matchLabels:
          role: edge
    - networks:
      - 10.8.0.0/16
      - 10.9.0.0/16
    - domainNames:
      - example.org
  - action: Deny
    to: [{networks: [0.0.0.0/0]}]`;
  const node =
    "apiVersion: v1\nkind: Node\nmetadata: {name: n2}\nstatus: {addresses: [{type: InternalIP, address: 192.168.9.2}]}\n";
  const engine = engineWith(clusterPolicy("guard", spec), node);
  const missesOf = (from: string, to: string, side: "ingress" | "egress"): unknown =>
    explainJson([ask(engine, from, to, sql)], engine.cluster)[side].missed[0]?.peerMisses.map(
      ({ why, line }) => [why, line],
    );
  expect(missesOf("shop/web", "shop/db", "ingress")).toEqual([
    ["namespace-labels", 14],
    ["namespace-labels", 18],
    ["pod-labels", 24],
  ]);
  expect(missesOf("shop/db", "192.168.9.2", "egress")).toEqual([
    ["node-labels", 32],
    ["outside-block", 34],
    ["outside-block", 35],
    ["unresolved", 37],
  ]);
  expect(missesOf("shop/db", "198.51.100.1", "egress")).toContainEqual(["not-a-node", 31]);
});
