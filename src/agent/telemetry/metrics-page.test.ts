// docs/metrics.md and the registry say the same.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createTelemetry } from "./create-telemetry.ts";
import { testLogger, WORDS } from "./testing/agent.ts";

const PAGE = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");

/** What prom-client's metrics have beside what its types say. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

const telemetry = createTelemetry({
  node: "n1",
  version: "1.2.3",
  view: () => undefined,
  logger: testLogger().logger,
  words: WORDS,
});
const METRICS = telemetry.registry.getMetricsAsArray() as unknown as readonly Described[];
const OURS = METRICS.filter(({ name }) => name.startsWith("podwall_"));

const codes = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
const rowOf = ({ name, type, labelNames, help }: Described): string =>
  `| \`${name}\` | ${type} | ${labelNames.map((label) => `\`${label}\``).join(", ")} | ${help} |`;

describe("docs/metrics.md", () => {
  it("has a row for every metric of ours, and for no other", () => {
    const rows = PAGE.split("\n").filter((line) => line.startsWith("| `podwall_"));
    expect(rows.sort()).toEqual(OURS.map(rowOf).sort());
  });

  it("names every metric of the process, and no other", () => {
    const [, section = ""] = PAGE.split("## Of the process\n");
    const named = codes(section.split("\n## ")[0]!).filter((code) => /^(process|nodejs)_/.test(code));
    const others = METRICS.filter((metric) => !OURS.includes(metric)).map(({ name }) => name);
    expect(named.sort()).toEqual(others.sort());
  });

  it("has alerts that ask for metrics that there are", () => {
    const [, section = ""] = PAGE.split("## Alerts\n");
    const asked = [...section.matchAll(/\b(podwall|process|nodejs)_[a-z_]+/g)].map(([name]) => name);
    expect(asked.length).toBeGreaterThan(10);
    const known = METRICS.flatMap(({ name, type }) => [
      name,
      ...(type === "histogram" ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : []),
    ]);
    expect(asked.filter((name) => !known.includes(name))).toEqual([]);
  });
});
