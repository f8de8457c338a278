import { describe, expect, it } from "vitest";
import { reportMarkdown } from "./report-markdown.ts";
import { reportText } from "./report-text.ts";
import type { BenchResults, ProfileResult } from "./result.ts";
import { measureOf } from "./stats.ts";

function point(pods: number, full: readonly number[]): ProfileResult {
  return {
    name: "a",
    title: "a cluster",
    sizes: { pods, namespaces: 10, policies: 50, nodes: 2 },
    statistics: undefined,
    wanted: {},
    manifestMegabytes: undefined,
    totals: undefined,
    measures: { full: measureOf("ms", full), verdicts: measureOf("verdicts/s", [4e6]) },
    failures: [],
  };
}

const results: BenchResults = {
  kind: "podwall-bench",
  date: "2026-01-02T03:04:05.000Z",
  command: "npm run bench --",
  quick: false,
  machine: { cpu: "a CPU", cores: 2, memoryGigabytes: 8, system: "linux 6 x64", load: 0.1 },
  versions: { node: "20.20.2", podwall: "abc" },
  profiles: [point(100, [900, 950, 2000])],
  growth: [{ name: "pods", title: "more pods", points: [point(100, [10]), point(1000, [40])] }],
  naive: [
    {
      title: "a at 1%",
      sizes: { pods: 10, namespaces: 1, policies: 5, nodes: 1 },
      comparedPairs: 100,
      naive: measureOf("ms", [500]),
      engine: measureOf("ms", [2]),
    },
    { job: "naive", reason: "not done after 600 s" },
  ],
};

describe.each([
  ["text", reportText],
  ["Markdown", reportMarkdown],
])("the report as %s", (_, render) => {
  const rows = render(results)
    .split("\n")
    .map((line) =>
      line
        .replaceAll("|", " ")
        .trim()
        .split(/\s{2,}/),
    );
  const row = (first: string): string[] | undefined => rows.find((cells) => cells[0]?.startsWith(first));

  it("judges medians by the goals", () => {
    expect(row("full reachability: objects to")?.slice(1)).toEqual([
      "950 ms",
      "900 ms - 2 s",
      "3",
      "< 1 s",
      "pass",
    ]);
    expect(row("point verdicts, pod to pod")?.slice(1)).toEqual(["4 M/s", "1", "> 5 M/s", "FAIL"]);
  });

  it("judges nothing in a quick run, which is smaller than the goals are for", () => {
    const quick = render({ ...results, quick: true });
    expect(quick).not.toContain("pass");
    expect(quick).not.toContain("FAIL");
  });

  it("tells how much more the last point of a curve takes than the first", () => {
    expect(row("last / first")?.slice(1, 5)).toEqual(["x 10", "x 1", "-", "x 4"]);
  });

  it("draws a bar for each point on one scale", () => {
    const bars = rows.flat().filter((cell) => cell.startsWith("#") && cell.endsWith(" ms"));
    expect(bars.map((bar) => bar.indexOf(" "))).toEqual([13, 50]);
  });

  it("sets the naive loop beside the engine, and tells what did not finish", () => {
    expect(render(results)).toMatch(/\b250\b/);
    expect(render(results)).toContain("NOT FINISHED  naive: not done after 600 s");
  });

  it("warns when the machine was busy", () => {
    expect(render(results)).not.toContain("BUSY");
    expect(render({ ...results, machine: { ...results.machine, load: 14 } })).toContain("BUSY");
  });

  it("names machine, versions, command and date", () => {
    for (const part of ["a CPU", "2 cores", "8 GB", "20.20.2", "abc", "npm run bench --", "2026-01-02"]) {
      expect(render(results)).toContain(part);
    }
  });
});
