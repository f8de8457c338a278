import { expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { describeUnless } from "../../src/lab/testing/harness.ts";
import { engineEnd, engineOf } from "../agreement/from-raw.ts";
import type { RawCluster } from "../reference/raw.ts";
import { type ConformanceCase, conformanceCases, conformanceSkipReason } from "./conformance.ts";

describeUnless(conformanceSkipReason(), "the engine and the conformance suite", () => {
  const cases = conformanceCases();
  const engines = new Map<RawCluster, Engine>();
  const engineFor = (cluster: RawCluster): Engine => {
    const known = engines.get(cluster) ?? engineOf(cluster);
    engines.set(cluster, known);
    return known;
  };
  const verdict = ({ cluster, fromPod, toPod, protocol, port }: ConformanceCase): "allow" | "drop" => {
    const engine = engineFor(cluster);
    const from = engineEnd(engine, { pod: fromPod });
    const to = engineEnd(engine, { pod: toPod });
    if (from === undefined || to === undefined) throw new Error(`no pod ${fromPod} or ${toPod}`);
    return engine.allows(from, to, 4, { protocol, port }) ? "allow" : "drop";
  };

  it("agree on 301 of 301 assertions", () => {
    const wrong = cases.filter((each) => verdict(each) !== each.expected);
    expect(wrong.map(({ cluster: _, ...poke }) => poke)).toEqual([]);
    expect(cases.length).toBe(301);
  });
});
