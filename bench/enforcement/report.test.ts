import { describe, expect, it } from "vitest";
import { reportMarkdown } from "../report-markdown.ts";
import { reportText } from "../report-text.ts";
import type { BenchResults } from "../result.ts";
import { measureOf, single } from "../stats.ts";
import { compare } from "./compare.ts";
import type { EnforcementResult } from "./enforcement-result.ts";
import { joinedChanges } from "./measure-enforcement.ts";
import { inTurn } from "./packet-rounds.ts";

const enforcement: EnforcementResult = {
  facts: [["10 pods, 1 policies", "2 chains"]],
  packets: [
    { quantity: "connections", rules: "few", beside: "tracking", ...compare("conn/s", [960], [1000]) },
    { quantity: "connections", rules: "many", beside: "tracking", ...compare("conn/s", [940], [1000]) },
    {
      quantity: "perBusySecond",
      rules: "many",
      beside: "tracking",
      ...compare("conn/s", [930, 940, 960], [1000, 1000, 1000]),
    },
    { quantity: "connections", rules: "linear", beside: "tracking", ...compare("conn/s", [100], [1000]) },
    { quantity: "latency99", rules: "many", beside: "tracking", ...compare("us", [120], [100]) },
    { quantity: "bulk1", rules: "many", beside: "tracking", ...compare("Gbit/s", [9.9], [10]) },
  ],
  changes: {
    remotePodComes: measureOf(
      "ms",
      Array.from({ length: 100 }, (_, i) => (i < 97 ? 5 : 40)),
    ),
    tenPods: measureOf("ms", [15, 16]),
    coldPeak: single("MB", 650),
  },
  failures: [{ job: "enforcement, cold start", reason: "not done after 600 s" }],
  leftOut: [{ job: "enforcement, packets", reason: "no compiler" }],
};

const results: BenchResults = {
  kind: "podwall-bench",
  date: "2026-01-02T03:04:05.000Z",
  command: "npm run bench -- --enforcement",
  quick: false,
  machine: { cpu: "a CPU", cores: 2, memoryGigabytes: 8, system: "linux 6 x64", load: 0.1 },
  versions: { node: "20.20.2" },
  profiles: [],
  growth: [],
  naive: [],
  enforcement,
};

describe.each([
  ["text", reportText],
  ["Markdown", reportMarkdown],
])("enforcement as %s", (_, render) => {
  const words = (text: string): string => text.replaceAll("|", " ").replaceAll(/ {2,}/g, "  ");
  const text = words(render(results));

  it.each([
    ["new connections  10 policies  tracking only  960/s  1,000/s  0.960", ">= 0.950  pass"],
    ["new connections  10,000 policies  tracking only  940/s  1,000/s  0.940", ">= 0.950  FAIL"],
    ["new connections a second of processor time  10,000 policies  tracking only  940/s", ">= 0.950  FAIL?"],
    ["new connection, p99 latency  10,000 policies  tracking only  120 us  100 us  1.200", "<= 1.10  FAIL"],
    ["bulk, one stream  10,000 policies  tracking only  9.90 Gbit/s  10 Gbit/s  0.990", ">= 0.970  pass"],
    ["one remote pod comes: event to enforced  5 ms", "< 10 ms, p99 < 30 ms  FAIL"],
    ["one policy of ten local pods changes: event to enforced  15 ms", "< 20 ms  pass"],
    ["- peak memory of that process  650 MB", "< 500 MB  FAIL"],
  ])("judges by the goals: %s", (begin, end) => {
    const line = text.split("\n").find((each) => each.includes(begin));
    expect(line?.trim().endsWith(end), line).toBe(true);
  });

  it("has no goal for what shows that the benchmark works", () => {
    const line = text.split("\n").find((each) => each.includes("2,000 linear rules  tracking only"))!;
    expect(line).not.toMatch(/pass|FAIL/);
  });

  it("tells what failed, what was left out, and what was measured", () => {
    expect(text).toContain("NOT FINISHED  enforcement, cold start: not done after 600 s");
    expect(text).toContain("LEFT OUT  enforcement, packets: no compiler");
    expect(text).toContain("10 pods, 1 policies: 2 chains");
  });

  it("judges nothing in a quick run", () => {
    expect(render({ ...results, quick: true })).not.toMatch(/pass\b|FAIL/);
  });
});

it("makes one measure of those of several processes", () => {
  const pieces = [1, 5, 3].map((value) => ({ changes: { coldStart: single("ms", value) } }));
  expect(joinedChanges([...pieces, {}]).coldStart).toMatchObject({ median: 3, min: 1, max: 5, samples: 3 });
});

describe("inTurn", () => {
  it("lets every path come first, and go before and after every other, as often", () => {
    const before = new Map<string, number>();
    const first = new Map<string, number>();
    for (let cycle = 0; cycle < 10; cycle++) {
      const order = inTurn(["a", "b", "c", "d", "e"], cycle);
      first.set(order[0]!, (first.get(order[0]!) ?? 0) + 1);
      for (const [i, x] of order.entries())
        for (const y of order.slice(i + 1)) before.set(x + y, (before.get(x + y) ?? 0) + 1);
    }
    expect([...first.values()]).toEqual([2, 2, 2, 2, 2]);
    expect(new Set(before.values())).toEqual(new Set([5]));
  });
});
