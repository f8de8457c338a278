import { drawMarkdown, failureParagraph } from "../draw-markdown.ts";
import type { BenchResults } from "../result.ts";
import { authoringTable, authoringText } from "./tables.ts";

/** The chapter about the commands of those who write policies. */
export function authoringSection({ authoring, quick }: BenchResults): string[] {
  if (authoring === undefined) return [];
  return [
    "## Checking and comparing manifests",
    HOW,
    `${authoringText(authoring)}.`,
    ...failureParagraph(authoring.failures),
    ...(Object.keys(authoring.commands).length === 0 ? [] : [drawMarkdown(authoringTable(authoring, quick))]),
  ];
}

const HOW = `Whole commands on the manifests of profile a, each a process of its own, from its start to its end, with the reading
of the files and the writing of all findings. They take turns, round after round; what a command takes beside one that
only reads is the median of the ratios within rounds, so that what slows the whole machine down cancels out. Repeat it
with \`npm run bench -- --authoring\`.`;
