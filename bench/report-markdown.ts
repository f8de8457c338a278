import { memorySection } from "./agent-memory/report-markdown.ts";
import { authoringSection } from "./authoring/report-markdown.ts";
import { drawMarkdown, failureParagraph } from "./draw-markdown.ts";
import { enforcementSection } from "./enforcement/report-markdown.ts";
import { latencySection } from "./enforcement-latency/report-markdown.ts";
import { formatNumber, formatQuantity } from "./format.ts";
import { growthChart, growthTable } from "./growth.ts";
import { loadText, sizesText } from "./report-text.ts";
import type { BenchResults, Failure, GrowthResult, NaiveResult, ProfileResult } from "./result.ts";
import { measureTable, statisticsTable, type Table } from "./tables.ts";

/** The results as a page of the documentation. The same results give the same page. */
export function reportMarkdown(results: BenchResults): string {
  return `${[introduction(results), ...results.profiles.map((profile) => profileSection(profile, results.quick)), ...growthSections(results.growth), ...naiveSection(results.naive), ...authoringSection(results), ...enforcementSection(results), ...latencySection(results), ...memorySection(results)].join("\n\n")}\n`;
}

function introduction({ machine, versions, command, date, quick, alongside = [] }: BenchResults): string {
  return `# Performance

Written by \`npm run bench\`; change the program and run it again rather than this page.

${drawMarkdown({
  head: ["measured", ""],
  rows: [
    ["machine", `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGigabytes} GB`],
    ["system", machine.system],
    ["load", loadText(machine)],
    ...Object.entries(versions),
    ["command", `\`${command}\``],
    ["date", date],
    ...alongside.map((run) => [
      "and",
      `\`${run.command}\`, ${run.date}, commit ${run.podwall}, load ${run.load}`,
    ]),
  ],
})}
${quick ? "\n**A quick run: a tenth of the sizes, few repetitions. Goals are not judged.**\n" : ""}
How it is measured:

- Each cluster is generated from a seed and measured in fresh processes with Node's default settings, so that memory is
  its own. Programs are bundled as the released ones are.
- The median counts, the spread is the smallest and the largest sample; garbage collection is part of them. Samples of
  compiling and loading include the first, cold one; of the others the first tenth warms up and is left out.
- Verdicts are asked for random pairs in random order; the ends are made beforehand.
- A change is timed from the event until everything that can be asked is decided again. Each one is taken back, and in
  the end everything must be as it was.
- Megabytes are 10^6 bytes. Peak memory is that of the whole process, the generated objects included.`;
}

function profileSection(profile: ProfileResult, quick: boolean): string {
  return [
    `## Profile ${profile.name}: ${profile.title}`,
    `${sizesText(profile)}.`,
    ...failureParagraph(profile.failures),
    drawMarkdown(measureTable(profile, quick)),
    drawMarkdown(statisticsTable(profile)),
  ].join("\n\n");
}

function growthSections(growth: readonly GrowthResult[]): string[] {
  return growth.map((curve) =>
    [
      `## Growth: ${curve.title}`,
      ...failureParagraph(curve.points.flatMap((point) => point.failures)),
      drawMarkdown(growthTable(curve)),
      growthChart(curve)
        .map((line) => `    ${line}`)
        .join("\n"),
    ].join("\n\n"),
  );
}

function naiveSection(results: readonly (NaiveResult | Failure)[]): string[] {
  if (results.length === 0) return [];
  const compared = results.filter((result): result is NaiveResult => "naive" in result);
  const table: Table = {
    head: ["profile", "pods", "policies", "answers compared", "naive loop", "engine", "times faster"],
    rows: compared.map(({ title, sizes, comparedPairs, naive, engine }) => [
      title,
      formatNumber(sizes.pods),
      formatNumber(sizes.policies),
      formatNumber(comparedPairs),
      formatQuantity(naive.median, naive.unit),
      formatQuantity(engine.median, engine.unit),
      formatNumber(naive.median / engine.median),
    ]),
  };
  return [
    `## Beside a naive loop

The full reachability by a loop over all pairs of pods and all policies, at a size that it can finish, and by the
engine from the same objects in the same process. All answers are compared and equal. The loop grows with pods x pods x policies.`,
    ...failureParagraph(results.filter((result): result is Failure => "reason" in result)),
    drawMarkdown(table),
  ];
}
