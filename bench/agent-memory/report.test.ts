import { describe, expect, it } from "vitest";
import { reportMarkdown } from "../report-markdown.ts";
import { reportText } from "../report-text.ts";
import type { BenchResults } from "../result.ts";
import type { MemoryPiece } from "./memory-result.ts";

const TRAFFIC = { requests: 4, receivedBytes: 4.6e6, sentBytes: 66_000 };

function run(pods: number, megabytes: number, withTraffic: boolean): MemoryPiece {
  const resident = { now: megabytes, peak: megabytes + 20 };
  return {
    sizes: { pods, namespaces: 2000, policies: 10_000, nodes: 1000 },
    run: {
      variant: "as deployed",
      readyMillis: 5486,
      start: TRAFFIC,
      ready: resident,
      settled: resident,
      changed: resident,
      changes: 1000,
      perChanges: TRAFFIC,
      heapUsed: 116,
      ...(withTraffic ? { perIdleHour: { ...TRAFFIC, requests: 299.9 }, idleSeconds: 120 } : {}),
    },
  };
}

const results: BenchResults = {
  kind: "podwall-bench",
  date: "2026-01-02T03:04:05.000Z",
  command: "npm run bench -- --agent-memory",
  quick: false,
  machine: { cpu: "a CPU", cores: 2, memoryGigabytes: 8, system: "linux 6 x64", load: 0.1 },
  versions: { node: "20.20.2" },
  profiles: [],
  growth: [],
  naive: [],
  agentMemory: {
    runs: [run(20_000, 400, true), run(100_000, 299, false), run(100_000, 301, false)],
    failures: [],
    leftOut: [],
  },
};

describe.each([
  ["text", reportText],
  ["Markdown", reportMarkdown],
])("memory as %s", (_, render) => {
  const lines = render(results)
    .replaceAll("|", " ")
    .split("\n")
    .map((line) => line.replaceAll(/ {2,}/g, "  ").trim());

  it("judges the memory at 100,000 pods alone", () => {
    const rows = lines.filter((line) => line.includes("as deployed  5.49 s"));
    expect(rows.map((line) => / {2}(pass|FAIL)$/.exec(line)?.[1])).toEqual([undefined, "pass", "FAIL"]);
  });

  it("tells what agents ask for, where that was measured", () => {
    expect(lines).toContain("20,000  start  4  4.60 MB  0.066 MB");
    expect(lines).toContain("20,000  an hour without changes  300  4.60 MB  0.066 MB");
    expect(lines.filter((line) => line.includes("1,000 changes of pods"))).toHaveLength(1);
  });
});
