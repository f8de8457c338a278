import { EVENT_ID, type Event, parseEvents } from "js-yaml";
import { isMapping } from "./check.ts";
import { typedItem, typeOfItems } from "./list.ts";
import { NOT_PLAIN, readPlainYaml } from "./plain-yaml.ts";
import { UNREADABLE } from "./text-problem.ts";
import {
  addProblem,
  fitsString,
  hidesObjects,
  ITEM_PART,
  PLAIN_PART,
  partOrigin,
  reportLostPolicy,
  type TextReader,
} from "./text-reader.ts";
import { splitYaml, type YamlChunk } from "./yaml-chunks.ts";
import { explainYamlError } from "./yaml-error.ts";
import { outlineYamlList } from "./yaml-list.ts";
import { YAML_PARSER_OPTIONS } from "./yaml-options.ts";
import { type YamlDocumentValue, yamlValues } from "./yaml-value.ts";

/**
 * Reads the text as a stream of YAML documents. The items of a large list of objects are handed on one by one, so that
 * the whole of them is never in memory.
 */
export function readYaml(reader: TextReader): void {
  for (const chunk of splitYaml(reader.text)) {
    if (!readList(reader, chunk) && fitsString(reader, chunk)) readChunk(reader, chunk);
    reader.sink.progress?.(chunk.end);
  }
}

/** From so many units on, a list is read item by item. */
const LARGE = 2 ** 16;

/** Returns false if the chunk is no large list, or one that has to be read as a whole: then nothing has been done. */
function readList(reader: TextReader, chunk: YamlChunk): boolean {
  const { text, sink } = reader;
  if (reader.whole || chunk.end - chunk.start < LARGE) return false;
  const outline = outlineYamlList(text, chunk);
  if (outline === undefined) return false;
  const { items, itemsStart, itemsEnd } = outline;
  const head = readFaultless(text.join([chunk.start, itemsStart, itemsEnd, chunk.end]));
  if (!isMapping(head) || head.items !== null) return false;
  const type = typeOfItems(head);
  if (type === undefined) return false;
  const forget = sink.mark();
  for (const item of items) {
    const list = readFaultless(text.slice(item.start, item.end));
    // Faults are reported of the whole, as are anchors from one item to another.
    if (!Array.isArray(list) || list.length !== 1) {
      forget();
      return false;
    }
    sink.document({ value: typedItem(list[0], type), origin: partOrigin(reader, item, ITEM_PART) });
    sink.progress?.(item.end);
  }
  return true;
}

/** The value of a text that is one document without anchors and without a fault; undefined for any other. */
function readFaultless(text: string): unknown {
  const plain = readPlainYaml(text);
  if (plain !== NOT_PLAIN) return plain;
  let events: Event[];
  try {
    events = parseEvents(text, YAML_PARSER_OPTIONS);
  } catch {
    // The same text is read as a part of a larger one, and the fault reported there.
    return undefined;
  }
  if (
    events.some(
      (event) => event.type === EVENT_ID.ALIAS || ("anchorStart" in event && event.anchorStart >= 0),
    )
  ) {
    return undefined;
  }
  const [document, ...others] = yamlValues(text, events);
  return document === undefined || others.length > 0 || document.problems.length > 0
    ? undefined
    : document.value;
}

function readChunk(reader: TextReader, chunk: YamlChunk): void {
  const text = reader.text.slice(chunk.start, chunk.end);
  const plain = readPlainYaml(text);
  if (plain !== NOT_PLAIN) {
    reader.sink.document({ value: plain, origin: partOrigin(reader, chunk, PLAIN_PART) });
    return;
  }
  let documents: readonly YamlDocumentValue[];
  try {
    documents = yamlValues(text, parseEvents(text, YAML_PARSER_OPTIONS));
  } catch (error) {
    addProblem(reader, chunk, explainYamlError(text, error));
    reportLostPolicy(reader, chunk);
    return;
  }
  for (const [index, { value, problems }] of documents.entries()) {
    for (const problem of problems) addProblem(reader, chunk, problem);
    if (problems.length > 0 && hidesObjects(value)) reportLostPolicy(reader, chunk);
    if (value !== null && value !== UNREADABLE) {
      reader.sink.document({ value, origin: partOrigin(reader, chunk, index) });
    }
  }
}
