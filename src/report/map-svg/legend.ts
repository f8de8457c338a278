import type { MapGraph, NodeState } from "../map-graph/graph.ts";
import { plainLine } from "../map-graph/words.ts";
import { STATE_CLASSES } from "./style.ts";
import { sansWidth } from "./text-width.ts";
import { xmlText } from "./xml.ts";

const SIZE = 11;
const LINE = 17;

const MEANINGS: Readonly<Record<NodeState, string>> = {
  open: "open: everyone may come in on every port, from outside too",
  limited: "limited: rules of Admin or Baseline keep something out",
  isolated: "isolated: only what is shown may come in",
  "node network": "node network: no policy limits it",
  outside: "addresses outside of the cluster",
  all: "dashed: each workload of the namespace, or each range outside",
  namespace: "a namespace with its pods",
};

/** What the colours mean, and the notes of the graph, in a width. */
export function legend(
  graph: MapGraph,
  width: number,
): { readonly elements: string; readonly height: number } {
  const used = new Set(graph.groups.flatMap(({ nodes }) => nodes).map((node) => node.state));
  const states = (Object.keys(MEANINGS) as NodeState[]).filter((state) => used.has(state));
  const elements: string[] = [];
  let x = 0;
  let y = 0;
  for (const state of states) {
    const text = state === "open" ? openMeaning(graph) : MEANINGS[state];
    const entry = sansWidth(text, SIZE) + 18 + 22;
    if (x > 0 && x + entry > width) {
      x = 0;
      y += LINE;
    }
    elements.push(
      `<g class="${STATE_CLASSES[state]}"><rect class="frame" x="${Math.round(x) + 0.5}" y="${y + 0.5}" width="11" height="11" rx="3"/>` +
        `<rect class="stripe" x="${Math.round(x)}" y="${y}" width="4" height="12" rx="2"/>` +
        `<text class="soft" x="${Math.round(x) + 18}" y="${y + 10}">${xmlText(text)}</text></g>`,
    );
    x += entry;
  }
  y += LINE + 4;
  const arrows =
    graph.arrows.length > 0
      ? ["Arrows end at the ports that may be used; there is one colour for all arrows of a box."]
      : [];
  for (const note of [...arrows, ...graph.notes]) {
    for (const line of wrapped(plainLine(note), width)) {
      elements.push(`<text class="soft" x="0" y="${y + 10}">${xmlText(line)}</text>`);
      y += LINE;
    }
  }
  return { elements: elements.join("\n"), height: y };
}

/** With the asterisk that the boxes would have, if they said it themselves. */
function openMeaning({ groups }: MapGraph): string {
  const isQualified = groups
    .flatMap(({ nodes }) => nodes)
    .some(
      ({ state, statements }) =>
        state === "open" &&
        statements.some(
          ({ direction, set, onlyUnlimited }) => direction === "in" && set === "everyone" && onlyUnlimited,
        ),
    );
  return isQualified ? MEANINGS.open.replace("everyone", "everyone*") : MEANINGS.open;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && sansWidth(longer, SIZE) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
