import { expect, it } from "vitest";
import { joinedResults } from "./joined-results.ts";
import { reportMarkdown } from "./report-markdown.ts";
import type { BenchResults } from "./result.ts";

const empty = { clusters: [], failures: [], leftOut: [{ job: "latency", reason: "no compiler" }] };

function results(date: string, parts: Partial<BenchResults>): BenchResults {
  return {
    kind: "podwall-bench",
    date,
    command: `npm run bench -- # ${date}`,
    quick: false,
    machine: { cpu: "a CPU", cores: 2, memoryGigabytes: 8, system: "linux 6 x64", load: 0.1 },
    versions: { podwall: `commit of ${date}` },
    profiles: [],
    growth: [],
    naive: [],
    ...parts,
  };
}

it("takes each part from the last run that measured it, and tells of all runs", () => {
  const enforcement = { facts: [], packets: [], changes: {}, failures: [], leftOut: [] };
  const joined = joinedResults([
    results("monday", { enforcement, latency: { ...empty, leftOut: [] } }),
    results("tuesday", { latency: empty }),
  ]);
  expect(joined).toMatchObject({ date: "monday", enforcement, latency: empty });
  expect(reportMarkdown(joined)).toMatch(/monday.*tuesday, commit commit of tuesday.*LEFT OUT/s);
});

it("leaves one run as it is", () => {
  const one = results("monday", {});
  expect(joinedResults([one])).toBe(one);
});
