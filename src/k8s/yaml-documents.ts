import { parseEvents } from "js-yaml";
import { UNREADABLE } from "./text-problem.ts";
import {
  addProblem,
  fitsString,
  hidesObjects,
  partOrigin,
  reportLostPolicy,
  type TextReader,
} from "./text-reader.ts";
import { splitYaml, type YamlChunk } from "./yaml-chunks.ts";
import { explainYamlError } from "./yaml-error.ts";
import { YAML_PARSER_OPTIONS } from "./yaml-options.ts";
import { yamlValues } from "./yaml-value.ts";

/** Reads the text as a stream of YAML documents. */
export function readYaml(reader: TextReader): void {
  for (const chunk of splitYaml(reader.text)) {
    if (fitsString(reader, chunk)) readChunk(reader, chunk);
    reader.onProgress(chunk.end);
  }
}

function readChunk(reader: TextReader, chunk: YamlChunk): void {
  const text = reader.text.slice(chunk.start, chunk.end);
  let documents: ReturnType<typeof yamlValues>;
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
      reader.onDocument({ value, origin: partOrigin(reader, chunk, index) });
    }
  }
}
