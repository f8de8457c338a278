import { formatNumber, formatQuantity } from "./format.ts";
import { type GrowthResult, MEASURES, type MeasureName, type ProfileResult } from "./result.ts";
import type { Table } from "./tables.ts";

/** What is shown of each point, under these heads. */
const COLUMNS: readonly (readonly [head: string, measure: MeasureName])[] = [
  ["full reachability", "full"],
  ["peak memory", "peak"],
  ["verdicts", "verdicts"],
  ["pod added", "podAddedKnown"],
  ["pod, new class", "podAddedNew"],
  ["namespace label", "namespaceRelabelled"],
  ["policy changed", "policyChanged"],
];

/** A row for each point, and a last one with each median at the last point as a multiple of the first. */
export function growthTable({ points }: GrowthResult): Table {
  const counts: readonly (readonly [string, (point: ProfileResult) => number | undefined])[] = [
    ["pods", ({ sizes }) => sizes?.pods],
    ["policies", ({ sizes }) => sizes?.policies],
    ["classes", ({ totals }) => totals?.classes],
  ];
  const median = (point: ProfileResult | undefined, name: MeasureName): number | undefined =>
    point?.measures[name]?.median;
  const cell = (point: ProfileResult, name: MeasureName): string => {
    const measure = point.measures[name];
    return measure === undefined ? "-" : formatQuantity(measure.median, measure.unit);
  };
  const first = points[0];
  const last = points.at(-1);
  const grown = (of: (point: ProfileResult) => number | undefined): string =>
    multiple(first && of(first), last && of(last));
  return {
    head: ["", ...counts.map(([head]) => head), ...COLUMNS.map(([head]) => head)],
    rows: [
      ...points.map((point) => [
        "",
        ...counts.map(([, count]) => countText(count(point))),
        ...COLUMNS.map(([, name]) => cell(point, name)),
      ]),
      [
        "last / first",
        ...counts.map(([, count]) => grown(count)),
        ...COLUMNS.map(([, name]) => grown((point) => median(point, name))),
      ],
    ],
  };
}

function countText(count: number | undefined): string {
  return count === undefined ? "-" : formatNumber(count);
}

function multiple(first: number | undefined, last: number | undefined): string {
  return first === undefined || last === undefined || first === 0 ? "-" : `x ${formatNumber(last / first)}`;
}

const BAR = 50;

/** The full reachability of each point as a bar; bars of one chart share a linear scale. */
export function growthChart({ name, points }: GrowthResult): string[] {
  const drawn = points.flatMap(({ sizes, measures }) =>
    sizes === undefined || measures.full === undefined
      ? []
      : [{ size: name === "pods" ? sizes.pods : sizes.policies, full: measures.full }],
  );
  const largest = Math.max(...drawn.map(({ full }) => full.median));
  const labels = drawn.map(({ size }) => `${formatNumber(size)} ${name}`);
  const width = Math.max(...labels.map((label) => label.length));
  return [
    `${MEASURES.full}:`,
    ...drawn.map(({ full }, i) => {
      const bar = "#".repeat(Math.max(1, Math.round((full.median / largest) * BAR)));
      return `${labels[i]!.padStart(width)}  ${bar} ${formatQuantity(full.median, full.unit)}`;
    }),
  ];
}
