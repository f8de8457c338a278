import { describe, expect, it } from "vitest";
import { reportMarkdown } from "../report-markdown.ts";
import { reportText } from "../report-text.ts";
import type { BenchResults } from "../result.ts";
import { delayOf } from "./delay.ts";
import type { Delay, LatencyChange, LatencyRow } from "./latency-result.ts";

const delay = (...values: number[]): Delay => delayOf(values);

function row(change: LatencyChange, fromWrite: Delay): LatencyRow {
  return {
    change,
    fromWrite,
    fromAnswer: delay(-0.5),
    writeToAnswer: delay(5),
    writeToSeen: delay(6),
    seenToPacket: delay(7),
  };
}

const SIZES = { pods: 5000, namespaces: 100, policies: 1000, nodes: 100 };

const results: BenchResults = {
  kind: "podwall-bench",
  date: "2026-01-02T03:04:05.000Z",
  command: "npm run bench -- --latency",
  quick: false,
  machine: { cpu: "a CPU", cores: 2, memoryGigabytes: 8, system: "linux 6 x64", load: 0.1 },
  versions: { node: "20.20.2" },
  profiles: [],
  growth: [],
  naive: [],
  latency: {
    clusters: [
      {
        sizes: SIZES,
        hasGoal: true,
        facts: [["how exact", "to 0.20 ms"]],
        rows: [
          row("policyNarrowed", delay(...Array.from({ length: 200 }, (_, i) => (i < 196 ? 12 : 240)))),
          row("policyWidened", delay(...Array.from({ length: 200 }, (_, i) => (i < 196 ? 12 : 260)))),
          row("labelLost", delay(70, 80)),
        ],
      },
      {
        sizes: { ...SIZES, policies: 10 },
        hasGoal: false,
        facts: [],
        rows: [row("labelGained", delay(300))],
      },
    ],
    failures: [{ job: "latency, 5000 pods", reason: "not done after 600 s" }],
    leftOut: [],
  },
};

describe.each([
  ["text", reportText],
  ["Markdown", reportMarkdown],
])("latency as %s", (_, render) => {
  const text = render(results).replaceAll("|", " ").replaceAll(/ {2,}/g, "  ");
  const line = (begin: string): string | undefined =>
    text
      .split("\n")
      .find((each) => each.trim().startsWith(begin))
      ?.trim();

  it.each([
    { what: "policy changed, stops packets", figures: "12 ms  12 ms  240 ms  240 ms", verdict: "pass" },
    { what: "policy changed, lets them pass", figures: "12 ms  12 ms  260 ms  260 ms", verdict: "FAIL" },
    { what: "pod's label changed, stops packets", figures: "70 ms  80 ms  80 ms", verdict: "FAIL" },
  ])("judges by both goals: $what", ({ what, figures, verdict }) => {
    expect(line(what)).toContain(figures);
    expect(line(what)?.endsWith(verdict), line(what)).toBe(true);
  });

  it("judges no other cluster than the one that the goals are for", () =>
    expect(line("pod's label changed, lets them pass")).not.toMatch(/pass$|FAIL/));

  it("tells where the time goes, what the clusters are, and what failed", () => {
    expect(text).toContain("5 ms  6 ms  7 ms");
    expect(text).toContain("5,000 pods, 1,000 policies, 100 namespaces, 100 nodes");
    expect(text).toContain("to 0.20 ms");
    expect(text).toContain("NOT FINISHED  latency, 5000 pods: not done after 600 s");
  });
});
