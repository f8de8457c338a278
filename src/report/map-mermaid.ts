import type { GraphGroup, GraphNode, MapGraph, NodeState } from "./map-graph/graph.ts";
import { arrowText, nodeLines, plainLine } from "./map-graph/words.ts";

/** Longer texts are refused by Mermaid as it is set up in most places. */
export const LONGEST_MERMAID = 50_000;

const CLASSES: Readonly<Record<NodeState, string>> = {
  open: "open",
  limited: "limited",
  isolated: "isolated",
  "node network": "node",
  outside: "outside",
  all: "all",
  namespace: "namespace",
};

/** The text is given with the fill, so that both are readable on light and on dark pages. */
const STYLES = [
  "classDef open fill:#fff4d6,stroke:#b7791f,color:#3b2a07",
  "classDef limited fill:#dff3f7,stroke:#1b7f95,color:#0b3640",
  "classDef isolated fill:#e2f4e6,stroke:#2f8a4c,color:#12381f",
  "classDef node fill:#eceef1,stroke:#6b7280,color:#1f2937",
  "classDef outside fill:#e8ecfb,stroke:#4c5fb8,color:#1c2559",
  "classDef all fill:#ffffff,stroke:#6b7280,color:#1f2937,stroke-dasharray:4 3",
  "classDef namespace fill:#f3f4f6,stroke:#6b7280,color:#1f2937",
  "classDef note fill:none,stroke:none",
];

/** The graph as a Mermaid flowchart, which code hosts draw in Markdown. */
export function mapMermaid(graph: MapGraph): string {
  const lines = ["flowchart LR"];
  const ids = new Map<string, string>();
  for (const [index, group] of graph.groups.entries()) {
    const nodes = group.nodes.map((each) => {
      const id = `n${ids.size}`;
      ids.set(each.id, id);
      return node(id, each, group);
    });
    if (graph.of === "namespaces") {
      lines.push(...nodes.map((line) => `  ${line}`));
      continue;
    }
    lines.push(`  subgraph g${index}["${escaped(group.title)}"]`);
    lines.push(...nodes.map((line) => `    ${line}`), "  end");
  }
  for (const arrow of graph.arrows) {
    lines.push(`  ${ids.get(arrow.from)} -->|"${escaped(arrowText(arrow))}"| ${ids.get(arrow.to)}`);
  }
  if (graph.notes.length > 0) {
    lines.push(`  notes["${graph.notes.map(escaped).join("<br>")}"]:::note`);
  }
  lines.push(...STYLES.map((style) => `  ${style}`));
  return `${lines.join("\n")}\n`;
}

function node(id: string, each: GraphNode, group: GraphGroup): string {
  const label = [`<b>${escaped(each.title)}</b>`, ...[each.detail, ...nodeLines(each, group)].map(escaped)];
  return `${id}["${label.join("<br>")}"]:::${CLASSES[each.state]}`;
}

/** Mermaid reads `#60;` as a character by its number. Letters, digits and what never means anything stay. */
function escaped(text: string): string {
  return plainLine(text).replace(/[^\p{L}\p{N} .,:/()-]/gu, (character) => `#${character.codePointAt(0)};`);
}
