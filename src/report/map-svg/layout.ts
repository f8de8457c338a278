import type { GraphArrow, GraphGroup, MapGraph } from "../map-graph/graph.ts";
import { arrowText } from "../map-graph/words.ts";
import { type Box, boxOf, TITLE_Y } from "./box.ts";
import { assignColumns } from "./columns.ts";
import { orderLanes } from "./lane-order.ts";
import { routePath } from "./route.ts";
import { type Item, stackItems } from "./stack.ts";

/** Where everything is, in pixels from the upper left corner. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly lanes: readonly PlacedLane[];
  readonly boxes: readonly PlacedBox[];
  readonly routes: readonly Route[];
}

export interface PlacedLane {
  readonly group: GraphGroup;
  readonly y: number;
  readonly height: number;
}

export interface PlacedBox {
  readonly box: Box;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface Route {
  readonly arrow: GraphArrow;
  /** The `d` of a path, from the right side of a box to the left side of another one. */
  readonly path: string;
  /** Of the box where it begins, among those where arrows begin, column by column from top to bottom. */
  readonly source: number;
}

export const LANE_PADDING = 16;
const SLOT_HEIGHT = 8;
/** Between columns that no arrow runs between. */
const NARROWEST_GUTTER = 18;

/**
 * Lays out the graph: a lane for each group, columns through all lanes so that arrows go from left to right, and slots
 * between the boxes where arrows pass columns, so that none is crossed by an arrow. Equal graphs give equal layouts.
 */
export function layOut(graph: MapGraph): Layout {
  const hasLanes = graph.of !== "namespaces";
  const nodes = nodesOf(graph);
  // Policies without pods: there is nobody to draw.
  if (nodes.length === 0) return { width: 0, height: 0, lanes: [], boxes: [], routes: [] };
  const places = new Map(nodes.map(({ box }, place) => [box.node.id, place]));
  const arrows = graph.arrows.map((arrow) => ({
    arrow,
    from: places.get(arrow.from)!,
    to: places.get(arrow.to)!,
  }));
  const ends = arrows.map(({ from, to }) => [from, to] as const);
  const columns = assignColumns(nodes.length, ends);
  const columnCount = Math.max(...columns.map((column) => column + 1), columnsFor(nodes.length));
  const laneOf = (node: number): number => (hasLanes ? nodes[node]!.group : 0);
  const order = orderLanes(
    hasLanes ? graph.groups.length : 1,
    ends.map(([from, to]) => [laneOf(from), laneOf(to)]),
  );
  const laneRanks: number[] = [];
  for (const [rank, lane] of order.entries()) laneRanks[lane] = rank;

  const items: Item[] = nodes.map(({ box }, node) => ({
    lane: laneRanks[laneOf(node)]!,
    column: columns[node]!,
    height: box.height,
    isSlot: false,
    neighbours: [],
    y: 0,
  }));
  const slots = new Map<string, Item>();
  const ways = arrows.map(({ from, to }) => {
    const way = [items[from]!, ...slotsBetween(from, items[from]!, items[to]!, slots), items[to]!];
    for (const [i, item] of way.entries()) {
      if (i > 0) item.neighbours.push(way[i - 1]!);
      if (i + 1 < way.length) item.neighbours.push(way[i + 1]!);
    }
    return way;
  });
  const lanes = stackItems([...items, ...slots.values()], order.length, columnCount, hasLanes);
  const spans = columnSpans(items, nodes, ways, columnCount);

  const boxes = nodes.map(({ box }, node): PlacedBox => {
    const { column, y } = items[node]!;
    const { left, right } = spans.columns[column]!;
    return { box, x: left, y, width: right - left };
  });
  const sources = [...new Set(arrows.map(({ from }) => from))].sort(
    (a, b) => items[a]!.column - items[b]!.column || items[a]!.y - items[b]!.y,
  );
  const routes = arrows.map(({ arrow, from, to }, i): Route => {
    const way = ways[i]!;
    const door = nodes[to]!.box.lines.find((line) => line.door === arrowText(arrow))!;
    const ys = way.map((item) => item.y + item.height / 2);
    ys[0] = items[from]!.y + TITLE_Y;
    ys[ys.length - 1] = items[to]!.y + door.y;
    return { arrow, path: routePath(way, ys, spans.columns), source: sources.indexOf(from) };
  });
  return {
    width: spans.width,
    height: lanes.at(-1)!.y + lanes.at(-1)!.height,
    lanes: hasLanes ? lanes.map((lane, rank) => ({ ...lane, group: graph.groups[order[rank]!]! })) : [],
    boxes,
    routes,
  };
}

function nodesOf(graph: MapGraph): { readonly box: Box; readonly group: number }[] {
  const incoming = new Map<string, GraphArrow[]>();
  for (const arrow of graph.arrows) {
    const known = incoming.get(arrow.to);
    if (known === undefined) incoming.set(arrow.to, [arrow]);
    else known.push(arrow);
  }
  return graph.groups.flatMap((group, place) =>
    group.nodes.map((node) => ({ box: boxOf(node, group, incoming.get(node.id) ?? []), group: place })),
  );
}

/** How many columns make a picture of so many boxes that is neither a tower nor a ribbon. */
function columnsFor(nodes: number): number {
  return Math.min(5, Math.max(1, Math.round(Math.sqrt(nodes * 0.6))));
}

/**
 * What an arrow passes between two boxes: a slot in each column that it crosses. Forwards these are the columns
 * between; backwards, it turns and crosses both of their columns as well. Arrows of one box share their slots.
 */
function slotsBetween(node: number, from: Item, to: Item, slots: Map<string, Item>): Item[] {
  const isForward = to.column > from.column;
  const count = isForward ? to.column - from.column - 1 : from.column - to.column + 1;
  return Array.from({ length: count }, (_, i) => {
    const column = isForward ? from.column + 1 + i : from.column - i;
    const key = `${node} ${isForward} ${column}`;
    let slot = slots.get(key);
    if (slot === undefined) {
      slot = { lane: from.lane, column, height: SLOT_HEIGHT, isSlot: true, neighbours: [], y: 0 };
      slots.set(key, slot);
    }
    return slot;
  });
}

/** From where to where each column is, with room between them for the arrows there. */
function columnSpans(
  items: readonly Item[],
  nodes: readonly { readonly box: Box }[],
  ways: readonly (readonly Item[])[],
  count: number,
): { readonly width: number; readonly columns: { readonly left: number; readonly right: number }[] } {
  const widths = Array.from({ length: count }, () => 60);
  for (const [node, { box }] of nodes.entries()) {
    const { column } = items[node]!;
    widths[column] = Math.max(widths[column]!, box.width);
  }
  // Gutter i is left of column i. What parts of different arrows share counts once.
  const crossings: Set<string>[] = Array.from({ length: count + 1 }, () => new Set());
  for (const way of ways) {
    for (let i = 1; i < way.length; i++) {
      const [before, after] = [way[i - 1]!, way[i]!];
      const isBack = way.length > 2 && way[1]!.column === way[0]!.column;
      // Backwards an arrow turns right of its first column, and left of its last one.
      const gutter = !isBack
        ? after.column
        : i === 1
          ? before.column + 1
          : i === way.length - 1
            ? after.column
            : before.column;
      crossings[gutter]!.add(`${before.y} ${after.y}`);
    }
  }
  const gutters = crossings.map(({ size }, i) => {
    if (size > 0) return 44 + Math.min(120, size * 4);
    return i === 0 || i === count ? 0 : NARROWEST_GUTTER;
  });
  let x = LANE_PADDING;
  const columns = widths.map((width, i) => {
    const left = x + gutters[i]!;
    x = left + width;
    return { left, right: x };
  });
  return { width: x + gutters[count]! + LANE_PADDING, columns };
}
