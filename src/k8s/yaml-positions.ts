import {
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
} from "js-yaml";
import {
  closeNode,
  MERGE,
  newPositionTree,
  openNode,
  type PositionTree,
  type PositionTreeBuilder,
} from "./position-tree.ts";
import { YAML_PARSER_OPTIONS } from "./yaml-options.ts";
import { keyText, resolvePlainScalar } from "./yaml-scalar.ts";

interface Walk {
  readonly text: string;
  readonly events: readonly Event[];
  readonly tree: PositionTreeBuilder;
  readonly anchors: Map<string, number>;
  index: number;
  /** The end of what was read so far. */
  cursor: number;
}

/** Where everything is in the document number `document` of a text that is known to be YAML. */
export function yamlPositions(text: string, document: number): PositionTree {
  const events = parseEvents(text, YAML_PARSER_OPTIONS);
  let index = 0;
  for (let seen = -1; index < events.length; index++) {
    if (events[index]!.type === EVENT_ID.DOCUMENT && ++seen === document) break;
  }
  const tree = newPositionTree();
  const walk: Walk = { text, events, tree, anchors: new Map(), index: index + 1, cursor: 0 };
  if (walk.index < events.length) walkNode(walk, undefined, undefined);
  return tree;
}

function walkNode(walk: Walk, key: string | typeof MERGE | undefined, keyOffset: number | undefined): void {
  const event = walk.events[walk.index++]!;
  const { tree } = walk;
  const offset = startOf(event) ?? keyOffset ?? walk.cursor;
  const isList = event.type === EVENT_ID.SEQUENCE;
  const node = openNode(tree, key, keyOffset ?? offset, offset, isList);
  walk.cursor = Math.max(walk.cursor, endOf(event) ?? offset);
  if (event.type === EVENT_ID.ALIAS) {
    const name = walk.text.slice(event.anchorStart, event.anchorEnd);
    tree.targets[node] = walk.anchors.get(name) ?? -1;
    return;
  }
  if ("anchorStart" in event && event.anchorStart >= 0) {
    walk.anchors.set(walk.text.slice(event.anchorStart, event.anchorEnd), node);
  }
  if (event.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.PLAIN) {
    tree.textEnds[node] = event.valueEnd;
  }
  if (event.type === EVENT_ID.SEQUENCE) walkItems(walk, event);
  else if (event.type === EVENT_ID.MAPPING) walkFields(walk);
  closeNode(tree, node);
}

function walkItems(walk: Walk, list: SequenceEvent): void {
  const isBlock = walk.text.charCodeAt(list.start) === 45;
  // The dash is where the list begins, and from then on the next one after the end of the item before.
  if (isBlock) walk.cursor = list.start;
  while (walk.events[walk.index]!.type !== EVENT_ID.POP) {
    const dash = isBlock ? nextDash(walk.text, walk.cursor) : undefined;
    if (dash !== undefined) walk.cursor = dash + 1;
    walkNode(walk, undefined, dash);
  }
  walk.index++;
}

function nextDash(text: string, from: number): number {
  const dash = /[-#]/g;
  dash.lastIndex = from;
  for (let match = dash.exec(text); match !== null; match = dash.exec(text)) {
    if (match[0] === "-") return match.index;
    // A comment may hold dashes.
    const end = text.indexOf("\n", match.index);
    if (end < 0) break;
    dash.lastIndex = end;
  }
  return from;
}

function walkFields(walk: Walk): void {
  while (walk.events[walk.index]!.type !== EVENT_ID.POP) {
    const event = walk.events[walk.index]!;
    const offset = startOf(event) ?? walk.cursor;
    if (event.type === EVENT_ID.SCALAR) {
      walk.index++;
      walk.cursor = Math.max(walk.cursor, endOf(event) ?? offset);
      if (event.anchorStart >= 0) walk.anchors.delete(walk.text.slice(event.anchorStart, event.anchorEnd));
      walkNode(walk, keyOf(walk.text, event), offset);
    } else {
      // A key that is no text: such documents have a problem, and no path leads here.
      const scratch: Walk = { ...walk, tree: newPositionTree() };
      walkNode(scratch, undefined, undefined);
      walk.index = scratch.index;
      walk.cursor = scratch.cursor;
      walkNode(walk, undefined, offset);
    }
  }
  walk.index++;
}

function keyOf(text: string, event: ScalarEvent): string | typeof MERGE | undefined {
  const value = getScalarValue(text, event);
  if (value === "<<" && event.style === SCALAR_STYLE.PLAIN) return MERGE;
  const isPlain = event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0;
  return isPlain ? keyText(resolvePlainScalar(value)) : value;
}

function startOf(event: Event): number | undefined {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      if (event.valueStart < 0) return undefined;
      return isQuoted(event) ? event.valueStart - 1 : event.valueStart;
    case EVENT_ID.ALIAS:
      return event.anchorStart - 1;
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start;
    default:
      return undefined;
  }
}

function endOf(event: Event): number | undefined {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      if (event.valueStart < 0) return undefined;
      return isQuoted(event) ? event.valueEnd + 1 : event.valueEnd;
    case EVENT_ID.ALIAS:
      return event.anchorEnd;
    default:
      return undefined;
  }
}

function isQuoted(event: ScalarEvent): boolean {
  return event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
}
