import { expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { explain } from "../../src/engine/explain.ts";
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
  type Decide = (engine: Engine, ...packet: Parameters<Engine["allows"]>) => boolean;
  const verdict = (
    { cluster, fromPod, toPod, protocol, port }: ConformanceCase,
    decide: Decide,
  ): "allow" | "drop" => {
    const engine = engineFor(cluster);
    const from = engineEnd(engine, { pod: fromPod });
    const to = engineEnd(engine, { pod: toPod });
    if (from === undefined || to === undefined) throw new Error(`no pod ${fromPod} or ${toPod}`);
    return decide(engine, from, to, 4, { protocol, port }) ? "allow" : "drop";
  };

  it.each<[string, Decide]>([
    ["", (engine, ...packet) => engine.allows(...packet)],
    ["as explained ", (engine, ...packet) => explain(engine, ...packet).allowed],
  ])("agree %son 301 of 301 assertions", (_, decide) => {
    const wrong = cases.filter((each) => verdict(each, decide) !== each.expected);
    expect(wrong.map(({ cluster: _, ...poke }) => poke)).toEqual([]);
    expect(cases.length).toBe(301);
  });
});
