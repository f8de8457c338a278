import { describe, expect, it } from "vitest";
import { ENGINE_POLICY_KINDS, engineOf } from "../../../test/agreement/from-raw.ts";
import { randomCluster } from "../../../test/generators/cluster.ts";
import { buildCluster } from "../../cluster/build.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { parseManifests } from "../../k8s/manifests.ts";
import { compileProgram } from "../compile/compile.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../config.ts";
import { createPolicyEngines } from "../policy-engines.ts";
import { EMPTY_PROGRAM, type Program } from "../program/program.ts";
import { configOfTable } from "./config-of.ts";
import type { Difference } from "./difference.ts";
import { type VerifyOptions, verifyProgram } from "./verify.ts";

const CLUSTERS = 60;
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);

const pod = (name: string, node: string, role: string, address: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {role: ${role}}}
spec: {nodeName: ${node}, containers: [{name: c}]}
status: {podIP: ${address}, podIPs: [{ip: ${address}}]}
`;
const policy = (name: string, annotations: string, spec: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop, annotations: {${annotations}}}
spec: ${spec}
`;
const PODS = [
  pod("db", "one", "db", "10.244.1.1"),
  pod("api-1", "two", "api", "10.244.2.1"),
  pod("api-2", "two", "api", "10.244.2.2"),
  pod("web", "two", "web", "10.244.2.3"),
];
const DB = policy(
  "db",
  "",
  `{podSelector: {matchLabels: {role: db}}, ingress: [{from: [{podSelector: {matchLabels: {role: api}}},
    {ipBlock: {cidr: 192.168.0.0/16, except: [192.168.7.0/24]}}], ports: [{port: 3306}]}]}`,
);

function clusterOf(...texts: readonly string[]): Cluster {
  const { objects, findings } = parseManifests([{ file: "test", text: texts.join("---") }]);
  expect(findings).toEqual([]);
  return buildCluster(objects, {}).cluster;
}

const engines = createPolicyEngines(clusterOf(...PODS, DB));
const program = compileProgram(engines.engine, "one");

function verify(kernel: Program, options: VerifyOptions = {}): Difference[] {
  return verifyProgram(kernel, engines.engine, "one", options);
}

/** The program with the elements of one set changed; `holding` names it by an element that it has. */
function withElements(holding: string, change: (elements: Map<string, string>) => void): Program {
  const set = [...program.sets.values()].find(
    (each) => each.elements.has(holding) && !/^(elsewhere|ingress|egress|self)/.test(each.name),
  )!;
  const elements = new Map(set.elements);
  change(elements);
  return { ...program, sets: new Map(program.sets).set(set.name, { ...set, elements }) };
}

describe("verifyProgram", () => {
  it("finds no difference between the engine and what is compiled from it", () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS; seed++) {
      const engine = engineOf(randomCluster(seed, { policyKinds: ENGINE_POLICY_KINDS }));
      for (const node of engine.cluster.nodes.keys()) {
        expect(verifyProgram(compileProgram(engine, node), engine, node), `seed ${seed} ${node}`).toEqual([]);
      }
    }
  });

  it.each([
    { deny: "reject", flows: "all" },
    { flows: "none", closedAtBirth: false },
    { audit: true, logGroup: 7 },
    { audit: true, flows: "none" },
  ] as const)("takes a table as it is made for %j, as far as that changes nothing of what passes", (some) => {
    const config: EnforcementConfig = { ...DEFAULT_ENFORCEMENT, ...some };
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 10; seed++) {
      const { cluster } = engineOf(randomCluster(seed, { policyKinds: ENGINE_POLICY_KINDS }));
      // Half of the policies are on trial.
      const onTrial = <T extends object>(policy: T, i: number): T =>
        i % 2 === 0 ? { ...policy, audit: true } : policy;
      const { engine, unaudited } = createPolicyEngines({
        ...cluster,
        networkPolicies: cluster.networkPolicies.map(onTrial),
        clusterPolicies: cluster.clusterPolicies.map(onTrial),
      });
      const options = unaudited === undefined ? {} : { unaudited };
      for (const node of engine.cluster.nodes.keys()) {
        const kernel = compileProgram(engine, node, { config, ...options });
        const known = configOfTable(kernel, config);
        expect(verifyProgram(kernel, engine, node, { config: known, ...options }), `seed ${seed}`).toEqual(
          [],
        );
      }
    }
  });

  it("names the pods of a class of which only some are in a set", () => {
    expect(verify(withElements("10.244.2.1", (elements) => elements.delete("10.244.2.2")))).toEqual([
      expect.objectContaining({ code: "element-missing", names: ["shop/api-2 (10.244.2.2)"], count: 1 }),
      {
        code: "ports-differ",
        direction: "ingress",
        family: 4,
        chain: expect.stringMatching(/^in4_shop_db_/),
        locals: ["shop/db"],
        localCount: 1,
        names: ["shop/api-2"],
        count: 1,
        moreClosed: ["TCP/3306"],
      },
    ]);
  });

  it("judges an address that is no pod's as the address that it is", () => {
    const open = verify(withElements("10.244.2.1", (elements) => elements.set("192.168.7.9", "")));
    expect(open).toContainEqual(expect.objectContaining({ names: ["192.168.7.9"], moreOpen: ["TCP/3306"] }));
    // Where it may do just that, no packet notices; it is found all the same.
    const same = verify(withElements("10.244.2.1", (elements) => elements.set("192.168.1.9", "")));
    expect(same).toEqual([expect.objectContaining({ code: "element-extra", names: ["192.168.1.9"] })]);
  });

  it("names the addresses of a range that is cut otherwise than policies cut them", () => {
    const [range] = [...program.sets.values()].filter(({ name }) => name.startsWith("nets_"));
    const [element] = [...range!.elements.keys()];
    const found = verify(
      withElements(element!, (elements) => {
        elements.delete(element!);
        elements.set("192.168.0.0/30 . 0-255", "");
      }),
    );
    const closed = found.filter(({ code }) => code === "ports-differ");
    expect(closed).toEqual([expect.objectContaining({ moreClosed: ["TCP/3306"] })]);
    expect(closed[0]!.names!.join(" ")).toMatch(/192\.168\.0\.4-192\.168\.6\.255/);
  });

  it("says of an element for some protocols only that it does not understand it", () => {
    const [element] = [...program.sets.values()]
      .find(({ name }) => name.startsWith("nets_"))!
      .elements.keys();
    const found = verify(withElements(element!, (elements) => elements.set("203.0.113.0/24 . tcp", "")));
    expect(found.map(({ code }) => code)).toEqual(["element-extra", "element-unknown"]);
  });

  it("reports a rule that is not understood, and nothing of what reaches it", () => {
    const chain = [...program.chains.values()].find(({ name }) => name.startsWith("in4_shop_db_"))!;
    const rules = ["meta mark 7 accept", ...chain.rules];
    const found = verify({
      ...program,
      chains: new Map(program.chains).set(chain.name, { ...chain, rules }),
    });
    expect(found).toEqual([
      expect.objectContaining({ code: "rules-differ", chain: chain.name, rule: 1 }),
      { code: "rule-unknown", chain: chain.name, found: "meta mark 7 accept" },
    ]);
  });

  it("compares what sets hold, not what they are called", () => {
    const rename = (text: string): string => text.replace(/@(peers|nets|ports|lesser)_/g, "@$1_other_");
    const sets = [...program.sets.values()].map((set) => ({ ...set, name: rename(`@${set.name}`).slice(1) }));
    const chains = [...program.chains.values()].map((chain) => ({
      ...chain,
      rules: chain.rules.map(rename),
    }));
    expect(
      verify({
        sets: new Map(sets.map((set) => [set.name, set])),
        chains: new Map(chains.map((chain) => [chain.name, chain])),
      }),
    ).toEqual([]);
  });

  it("takes a table that cuts connections, and misses what that needs", () => {
    const cutting = compileProgram(engines.engine, "one", { isCutting: true });
    expect(verify(cutting)).toEqual([]);
    const input = cutting.chains.get("input")!;
    const half = { ...input, rules: input.rules.filter((rule) => !rule.endsWith("@cut6 goto cut")) };
    const broken = { ...cutting, chains: new Map(cutting.chains).set("input", half) };
    expect(verify(broken)).toMatchObject([{ code: "rules-differ", chain: "input" }]);
  });

  it("tells a table that is missing from one that is wrong", () => {
    expect(verify(EMPTY_PROGRAM)).toEqual([{ code: "table-missing" }]);
    expect(verify({ ...program, foreign: ["counter n"] })).toEqual([
      { code: "foreign-object", found: "counter n" },
    ]);
  });

  it("lets pass, for policies in audit mode, what the others let pass", () => {
    const audited = policy("guard", "podwall.io/mode: audit", "{podSelector: {matchLabels: {role: web}}}");
    const { engine, unaudited } = createPolicyEngines(clusterOf(...PODS, DB, audited));
    for (const node of ["one", "two"]) {
      const audit = compileProgram(engine, node, { unaudited: unaudited! });
      expect(verifyProgram(audit, engine, node, { unaudited: unaudited! })).toEqual([]);
    }
    // A kernel that enforces it is too closed.
    const enforced = verifyProgram(compileProgram(engine, "two"), engine, "two", { unaudited: unaudited! });
    expect(enforced).toContainEqual(
      expect.objectContaining({ code: "ports-differ", locals: ["shop/web"], moreClosed: ["all"] }),
    );
  });

  it("expects a node in audit mode to let everything pass", () => {
    const config = { ...DEFAULT_ENFORCEMENT, audit: true };
    expect(verify(compileProgram(engines.engine, "one", { config }), { config })).toEqual([]);
    expect(verify(compileProgram(engines.engine, "one", { config }))).not.toEqual([]);
  });
});
