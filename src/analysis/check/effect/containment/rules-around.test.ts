import { expect, it } from "vitest";
import { manyRules } from "./many-rules.fixture.ts";
import { FEW, matchesPeer, rulesAround } from "./rules-around.ts";
import { symbolicContainment } from "./symbolic.ts";

it("finds among many rules just those that match all that a peer does, in their order", () => {
  const { rules } = manyRules();
  expect(rules.length).toBeGreaterThan(FEW);
  const symbolic = symbolicContainment();
  const around = rulesAround(rules, symbolic);
  const peers = [
    "everyone" as const,
    ...rules.flatMap(({ rule }) => (rule.peers === "everyone" ? [] : rule.peers)),
  ];
  let found = 0;
  for (const peer of peers) {
    const wanted = rules.filter(({ rule }) => matchesPeer(rule, peer, symbolic));
    found += wanted.length;
    expect(around(peer).map(({ rule }) => rule.index)).toEqual(wanted.map(({ rule }) => rule.index));
  }
  expect(found).toBeGreaterThan(peers.length * 5);
});
