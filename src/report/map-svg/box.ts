import { ALL_PORTS } from "../../net/port-set.ts";
import type { GraphArrow, GraphGroup, GraphNode } from "../map-graph/graph.ts";
import { arrowText, plainLine, statementText } from "../map-graph/words.ts";
import { compareCodePoints } from "../order.ts";
import { cutToWidth, monoWidth, sansWidth } from "./text-width.ts";

/** A node with its texts laid out; what is measured in pixels begins at its upper left corner. */
export interface Box {
  readonly node: GraphNode;
  readonly group: GraphGroup;
  readonly title: string;
  readonly detail: string;
  /** The word at the upper right, such as `open`. */
  readonly badge: string | undefined;
  readonly lines: readonly BoxLine[];
  /** The least width that shows all texts. */
  readonly width: number;
  readonly height: number;
}

export interface BoxLine {
  readonly kind: "door" | "in" | "out" | "line";
  readonly text: string;
  /** Of the middle of the line. */
  readonly y: number;
  /** For a door, what may pass there: the text of the arrows that end there. */
  readonly door?: string;
}

export const TITLE_SIZE = 13;
export const SMALL_SIZE = 11;
/** Where the title, and the arrows that begin here, are. */
export const TITLE_Y = 17;
export const DETAIL_Y = 33;
export const TEXT_X = 14;

const FIRST_LINE_Y = 50;
const LINE_HEIGHT = 16;
const PADDING = 12;
const NARROWEST = 150;
const WIDEST = 300;

/** The box of a node at which these arrows end. Arrows with the same ports share a door. */
export function boxOf(node: GraphNode, group: GraphGroup, incoming: readonly GraphArrow[]): Box {
  const doors = [...new Set(incoming.map(arrowText))].sort(compareCodePoints);
  const texts: Omit<BoxLine, "y">[] = [
    ...doors.map((door) => ({ kind: "door" as const, text: door, door })),
    ...node.statements
      // What "open" means is in the legend.
      .filter(
        (each) =>
          !(
            node.state === "open" &&
            each.set === "everyone" &&
            each.direction === "in" &&
            each.ports === ALL_PORTS
          ),
      )
      .map((statement) => ({ kind: statement.direction, text: statementText(statement, group) })),
    ...node.lines.map((text) => ({ kind: "line" as const, text })),
  ];
  const badge = badgeOf(node);
  const badgeWidth = badge === undefined ? 0 : sansWidth(badge, SMALL_SIZE) + 20;
  const room = WIDEST - TEXT_X - PADDING;
  const title = cutToWidth(plainLine(node.title), room - badgeWidth, titleWidth);
  const detail = cutToWidth(plainLine(detailOf(node)), room, smallWidth);
  const lines = texts.map((line, i): BoxLine => {
    return {
      ...line,
      text: cutToWidth(plainLine(line.text), room, smallWidth),
      y: FIRST_LINE_Y + i * LINE_HEIGHT,
    };
  });
  const widest = Math.max(
    titleWidth(title) + badgeWidth,
    smallWidth(detail),
    ...lines.map(({ text }) => smallWidth(text)),
  );
  return {
    node,
    group,
    title,
    detail,
    badge,
    lines,
    width: Math.ceil(Math.max(NARROWEST, widest + TEXT_X + PADDING)),
    height: lines.length === 0 ? 44 : FIRST_LINE_Y + (lines.length - 1) * LINE_HEIGHT + 13,
  };
}

const titleWidth = (text: string): number => monoWidth(text, TITLE_SIZE) * 1.02;
const smallWidth = (text: string): number => sansWidth(text, SMALL_SIZE);

function badgeOf({ state }: GraphNode): string | undefined {
  return state === "outside" || state === "all" || state === "namespace" ? undefined : state;
}

function detailOf({ detail, sends }: GraphNode): string {
  return sends === undefined ? detail : `${detail}, egress ${sends}`;
}
