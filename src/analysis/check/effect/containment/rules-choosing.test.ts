import { expect, it } from "vitest";
import { manyRules } from "./many-rules.fixture.ts";
import { choosesPod, FEW, rulesChoosing, type SetsOfRule } from "./rules-choosing.ts";

it("finds among many rules just those that choose a pod, in their order", () => {
  const { context, rules } = manyRules();
  expect(rules.length).toBeGreaterThan(FEW);
  const { selected, cluster } = context;
  const setsOf: SetsOfRule = ({ peers }) =>
    peers === "everyone"
      ? []
      : peers.flatMap((peer) => (peer.kind === "pods" ? [new Set(selected.podsOf(peer.selection))] : []));
  const choosing = rulesChoosing(rules, setsOf);
  // Twice, as answers are kept.
  for (const pod of [...cluster.pods, ...cluster.pods]) {
    const wanted = rules.filter(({ rule }) => choosesPod(rule, pod, setsOf));
    expect(wanted.length).toBeGreaterThan(5);
    expect(wanted.length).toBeLessThan(rules.length);
    expect(choosing(pod)).toEqual(wanted);
  }
});
