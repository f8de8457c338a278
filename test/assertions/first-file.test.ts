// A first file of assertions, on random clusters: it can be read, all of its cases hold, and none of their opposites.
import { expect, it } from "vitest";
import { clusterEnds } from "../../src/analysis/assertions/cluster-ends.ts";
import { firstAssertions } from "../../src/analysis/assertions/first/first-assertions.ts";
import { readAssertions } from "../../src/analysis/assertions/read-assertions.ts";
import { runAssertions } from "../../src/analysis/assertions/run-assertions.ts";
import { ALL_PORTS } from "../../src/net/port-set.ts";
import { firstYaml } from "../../src/report/first-yaml.ts";
import { ENGINE_POLICY_KINDS, engineOf } from "../agreement/from-raw.ts";
import { randomCluster } from "../generators/cluster.ts";

const CLUSTERS = 400;

it("says what holds, and nothing of which the opposite holds, too", () => {
  const seen = { allow: 0, deny: 0, mixed: 0, empty: 0 };
  for (let seed = 1; seed <= CLUSTERS; seed++) {
    const engine = engineOf(randomCluster(seed, { policyKinds: ENGINE_POLICY_KINDS }));
    const ends = clusterEnds(engine.cluster);
    const { cases, mixed } = firstAssertions(engine, ends);
    if (cases.length === 0) {
      seen.empty++;
      continue;
    }
    const text = firstYaml(cases, undefined);
    const { assertions, findings } = readAssertions("first.podwall.yaml", text);
    expect({ seed, text, findings }).toEqual({ seed, text, findings: [] });
    expect(assertions.assertions.map(({ name }) => name)).toEqual(cases.map(({ name }) => name));

    const results = runAssertions(engine, ends, assertions).cases;
    const others = results.filter(({ outcome }) => outcome !== "passed");
    expect({ seed, text, others: others.map(({ assertion }) => assertion.name) }).toEqual({
      seed,
      text,
      others: [],
    });

    const flipped = assertions.assertions.map((assertion) =>
      assertion.expect === "allow"
        ? ({ ...assertion, expect: "deny" } as const)
        : // What must be allowed has to be named where pods declare no ports.
          ({
            ...assertion,
            expect: "allow",
            ports: [{ kind: "ports", ports: ALL_PORTS, text: "all" }],
          } as const),
    );
    const opposite = runAssertions(engine, ends, { ...assertions, assertions: flipped }).cases;
    for (const each of opposite) {
      expect([seed, each.assertion.name, each.outcome]).toEqual([seed, each.assertion.name, "failed"]);
      if (each.outcome !== "failed") continue;
      expect(each.counterexamples.length).toBeGreaterThan(0);
      expect(each.explanations.some(({ allowed }) => allowed === (each.assertion.expect === "deny"))).toBe(
        true,
      );
    }
    for (const { expect: expected } of cases) seen[expected]++;
    if (mixed > 0) seen.mixed++;
  }
  expect(seen.allow).toBeGreaterThan(CLUSTERS);
  expect(seen.deny).toBeGreaterThan(CLUSTERS);
  expect(seen.mixed).toBeGreaterThan(CLUSTERS / 50);
  expect(seen.empty).toBeLessThan(CLUSTERS / 10);
}, 300_000);
