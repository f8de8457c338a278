import { describe, expect, it } from "vitest";
import { reportMarkdown } from "../report-markdown.ts";
import { reportText } from "../report-text.ts";
import type { BenchResults } from "../result.ts";
import { measureOf } from "../stats.ts";

const results: BenchResults = {
  kind: "podwall-bench",
  date: "2026-01-02T03:04:05.000Z",
  command: "npm run bench -- --authoring",
  quick: false,
  machine: { cpu: "a CPU", cores: 2, memoryGigabytes: 8, system: "linux 6 x64", load: 0.1 },
  versions: { node: "20.20.2" },
  profiles: [],
  growth: [],
  naive: [],
  authoring: {
    pods: 5413,
    policies: 13_678,
    megabytes: 10.12,
    changedPolicies: 138,
    commands: {
      read: { time: measureOf("ms", [1000, 1100, 1200]), toRead: 1 },
      check: { time: measureOf("ms", [2900, 3000, 5100]), toRead: 2.5 },
      diff: { time: measureOf("ms", [3900, 4100, 4200]), toRead: 3.5 },
    },
    failures: [{ job: "podwall check", reason: "exit code 3" }],
  },
};

describe.each([
  ["text", reportText],
  ["Markdown", reportMarkdown],
])("commands as %s", (_, render) => {
  const lineOf = (start: string, report: string): string =>
    report
      .split("\n")
      .find((line) => line.replace(/^[| ]+/, "").startsWith(start))
      ?.replaceAll(/[| ]+/g, " ")
      .trim() ?? "";

  it("holds each command against its goal", () => {
    const report = render(results);
    expect(report).toContain("5,413 pods, 13,678 policies, 10.1 MB of manifests; 138 policies differ");
    expect(report).toContain("NOT FINISHED  podwall check: exit code 3");
    expect(lineOf("podwall check", report)).toBe("podwall check 3 s 2.90 s - 5.10 s 2.50 times 3 < 5 s pass");
    expect(lineOf("podwall diff", report)).toBe(
      "podwall diff 4.10 s 3.90 s - 4.20 s 3.50 times 3 < 4 s FAIL",
    );
  });

  it("judges no quick run", () =>
    expect(lineOf("podwall diff", render({ ...results, quick: true }))).not.toContain("FAIL"));
});
