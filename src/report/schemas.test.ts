import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { clusterPolicyObject, policyObject } from "../cluster/objects.fixture.ts";
import { compileProgram } from "../dataplane/compile/compile.ts";
import { DB_POLICY } from "../dataplane/flow-log/flow-log.fixture.ts";
import { hex, ipPacket, udp } from "../dataplane/flow-log/packets.fixture.ts";
import { EMPTY_PROGRAM, type Program } from "../dataplane/program/program.ts";
import type { Difference } from "../dataplane/verify/difference.ts";
import { comparisonSize, verifyProgram } from "../dataplane/verify/verify.ts";
import { explainAudit } from "../engine/explain-audit.ts";
import { reachability } from "../engine/reachability.ts";
import { CLUSTER_SPECS, clusterPolicy } from "./cluster-policy.fixture.ts";
import { ask, dbPolicy, engineWith } from "./explain.fixture.ts";
import { explainJson } from "./explain-json.ts";
import {
  CONTROLLER,
  exposureWith,
  INGRESS,
  publishedBy,
  SERVICES,
  SHOP,
  variedExposure,
} from "./exposure.fixture.ts";
import { exposureJson } from "./exposure-json.ts";
import { ADDRESSES, engineOf, flowsOf, logged, SUPPRESSED, syn } from "./flow.fixture.ts";
import { flowJson } from "./flow-json.ts";
import { mapJson } from "./map-json.ts";
import { verifyJson } from "./verify-json.ts";

function validator(name: string): ValidateFunction {
  const file = new URL(`../../schemas/podwall.${name}.v1.schema.json`, import.meta.url);
  return new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(
    JSON.parse(readFileSync(file, "utf8")),
  );
}

function expectValid(validate: ValidateFunction, document: unknown): void {
  // What a reader gets is what went through JSON.
  validate(JSON.parse(JSON.stringify(document)));
  expect(validate.errors ?? []).toEqual([]);
}

const SPECS = [
  "  policyTypes: [Ingress]",
  "  ingress: [{from: [{podSelector: {matchLabels: {server: api}}}], ports: [{port: sqlx}]}]",
  "  ingress: [{from: [{namespaceSelector: {matchLabels: {team: day}}}], ports: [{port: 1, endPort: 9}]}]",
  "  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.244.0.0/24]}}]}]",
  "  ingress: [{}]",
  "  policyTypes: [Egress]\n  egress: [{ports: [{port: 53, protocol: UDP}]}]",
  "  ingress: [{ports: [{port: 99999}]}]",
];

/** Policies of the whole cluster in both tiers, alone and around a NetworkPolicy. */
const POLICIES: readonly (readonly string[])[] = [
  ...SPECS.map((spec) => [dbPolicy(spec)]),
  ...CLUSTER_SPECS.flatMap((spec) => [
    [clusterPolicy("a", spec), clusterPolicy("b", spec.replaceAll("Deny", "Accept"))],
    [clusterPolicy("a", spec), clusterPolicy("z", spec, "Baseline", 0), dbPolicy(SPECS[1]!)],
    [clusterPolicy("z", spec, "Baseline", 0)],
  ]),
];

describe("podwall.map/v1", () => {
  const validate = validator("map");
  it.each(POLICIES.map((policies) => [policies]))("holds of %s", (policies) => {
    const engine = engineWith(...policies);
    for (const per of ["workload", "pod"] as const) expectValid(validate, mapJson(reachability(engine, per)));
  });

  it("holds with policies in audit mode", () => {
    const document = mapJson(reachability(engineWith(), "workload"), ["NetworkPolicy shop/db"]);
    expect(document.audited).toEqual(["NetworkPolicy shop/db"]);
    expectValid(validate, document);
  });

  it("refuses what it does not know", () => {
    expect(validate({ schema: "podwall.map/v1", peers: [], connections: [], extra: 1 })).toBe(false);
    const connection = { from: "a", to: "b", ports: ["TCP/x"] };
    expect(validate({ schema: "podwall.map/v1", peers: [], connections: [connection] })).toBe(false);
  });
});

describe("podwall.exposure/v1", () => {
  const validate = validator("exposure");
  it("holds of an open cluster and of every kind of line", () => {
    const varied = exposureJson(variedExposure(), { services: [], ingresses: [] });
    expectValid(validate, exposureJson(exposureWith(), { services: [], ingresses: [] }));
    expectValid(validate, varied);
    const pods = varied.sides.flatMap((side) => side.families.flatMap((family) => family.pods));
    expect(pods.some(({ except }) => except?.some(({ name }) => name === undefined))).toBe(true);
    expect(pods.some(({ except }) => except?.some(({ name }) => name !== undefined))).toBe(true);
    expect(pods.some(({ named }) => named !== undefined)).toBe(true);
  });

  it.each([[SHOP], [SHOP, SERVICES, INGRESS], [SHOP, SERVICES, INGRESS, CONTROLLER]])(
    "holds of what is published",
    (...texts) => {
      expectValid(validate, exposureJson(exposureWith(), publishedBy(...texts)));
    },
  );

  it("holds of names and addresses that make a difference", () => {
    const document = exposureJson(
      exposureWith(
        policyObject("db", {
          egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] }],
        }),
        clusterPolicyObject("guard", {
          egress: [
            { action: "Accept", to: [{ namespaces: {} }], protocols: [{ destinationNamedPort: "dns" }] },
            { action: "Deny", to: [{ namespaces: { matchLabels: { trust: "none" } } }] },
          ],
        }),
      ),
      { services: [], ingresses: [] },
    );
    expectValid(validate, document);
    const text = JSON.stringify(document);
    expect(text).toContain('"spared":');
    expect(text).toContain('"exceptAddresses":');
  });

  it("holds with policies in audit mode", () => {
    const document = exposureJson(exposureWith(), { services: [], ingresses: [] }, ["NetworkPolicy shop/db"]);
    expect(document.audited).toEqual(["NetworkPolicy shop/db"]);
    expectValid(validate, document);
  });

  it("refuses what it does not know", () => {
    const empty = exposureJson({ sides: [], hostNetwork: [] }, { services: [], ingresses: [] });
    expect(validate(empty)).toBe(true);
    expect(validate({ ...empty, extra: 1 })).toBe(false);
  });
});

describe("podwall.explain/v1", () => {
  const validate = validator("explain");
  it.each(POLICIES.map((policies) => [policies]))("holds of %s", (policies) => {
    const engine = engineWith(...policies);
    for (const from of ["shop/web", "shop/lone", "batch/job", "192.168.5.7", "shop/db"]) {
      for (const traffic of [{ protocol: "TCP", port: 3306 }, { protocol: "other" }] as const) {
        const families = from.includes(".") ? ([4] as const) : ([4, 6] as const);
        const asked = families.map((family) => ask(engine, from, "shop/db", traffic, family));
        expectValid(validate, explainJson(asked, engine.cluster));
        expectValid(validate, explainJson(asked));
      }
    }
    for (const to of ["192.168.5.7", "198.51.100.1"]) {
      expectValid(validate, explainJson([ask(engine, "shop/db", to, { protocol: "TCP", port: 80 })]));
    }
  });
});

describe("podwall.explain/v1 of policies in audit mode", () => {
  it("holds, whether one family or both are let through", () => {
    const audit = ", annotations: {podwall.io/mode: audit}";
    const onlyIpv4 = "  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]";
    for (const spec of ["  policyTypes: [Ingress]", onlyIpv4]) {
      const engine = engineWith(dbPolicy(spec, "db", audit));
      const asked = ([4, 6] as const).map((family) =>
        explainAudit(engine)(ask(engine, "shop/web", "shop/db", { protocol: "TCP", port: 80 }, family)),
      );
      const document = explainJson(asked, engine.cluster);
      expect(document).toMatchObject({
        allowed: false,
        audited: [{ policy: "NetworkPolicy shop/db", audit: true, line: 3 }],
      });
      expect(document.families?.map(({ audited }) => audited?.length)).toEqual(
        spec === onlyIpv4 ? [undefined, 1] : undefined,
      );
      expectValid(validator("explain"), document);
    }
  });
});

describe("podwall.lab/v1", () => {
  const validate = validator("lab");
  const probe = {
    from: "shop/web",
    to: "shop/db",
    address: "10.244.0.1",
    predicted: "deny",
    measured: "deny",
  };
  it("takes probes with a port, and ICMP without", () => {
    const probes = [
      { ...probe, protocol: "TCP", port: 3306 },
      { ...probe, protocol: "ICMP" },
    ];
    expectValid(validate, { schema: "podwall.lab/v1", probes, differences: 0 });
  });

  it("refuses TCP without a port, and ICMP with one", () => {
    const report = (one: object): object => ({ schema: "podwall.lab/v1", probes: [one], differences: 0 });
    expect(validate(report({ ...probe, protocol: "TCP" }))).toBe(false);
    expect(validate(report({ ...probe, protocol: "ICMP", port: 1 }))).toBe(false);
  });
});

describe("podwall.flow/v1", () => {
  const validate = validator("flow");
  const { db, web, n1, outside, web6, db6 } = ADDRESSES;
  const flows = flowsOf(
    engineOf(DB_POLICY),
    syn(web, db, 3306),
    syn(n1, db, 80),
    syn(outside, db, 0, { verdict: "audited" }),
    syn(web, ADDRESSES.n2, 9100, { verdict: "allowed", direction: "egress" }),
    syn(web, "10.244.0.99", 80, { verdict: "closed-at-birth" }),
    syn(web, db, 80, { verdict: "closed-at-birth" }),
    logged(ipPacket(web6, db6, 58, hex("8000 0000"))),
    logged(ipPacket(web, db, 17, udp(1, 2), { fragmentOffset: 8 })),
    logged(ipPacket(web, db, 6, udp(1, 2)).subarray(0, 22)),
  );
  it("holds of every kind of event", () => {
    expect(new Set(flows.map(({ reason }) => reason.why)).size).toBe(5);
    for (const event of [...flows, SUPPRESSED]) expectValid(validate, flowJson(event));
  });

  it("refuses what it does not know", () => {
    const document = JSON.parse(JSON.stringify(flowJson(flows[0]!)));
    expect(validate(document)).toBe(true);
    expect(validate({ ...document, extra: 1 })).toBe(false);
    expect(validate({ ...document, verdict: "lost" })).toBe(false);
    expect(validate({ ...document, kind: "suppressed" })).toBe(false);
    expect(validate({ ...flowJson(SUPPRESSED), count: 0 })).toBe(false);
  });
});

describe("podwall.verify/v1", () => {
  const validate = validator("verify");
  const engine = engineWith(dbPolicy(SPECS[1]!));
  const node = [...engine.cluster.nodes.keys()][0] ?? "node";
  const compared = comparisonSize(engine, node);
  it("holds of what is equal and of every kind of difference", () => {
    const program = compileProgram(engine, node);
    const broken: Program = {
      // Every set is empty, every chain has other rules, and there are things that do not belong there.
      sets: new Map([...program.sets.values()].map((set) => [set.name, { ...set, elements: new Map() }])),
      chains: new Map(
        [
          ...[...program.chains.values()].map((chain) => ({ ...chain, rules: ["x"] })),
          { name: "extra", foreign: "type nat", rules: [] },
        ].map((chain) => [chain.name, chain]),
      ),
      foreign: ["counter n"],
    };
    for (const kernel of [program, EMPTY_PROGRAM, broken]) {
      expectValid(validate, verifyJson(node, compared, verifyProgram(kernel, engine, node)));
    }
    const every: Difference = {
      code: "ports-differ",
      family: 6,
      direction: "egress",
      chain: "c",
      set: "s",
      rule: 1,
      expected: "a",
      found: "b",
      locals: ["shop/db"],
      localCount: 1,
      names: ["10.0.0.0/8"],
      count: 1,
      moreOpen: ["all"],
      moreClosed: ["TCP/1-9"],
      skipsIngress: ["other"],
    };
    expectValid(validate, verifyJson(node, compared, [every]));
  });

  it("refuses what it does not know", () => {
    const report = (difference: object): object => ({
      ...verifyJson(node, compared, []),
      differences: [difference],
    });
    expect(validate(report({ code: "rules-differ" }))).toBe(true);
    expect(validate(report({ code: "something" }))).toBe(false);
    expect(validate(report({ code: "rules-differ", family: 4 }))).toBe(false);
    expect(validate(report({ code: "rules-differ", moreOpen: [] }))).toBe(false);
  });
});
