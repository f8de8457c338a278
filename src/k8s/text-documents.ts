import type { InputFinding } from "./finding-codes.ts";
import { readAsJson } from "./json-documents.ts";
import { bytesText, stringText } from "./source-text.ts";
import {
  addProblem,
  newTextReader,
  type ObjectSink,
  type OnDocument,
  reportLostPolicy,
  type TextReader,
} from "./text-reader.ts";
import { readYaml } from "./yaml-documents.ts";

export type { ObjectSink, OnDocument, TextDocument } from "./text-reader.ts";

/**
 * Reads YAML (any number of documents) or JSON (one value, or several in a row) and hands on one document after the
 * other, so that none need be kept: as they are to a function, by objects to an {@link ObjectSink}. Empty ones are left
 * out. A byte order mark and any kind of line end are fine. Bytes must be UTF-8; they may be longer than a string
 * can be. Returns what is wrong with the text; the other documents are handed on still.
 */
export function readDocuments(
  file: string,
  text: string | Uint8Array,
  taker: ObjectSink | OnDocument,
): readonly InputFinding[] {
  const source = typeof text === "string" ? stringText(withoutMark(text)) : bytesText(text);
  const reader = newTextReader(file, source, taker);
  if (source.indexOf(0, 0) >= 0) {
    reportBinary(reader);
  } else if (!readAsJson(reader)) {
    readYaml(reader);
  }
  return reader.findings;
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function reportBinary(reader: TextReader): void {
  const at = reader.text.indexOf(0, 0);
  addProblem(
    reader,
    { start: at, end: at + 1 },
    {
      code: "not-text",
      offset: 0,
      message: "This is not a text file: it has a NUL byte in it.",
      help: "Give the manifest itself; unpack an archive first.",
    },
  );
  reportLostPolicy(reader, { start: 0, end: reader.text.length });
}
