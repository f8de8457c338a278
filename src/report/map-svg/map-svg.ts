import { countOf } from "../count.ts";
import type { GraphNode, MapGraph } from "../map-graph/graph.ts";
import { arrowText, nodeLines } from "../map-graph/words.ts";
import { type BoxLine, DETAIL_Y, SMALL_SIZE, TEXT_X, TITLE_Y } from "./box.ts";
import { LANE_PADDING, layOut, type PlacedBox, type PlacedLane, type Route } from "./layout.ts";
import { legend } from "./legend.ts";
import { HUES, MAP_STYLE, STATE_CLASSES } from "./style.ts";
import { sansWidth } from "./text-width.ts";
import { xmlText } from "./xml.ts";

const MARGIN = 24;
const HEAD = 66;
const LEGEND_GAP = 26;
const NARROWEST = 640;

/** The graph as an SVG file of its own. */
export function mapSvg(graph: MapGraph): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svgElement(graph)}\n`;
}

/** The element `svg`. As part of a page it has no heading, and the page brings {@link MAP_STYLE}. */
export function svgElement(graph: MapGraph, { isPart = false }: { readonly isPart?: boolean } = {}): string {
  const layout = layOut(graph);
  const inner = Math.max(layout.width, NARROWEST);
  const below = legend(graph, inner);
  const head = isPart ? MARGIN : HEAD;
  const width = Math.ceil(inner + 2 * MARGIN);
  const height = Math.ceil(head + layout.height + LEGEND_GAP + below.height + MARGIN);
  const title = `Who can reach whom: ${countsOf(graph)}`;
  const heading = [
    `<style>${MAP_STYLE}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="head" x="${MARGIN}" y="34">Who can reach whom</text>`,
    `<text class="soft" x="${MARGIN}" y="51">${xmlText(countsOf(graph))}</text>`,
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="map" role="${isPart ? "group" : "img"}" aria-label="${xmlText(title)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${xmlText(title)}</title>`,
    ...(isPart ? [] : heading),
    `<g transform="translate(${MARGIN} ${head})">`,
    ...layout.lanes.map((lane) => laneElement(lane, inner)),
    ...layout.routes.map((route) => routeElement(route, graph)),
    // Above the arrows, which may run behind them.
    ...layout.lanes.map(laneTitle),
    ...layout.boxes.map(boxElement),
    "</g>",
    `<g transform="translate(${MARGIN} ${head + layout.height + LEGEND_GAP})">`,
    below.elements,
    "</g>",
    "</svg>",
  ].join("\n");
}

function countsOf({ of, groups, arrows }: MapGraph): string {
  const inside = groups.filter(({ nodes }) => nodes.some(({ state }) => state !== "outside"));
  const nodes = inside
    .flatMap((group) => group.nodes)
    .filter(({ state }) => state !== "all" && state !== "outside");
  const parts = [countOf(nodes.length, of.slice(0, -1))];
  if (of !== "namespaces") parts.push(`in ${countOf(inside.length, "namespace")}`);
  return `${parts.join(" ")}, ${countOf(arrows.length, "arrow")}`;
}

function laneElement({ y, height }: PlacedLane, width: number): string {
  return `<rect class="lane" x="0.5" y="${number(y + 0.5)}" width="${number(width - 1)}" height="${number(height - 1)}" rx="10"/>`;
}

function laneTitle({ group, y }: PlacedLane): string {
  return `<text class="lane-title" x="${LANE_PADDING}" y="${number(y + 20)}">${xmlText(group.title)}</text>`;
}

function routeElement({ arrow, path, source }: Route, graph: MapGraph): string {
  const title = (id: string): string =>
    graph.groups.flatMap(({ nodes }) => nodes).find((node) => node.id === id)!.title;
  return (
    `<g class="route hue-${source % HUES}" data-from="${xmlText(arrow.from)}" data-to="${xmlText(arrow.to)}">` +
    `<title>${xmlText(`${title(arrow.from)} to ${title(arrow.to)}: ${arrowText(arrow)}`)}</title>` +
    `<path class="hit" d="${path}"/><path class="arrow" d="${path}"/></g>`
  );
}

function boxElement(placed: PlacedBox): string {
  const { box, x, y, width } = placed;
  const { node } = box;
  return [
    `<g class="node ${STATE_CLASSES[node.state]}" data-id="${xmlText(node.id)}" transform="translate(${number(x)} ${number(y)})">`,
    `<title>${xmlText(fullText(node, placed))}</title>`,
    `<rect class="frame" x="0.5" y="0.5" width="${number(width - 1)}" height="${box.height - 1}" rx="7"/>`,
    `<path class="stripe" d="M7 0.5H4.5V${box.height - 0.5}H7A6.5 6.5 0 0 1 0.5 ${box.height - 7}V7A6.5 6.5 0 0 1 7 0.5Z"/>`,
    `<text class="title" x="${TEXT_X}" y="${TITLE_Y + 4}">${xmlText(box.title)}</text>`,
    badgeElement(placed),
    `<text class="soft" x="${TEXT_X}" y="${DETAIL_Y + 4}">${xmlText(box.detail)}</text>`,
    ...box.lines.map((line) => lineElement(line)),
    "</g>",
  ].join("");
}

function badgeElement({ box: { badge }, width }: PlacedBox): string {
  if (badge === undefined) return "";
  const badgeWidth = sansWidth(badge, SMALL_SIZE) + 10;
  const x = width - 8 - badgeWidth;
  return (
    `<rect class="badge" x="${number(x)}" y="${TITLE_Y - 8}" width="${number(badgeWidth)}" height="16" rx="8"/>` +
    `<text class="badge-text" text-anchor="middle" x="${number(x + badgeWidth / 2)}" y="${TITLE_Y + 4}">${xmlText(badge)}</text>`
  );
}

function lineElement({ kind, text, y }: BoxLine): string {
  const door = kind === "door" ? `<path class="door" d="M-1 ${y - 5}L8 ${y}L-1 ${y + 5}Z"/>` : "";
  return `${door}<text${kind === "door" ? "" : ' class="soft"'} x="${TEXT_X}" y="${y + 4}">${xmlText(text)}</text>`;
}

/** All that is known of a node, also what is too long for its box. */
function fullText(node: GraphNode, { box }: PlacedBox): string {
  const doors = box.lines.flatMap(({ door }) => (door === undefined ? [] : [`arrows: ${door}`]));
  return [`${node.title} (${node.detail})`, ...nodeLines(node, box.group), ...doors].join("; ");
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}
