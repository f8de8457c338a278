import {
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
} from "js-yaml";
import { setField, type TextProblem, templateHelp, UNREADABLE } from "./text-problem.ts";
import { keyText, resolvePlainScalar, type ScalarValue } from "./yaml-scalar.ts";
import { resolveTaggedScalar } from "./yaml-tag.ts";

/** The value of one document, with {@link UNREADABLE} where a problem made a part of it useless. */
export interface YamlDocumentValue {
  readonly value: unknown;
  readonly problems: readonly TextProblem[];
}

/** How many values all aliases of a document together may stand for. A real manifest has a few hundred. */
export const MAX_ALIASED_VALUES = 1_000_000;

interface Anchor {
  readonly value: unknown;
  /** How many values it holds, itself and its own aliases included; 0 while it is still being read. */
  readonly size: number;
}

interface Reader {
  readonly text: string;
  readonly events: readonly Event[];
  index: number;
  /** Values read so far, those behind aliases counted each time. */
  size: number;
  aliased: number;
  anchors: Map<string, Anchor> | undefined;
  problems: TextProblem[];
}

/** Turns js-yaml's events into values by kubectl's rules. `text` is what the events were read from. */
export function yamlValues(text: string, events: readonly Event[]): YamlDocumentValue[] {
  const reader: Reader = { text, events, index: 0, size: 0, aliased: 0, anchors: undefined, problems: [] };
  const documents: YamlDocumentValue[] = [];
  while (reader.index < events.length) {
    reader.index++; // the document's own event
    reader.anchors = undefined;
    reader.problems = [];
    reader.aliased = 0;
    const value = readNode(reader);
    reader.index++; // its end
    documents.push({ value, problems: reader.problems });
  }
  return documents;
}

function readNode(reader: Reader): unknown {
  const event = reader.events[reader.index++]!;
  reader.size++;
  switch (event.type) {
    case EVENT_ID.SCALAR: {
      const value = readScalar(reader, event);
      if (event.anchorStart >= 0) setAnchor(reader, event, { value, size: 1 });
      return value;
    }
    case EVENT_ID.SEQUENCE:
      return event.anchorStart < 0 ? readSequence(reader) : readAnchored(reader, event, readSequence);
    case EVENT_ID.MAPPING:
      return event.anchorStart < 0 ? readMapping(reader) : readAnchored(reader, event, readMapping);
    case EVENT_ID.ALIAS:
      return readAlias(reader, event.anchorStart, event.anchorEnd);
    default:
      throw new Error(`unexpected YAML event ${event.type} where a value begins`);
  }
}

function readScalar(reader: Reader, event: ScalarEvent): ScalarValue | typeof UNREADABLE {
  const text =
    event.fast && event.valueStart >= 0
      ? reader.text.slice(event.valueStart, event.valueEnd)
      : getScalarValue(reader.text, event);
  if (event.tagStart >= 0) {
    const tag = reader.text.slice(event.tagStart, event.tagEnd);
    const value = resolveTaggedScalar(tag, text);
    if (value !== undefined) return value;
    reader.problems.push({
      code: "yaml-syntax",
      offset: event.tagStart,
      message: `${JSON.stringify(text)} cannot be read as ${tag}.`,
      help: `Remove ${tag}, or write a value that it fits.`,
    });
    return UNREADABLE;
  }
  return event.style === SCALAR_STYLE.PLAIN ? resolvePlainScalar(text) : text;
}

function readSequence(reader: Reader): unknown[] {
  const items: unknown[] = [];
  while (reader.events[reader.index]!.type !== EVENT_ID.POP) items.push(readNode(reader));
  reader.index++;
  return items;
}

function readMapping(reader: Reader): unknown {
  const object: Record<string, unknown> = {};
  const { events } = reader;
  let merged: Set<string> | undefined;
  let usable = true;
  for (let event = events[reader.index]!; event.type !== EVENT_ID.POP; event = events[reader.index]!) {
    if (event.type === EVENT_ID.SCALAR && isMergeKey(reader, event)) {
      reader.index++;
      merged ??= new Set();
      usable = mergeInto(reader, object, merged) && usable;
      continue;
    }
    const key = readKey(reader, event);
    const value = readNode(reader);
    if (key === undefined) {
      usable = false;
    } else if (object[key] !== undefined && Object.hasOwn(object, key) && merged?.delete(key) !== true) {
      reader.problems.push({
        code: "duplicate-key",
        offset: eventOffset(event),
        message: `${key} is written twice in the same mapping.`,
        help:
          key === "kind" || key === "apiVersion"
            ? "If a new object begins here, put a line with --- before it. Otherwise keep one of the two."
            : "Keep one of the two: Kubernetes refuses both, and other tools pick either.",
      });
      setField(object, key, UNREADABLE);
    } else {
      setField(object, key, value);
    }
  }
  reader.index++;
  return usable ? object : UNREADABLE;
}

function readKey(reader: Reader, event: Event): string | undefined {
  const offset = eventOffset(event);
  const key = readNode(reader);
  if (key === UNREADABLE) return undefined;
  const text = typeof key === "object" && key !== null ? undefined : keyText(key as ScalarValue);
  if (text === undefined) {
    reader.problems.push({
      code: "yaml-syntax",
      offset,
      message: key === null ? "A key is empty." : "A key is a mapping or a list; only text can be a key.",
      help: templateHelp(reader.text) ?? "Write a name before the colon.",
    });
  }
  return text;
}

function isMergeKey(reader: Reader, event: ScalarEvent): boolean {
  const { valueStart, valueEnd, tagStart, tagEnd } = event;
  if (valueEnd - valueStart !== 2 || reader.text.charCodeAt(valueStart) !== 60) return false;
  if (reader.text.charCodeAt(valueStart + 1) !== 60) return false;
  if (tagStart >= 0) return reader.text.slice(tagStart, tagEnd) === "!!merge";
  return event.style === SCALAR_STYLE.PLAIN;
}

/** Reads the value of a merge key into the mapping. Returns false if it was no mapping, nor a list of them. */
function mergeInto(reader: Reader, object: Record<string, unknown>, merged: Set<string>): boolean {
  const offset = eventOffset(reader.events[reader.index]!);
  const value = readNode(reader);
  if (value === UNREADABLE) return false;
  const sources = Array.isArray(value) ? value : [value];
  let usable = true;
  for (const source of sources) {
    if (source === UNREADABLE) {
      usable = false;
      continue;
    }
    if (typeof source !== "object" || source === null || Array.isArray(source)) {
      reader.problems.push({
        code: "yaml-syntax",
        offset,
        message: "<< merges something that is not a mapping.",
        help: "Give it an alias of a mapping (<<: *name), or a list of such aliases.",
      });
      return false;
    }
    mergeFields(reader, object, merged, source as Record<string, unknown>, offset);
  }
  return usable;
}

function mergeFields(
  reader: Reader,
  object: Record<string, unknown>,
  merged: Set<string>,
  source: Record<string, unknown>,
  offset: number,
): void {
  for (const [key, value] of Object.entries(source)) {
    if (!Object.hasOwn(object, key)) {
      setField(object, key, value);
      merged.add(key);
    } else if (!merged.has(key)) {
      // go-yaml v2 lets the merge win here, YAML's own rule the written key: nobody can know what was meant.
      reader.problems.push({
        code: "duplicate-key",
        offset,
        message: `${key} is written before <<, which brings it too; kubectl and other tools take different ones.`,
        help: "Put the << line first in the mapping: what is written after it then wins everywhere.",
      });
      setField(object, key, UNREADABLE);
    }
  }
}

function readAnchored<T>(
  reader: Reader,
  event: SequenceEvent | MappingEvent,
  read: (reader: Reader) => T,
): T {
  setAnchor(reader, event, { value: undefined, size: 0 });
  const before = reader.size;
  const value = read(reader);
  setAnchor(reader, event, { value, size: reader.size - before + 1 });
  return value;
}

function setAnchor(reader: Reader, event: ScalarEvent | SequenceEvent | MappingEvent, anchor: Anchor): void {
  reader.anchors ??= new Map();
  reader.anchors.set(reader.text.slice(event.anchorStart, event.anchorEnd), anchor);
}

function readAlias(reader: Reader, start: number, end: number): unknown {
  const name = reader.text.slice(start, end);
  const anchor = reader.anchors?.get(name);
  const offset = start - 1;
  if (anchor === undefined) {
    reader.problems.push({
      code: "yaml-syntax",
      offset,
      message: `*${name} refers to an anchor that is not defined before it in this document.`,
      help: `Write &${name} before the value it stands for, or put the text in quotes if no alias is meant.`,
    });
    return UNREADABLE;
  }
  if (anchor.size === 0) {
    reader.problems.push({
      code: "yaml-aliases",
      offset,
      message: `*${name} stands inside the value that &${name} names, so it would contain itself.`,
      help: "Write the inner value out.",
    });
    return UNREADABLE;
  }
  const before = reader.aliased;
  reader.size += anchor.size - 1;
  reader.aliased += anchor.size;
  if (reader.aliased <= MAX_ALIASED_VALUES) return anchor.value;
  if (before <= MAX_ALIASED_VALUES) {
    reader.problems.push({
      code: "yaml-aliases",
      offset,
      message: `The aliases of this document expand to more than ${MAX_ALIASED_VALUES} values.`,
      help: "Write the values out, or split the document.",
    });
  }
  return UNREADABLE;
}

/** Where a node begins in the text; 0 for an empty scalar. */
function eventOffset(event: Event): number {
  return Math.max(0, contentOffset(event));
}

function contentOffset(event: Event): number {
  if (event.type === EVENT_ID.SCALAR) {
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    return quoted ? event.valueStart - 1 : event.valueStart;
  }
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  return "start" in event ? event.start : -1;
}
