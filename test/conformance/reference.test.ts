import { expect, it } from "vitest";
import { describeUnless } from "../../src/lab/testing/harness.ts";
import { isAllowed } from "../reference/evaluate.ts";
import { type ConformanceCase, conformanceCases, conformanceSkipReason } from "./conformance.ts";

describeUnless(conformanceSkipReason(), "the reference evaluator and the conformance suite", () => {
  const cases = conformanceCases();

  it("has all 301 assertions, 166 to allow and 135 to drop", () => {
    const count = (expected: string) => cases.filter((each) => each.expected === expected).length;
    expect([cases.length, count("allow"), count("drop")]).toEqual([301, 166, 135]);
  });

  it.each(byTest(cases))("agree on %s", (_, ofTest) => {
    const wrong = ofTest.filter((each) => verdict(each) !== each.expected);
    expect(wrong.map(({ cluster: _, ...poke }) => poke)).toEqual([]);
  });

  it("depends on the state of each step: that of the test's first does not do", () => {
    const stale = byTest(cases).flatMap(([, ofTest]) =>
      ofTest.filter((each) => verdict({ ...each, cluster: ofTest[0]!.cluster }) !== each.expected),
    );
    expect(stale.length).toBeGreaterThan(50);
  });
});

function byTest(cases: readonly ConformanceCase[]): [string, ConformanceCase[]][] {
  const tests = [...new Set(cases.map(({ test }) => test))];
  return tests.map((test) => [test, cases.filter((each) => each.test === test)]);
}

function verdict({ cluster, fromPod, toPod, protocol, port }: ConformanceCase): "allow" | "drop" {
  const traffic = { family: 4, protocol, port } as const;
  return isAllowed(cluster, { pod: fromPod }, { pod: toPod }, traffic) ? "allow" : "drop";
}
