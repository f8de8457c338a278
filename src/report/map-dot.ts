import type { GraphArrow, GraphGroup, GraphNode, MapGraph, NodeState } from "./map-graph/graph.ts";
import { arrowText, nodeLines, plainLine } from "./map-graph/words.ts";

/** Fill and border, readable on white as Graphviz draws. */
const COLOURS: Readonly<Record<NodeState, readonly [fill: string, border: string]>> = {
  open: ["#fff4d6", "#b7791f"],
  limited: ["#dff3f7", "#1b7f95"],
  isolated: ["#e2f4e6", "#2f8a4c"],
  "node network": ["#eceef1", "#6b7280"],
  outside: ["#e8ecfb", "#4c5fb8"],
  all: ["#ffffff", "#6b7280"],
  namespace: ["#f3f4f6", "#6b7280"],
};

/** The graph in the language of Graphviz: `podwall map -o dot | dot -Tsvg`. */
export function mapDot(graph: MapGraph): string {
  const lines = [
    "digraph podwall {",
    '  graph [rankdir=LR, fontname="Helvetica", fontsize=13, nodesep=0.25, ranksep=0.9];',
    '  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11];',
    '  edge [fontname="Helvetica", fontsize=9, color="#6b7280", arrowsize=0.7];',
  ];
  for (const group of graph.groups) lines.push(...cluster(group, graph));
  for (const arrow of graph.arrows) lines.push(`  ${edge(arrow)}`);
  if (graph.notes.length > 0) {
    lines.push(`  label=${quoted(graph.notes.map((note) => `${escaped(note)}\\l`).join(""))};`);
  }
  lines.push("}");
  return `${lines.join("\n")}\n`;
}

function cluster(group: GraphGroup, graph: MapGraph): string[] {
  const nodes = group.nodes.map((each) => node(each, group));
  // Namespaces as nodes are in no box of their own.
  if (graph.of === "namespaces") return nodes.map((line) => `  ${line}`);
  return [
    `  subgraph ${quoted(escaped(`cluster ${group.id}`))} {`,
    `    label=${quoted(escaped(group.title))}; labeljust=l; style=rounded; color="#c4c9d1";`,
    ...nodes.map((line) => `    ${line}`),
    "  }",
  ];
}

function node(each: GraphNode, group: GraphGroup): string {
  const [fill, border] = COLOURS[each.state];
  const label = [each.title, each.detail, ...nodeLines(each, group)].map(escaped).join("\\n");
  const dashed = each.state === "all" ? ', style="rounded,filled,dashed"' : "";
  return `${quoted(escaped(each.id))} [label=${quoted(label)}, fillcolor="${fill}", color="${border}"${dashed}];`;
}

function edge(arrow: GraphArrow): string {
  return `${quoted(escaped(arrow.from))} -> ${quoted(escaped(arrow.to))} [label=${quoted(escaped(arrowText(arrow)))}];`;
}

/** For a label, where a backslash begins an escape. */
function escaped(text: string): string {
  return plainLine(text).replaceAll("\\", "\\\\");
}

/** A quoted id ends at a double quote, and only there. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '\\"')}"`;
}
