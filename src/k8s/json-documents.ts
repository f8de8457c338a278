import { parseEvents } from "js-yaml";
import { holdsPolicy } from "./holds-policy.ts";
import { type JsonOutline, type JsonSpan, outlineJson } from "./json-outline.ts";
import { findJsonFault, type JsonFault, skipJsonSpace } from "./json-scan.ts";
import { parseSuspectJson } from "./json-value.ts";
import { type ItemType, typedItem, typeOfItems } from "./list.ts";
import { TOO_DEEP } from "./nesting.ts";
import { templateHelp, UNREADABLE } from "./text-problem.ts";
import {
  addProblem,
  fitsString,
  hidesObjects,
  JSON_PART,
  partOrigin,
  reportLostPolicy,
  type TextPart,
  type TextReader,
  withText,
} from "./text-reader.ts";
import { YAML_PARSER_OPTIONS } from "./yaml-options.ts";

/**
 * Reads the text as JSON if that is what it is meant to be: one value, or several in a row. The items of a list of
 * objects are handed on one by one, as documents of their own, so that the whole of them is never in memory. Returns
 * false if the text is to be read as YAML.
 */
export function readAsJson(reader: TextReader): boolean {
  const { text } = reader;
  const first = firstOfJson(reader);
  if (first !== 123 && first !== 91) return false;
  const outline = outlineJson(text.units());
  // `JSON.parse` names no place of a fault either, and it may still be YAML.
  if (outline === undefined) return readFaultyJson(reader);
  readValues(reader, outline);
  return true;
}

function firstOfJson({ text }: TextReader): number {
  for (let at = 0; at < text.length; at++) {
    const unit = text.at(at);
    if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) return unit;
  }
  return -1;
}

function readValues(reader: TextReader, outline: readonly JsonOutline[]): void {
  for (const value of outline) {
    if (!readItems(reader, value)) readValue(reader, value);
    reader.sink.progress?.(value.end);
  }
}

/** Reads a list of objects item by item. Returns false if the value is none, or has to be read as a whole. */
function readItems(
  reader: TextReader,
  { start, end, suspect, items, itemsStart, itemsEnd }: JsonOutline,
): boolean {
  if (items === undefined || suspect || reader.whole) return false;
  const type = typeOfItems(JSON.parse(reader.text.join([start, itemsStart, itemsEnd, end])));
  if (type === undefined) return false;
  let hidden = false;
  for (const item of items) {
    const value = parseSpan(reader, item, type);
    if (item.suspect && hidesObjects(value)) hidden = true;
    if (value !== UNREADABLE) {
      reader.sink.document({ value: typedItem(value, type), origin: partOrigin(reader, item, JSON_PART) });
    }
    reader.sink.progress?.(item.end);
  }
  if (hidden) reportLostPolicy(reader, { start, end });
  return true;
}

function readValue(reader: TextReader, outline: JsonOutline): void {
  if (!fitsString(reader, outline)) return;
  const value = parseSpan(reader, outline);
  if (outline.suspect && hidesObjects(value)) reportLostPolicy(reader, outline);
  if (value === null || value === UNREADABLE) return;
  reader.sink.document({ value, origin: partOrigin(reader, outline, JSON_PART) });
}

/** The value, of an object without what nobody reads (of a policy, with all of it); with {@link UNREADABLE} for keys that are there twice, which are reported. */
function parseSpan(reader: TextReader, span: JsonSpan, type?: ItemType): unknown {
  if (!span.suspect) {
    const unread = reader.whole ? [] : span.unread;
    const value: unknown = JSON.parse(reader.text.join([span.start, ...unread, span.end]));
    // Of a policy the annotations are read. That it is one may be written after them, so it is parsed again.
    return unread.length > 0 && holdsPolicy(type === undefined ? value : typedItem(value, type))
      ? JSON.parse(reader.text.slice(span.start, span.end))
      : value;
  }
  const { value, problems } = parseSuspectJson(reader.text.slice(span.start, span.end));
  for (const problem of problems) addProblem(reader, span, problem);
  return value;
}

/** Reads the values before a fault and reports that. Returns false if the text may be meant as YAML. */
function readFaultyJson(outer: TextReader): boolean {
  const whole = { start: 0, end: outer.text.length };
  if (!fitsString(outer, whole)) return true;
  const text = outer.text.slice(whole.start, whole.end);
  const reader = withText(outer, text);
  const parts: TextPart[] = [];
  for (let at = skipJsonSpace(text, 0); at < text.length; ) {
    const found = findJsonFault(text, at);
    if ("message" in found) {
      if (!isMeantAsJson(reader.file, text, found)) return false;
      for (const part of parts) readPart(reader, part);
      reportJsonFault(reader, text, at, found);
      return true;
    }
    parts.push(found);
    at = skipJsonSpace(text, found.end);
  }
  for (const part of parts) readPart(reader, part);
  return true;
}

function readPart(reader: TextReader, { start, end }: TextPart): void {
  readValue(reader, {
    start,
    end,
    suspect: true,
    unread: [],
    items: undefined,
    itemsStart: -1,
    itemsEnd: -1,
  });
}

function reportJsonFault(reader: TextReader, text: string, from: number, fault: JsonFault): void {
  const help = templateHelp(text) ?? fault.help;
  const whole = { start: 0, end: text.length };
  addProblem(reader, whole, { ...fault, ...(help === undefined ? {} : { help }), code: "json-syntax" });
  reportLostPolicy(reader, { start: from, end: text.length });
}

/** Above this, in UTF-16 code units, what begins like JSON is taken for JSON: to ask the YAML parser takes too long. */
const MAX_TRIED_AS_YAML = 2 ** 24;

/** YAML may begin with a brace too, and what is no JSON may still be YAML: `{kind: Pod}`. */
function isMeantAsJson(file: string, text: string, fault: JsonFault): boolean {
  if (file.endsWith(".json") || (fault.message === TOO_DEEP && isJson(text))) return true;
  if (!/^\s*(?:\[\s*\{?|\{)\s*["}]/.test(text)) return false;
  if (text.length > MAX_TRIED_AS_YAML) return true;
  try {
    parseEvents(text, YAML_PARSER_OPTIONS);
    return false;
  } catch {
    // The text is broken either way: the reason is given in JSON's terms, which its writer had in mind.
    return true;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
