import { expect, it } from "vitest";
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
