import { unionPorts } from "../../net/port-set.ts";
import { compareCodePoints } from "../order.ts";
import {
  type GraphArrow,
  type GraphGroup,
  type GraphNode,
  type MapGraph,
  type NodeState,
  OUTSIDE,
  type StatementSet,
} from "./graph.ts";

/** More than these nobody can read. */
export const MOST_ARROWS = 400;
export const MOST_BOXES = 1000;

/**
 * The graph if it can be read; else that of its namespaces, with a note about it; undefined if there are too many arrows
 * even between these.
 */
export function readableGraph(
  graph: MapGraph,
  isReadable: (graph: MapGraph) => boolean = isSmall,
): MapGraph | undefined {
  if (isReadable(graph)) return graph;
  const namespaces = namespaceGraph(graph);
  return isReadable(namespaces) ? namespaces : undefined;
}

export function isSmall({ groups, arrows }: MapGraph): boolean {
  return (
    arrows.length <= MOST_ARROWS && groups.reduce((sum, { nodes }) => sum + nodes.length, 0) <= MOST_BOXES
  );
}

/** A box for each namespace, and arrows for all that has arrows between two of them. */
export function namespaceGraph(graph: MapGraph): MapGraph {
  const groupOf = new Map(
    graph.groups.flatMap((group) => group.nodes.map((node) => [node.id, group.id] as const)),
  );
  const inside = new Map<string, number>();
  const between = new Map<string, GraphArrow>();
  for (const { from, to, ports, family, connections } of graph.arrows) {
    const ends = { from: groupOf.get(from)!, to: groupOf.get(to)! };
    if (ends.from === ends.to) {
      inside.set(ends.from, (inside.get(ends.from) ?? 0) + connections);
      continue;
    }
    const key = `${ends.from} ${ends.to}`;
    const known = between.get(key);
    const isSameFamily = known === undefined || known.family === family;
    between.set(key, {
      ...ends,
      ports: known === undefined ? ports : unionPorts(known.ports, ports),
      ...(isSameFamily && family !== undefined ? { family } : {}),
      connections: (known?.connections ?? 0) + connections,
    });
  }
  const count = graph.groups.reduce((sum, { nodes }) => sum + nodes.length, 0);
  return {
    of: "namespaces",
    groups: graph.groups.map((group) => ({
      ...group,
      nodes: [namespaceNode(group, graph.of, inside.get(group.id) ?? 0)],
    })),
    arrows: [...between.values()].sort(
      (a, b) => compareCodePoints(a.from, b.from) || compareCodePoints(a.to, b.to),
    ),
    aside: graph.aside,
    notes: [
      `${count} boxes and ${graph.arrows.length} arrows are too many to read, so these are namespaces: an arrow says that at least one of the ${graph.of} there may use these ports. What everyone, every pod or all of a namespace may do has no arrow; the boxes count it. For the ${graph.of} themselves ask for less: --namespace, --from, --to, --port.`,
      // What an asterisk means, which only boxes of workloads have.
      ...graph.notes.filter((note) => !note.startsWith("*")),
    ],
  };
}

function namespaceNode(group: GraphGroup, of: MapGraph["of"], inside: number): GraphNode {
  const nodes = group.nodes.filter(({ state }) => state !== "all");
  const common = { id: group.id, title: group.title, statements: [] };
  if (group.id === OUTSIDE) {
    const ranges = nodes.length === 1 ? "1 range of addresses" : `${nodes.length} ranges of addresses`;
    return { ...common, detail: nodes.length === 0 ? "addresses" : ranges, state: "outside", lines: [] };
  }
  const states = STATES.map((state) => ({
    state,
    count: nodes.filter((node) => node.state === state).length,
  }));
  const sendsLimited = nodes.filter(({ sends }) => sends !== undefined).length;
  const lines = [
    states
      .filter(({ count }) => count > 0)
      .map(({ state, count }) => `${count} ${state}`)
      .join(", "),
    ...(sendsLimited === 0 ? [] : [`${sendsLimited} limited in what they send`]),
    ...statementLines(nodes),
    ...(inside === 0 ? [] : [`${inside} ${inside === 1 ? "connection" : "connections"} inside`]),
  ];
  const what = nodes.length === 1 ? of.slice(0, -1) : of;
  return { ...common, detail: `${nodes.length} ${what}`, state: "namespace", lines };
}

/** How many nodes of a namespace have statements, which no arrow tells. */
function statementLines(nodes: readonly GraphNode[]): string[] {
  const count = (direction: "in" | "out", set: StatementSet): number =>
    nodes.filter((node) => node.statements.some((each) => each.direction === direction && each.set === set))
      .length;
  return (
    [
      [nodes.filter(hasPortsForEveryone).length, "with ports for everyone"],
      [count("in", "inside"), "with ports for every pod"],
      [count("in", "group"), "with ports for all in here"],
      [count("out", "everyone"), "that may reach everyone"],
      [count("out", "inside"), "that may reach every pod"],
      [count("out", "group"), "that may reach all in here"],
    ] as const
  ).flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]));
}

/** Beside those that are open, which are counted as such. */
function hasPortsForEveryone({ state, statements }: GraphNode): boolean {
  return (
    (state === "isolated" || state === "limited") &&
    statements.some(({ direction, set }) => direction === "in" && set === "everyone")
  );
}

const STATES: readonly NodeState[] = ["open", "limited", "isolated", "node network"];
