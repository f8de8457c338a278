// The upstream ClusterNetworkPolicy conformance suite, every assertion a packet.
import { beforeAll, expect, it } from "vitest";
import type { ProbeResult } from "../../src/lab/probe.ts";
import { describeUnless, skipReason } from "../../src/lab/testing/harness.ts";
import { type ConformanceCase, conformanceCases, conformanceSkipReason } from "../conformance/conformance.ts";
import type { ConformanceRun } from "./conformance-script.ts";
import { runKernelScript } from "./run-kernel-script.ts";

describeUnless(conformanceSkipReason() ?? skipReason(), "the kernel and the conformance suite", () => {
  const cases = conformanceCases();
  let run: ConformanceRun;
  beforeAll(async () => {
    run = await runKernelScript<ConformanceRun>("./conformance-script.ts");
  });

  it("agree on 301 of 301 assertions: what is dropped gets no answer at all, not even a refusal", () => {
    expect([cases.length, run.withPolicies.length]).toEqual([301, 301]);
    expect(unlike(cases, run.withPolicies)).toEqual([]);
  });

  it.each([
    ["TCP", 63, 53],
    ["UDP", 53, 42],
    ["SCTP", 50, 40],
  ] as const)("of them over %s %i answered and %i dropped", (protocol, answered, dropped) => {
    const outcomes = run.withPolicies.filter((_, i) => cases[i]!.protocol === protocol).map(seen);
    expect(outcomes.filter((outcome) => outcome === "allow").length).toBe(answered);
    expect(outcomes.filter((outcome) => outcome === "drop").length).toBe(dropped);
  });

  it("agree only because of the policies: without them every poke is answered, the 135 drops too", () => {
    const open = cases.map((each): ConformanceCase => ({ ...each, expected: "allow" }));
    expect(run.withoutPolicies.length).toBe(301);
    expect(unlike(open, run.withoutPolicies)).toEqual([]);
    expect(unlike(cases, run.withoutPolicies).length).toBe(135);
  });
});

/** In the words of the suite; what is neither answered nor silence in its own. */
function seen({ outcome, detail }: ProbeResult): string {
  if (outcome === "answered") return "allow";
  return detail === "timeout" ? "drop" : `${outcome}: ${detail}`;
}

function unlike(cases: readonly ConformanceCase[], results: readonly ProbeResult[]): unknown[] {
  return cases.flatMap(({ cluster: _, ...poke }, i) => {
    const measured = seen(results[i]!);
    return measured === poke.expected ? [] : [{ ...poke, measured }];
  });
}
