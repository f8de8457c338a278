import { parseEvents } from "js-yaml";
import type { InputFinding } from "./finding-codes.ts";
import { type JsonFault, scanJson, skipJsonSpace } from "./json-scan.ts";
import { checkDuplicateKeys } from "./json-value.ts";
import { lineColumnAt, lineStarts } from "./line-index.ts";
import type { Origin, Position } from "./location.ts";
import { offsetOf, type PositionTree, textSpanOf } from "./position-tree.ts";
import { type TextProblem, templateHelp, UNREADABLE } from "./text-problem.ts";
import { splitYaml, type YamlChunk } from "./yaml-chunks.ts";
import { explainYamlError } from "./yaml-error.ts";
import { YAML_PARSER_OPTIONS } from "./yaml-options.ts";
import { yamlPositions } from "./yaml-positions.ts";
import { yamlValues } from "./yaml-value.ts";

/** One document of a text: its value, with `UNREADABLE` for what cannot be used, and where it came from. */
export interface TextDocument {
  readonly value: unknown;
  readonly origin: Origin;
}

/** Takes the documents of a text. */
export type OnDocument = (document: TextDocument) => void;

interface Source {
  readonly file: string;
  readonly text: string;
  readonly findings: InputFinding[];
  lines: readonly number[] | undefined;
  /** The positions that were asked for last: findings come document by document. */
  latest: { readonly base: number; readonly index: number; readonly tree: PositionTree } | undefined;
}

/**
 * Reads YAML (any number of documents) or JSON (one value, or several in a row) and hands on one document after the
 * other, so that none need be kept. Empty documents are left out. A byte order mark and any kind of line end are
 * fine. Returns what is wrong with the text; the other documents are handed on still.
 */
export function readDocuments(file: string, text: string, onDocument: OnDocument): readonly InputFinding[] {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const source: Source = { file, text: body, findings: [], lines: undefined, latest: undefined };
  const nul = body.indexOf("\0");
  if (nul >= 0) {
    addProblem(source, 0, {
      code: "not-text",
      offset: nul,
      message: "This is not a text file: it has a NUL byte in it.",
      help: "Give the manifest itself; unpack an archive first.",
    });
    reportLostPolicy(source, { start: 0, end: body.length });
  } else if (!readAsJson(source, onDocument)) {
    for (const chunk of splitYaml(body)) readChunk(source, chunk, onDocument);
  }
  return source.findings;
}

function readChunk(source: Source, chunk: YamlChunk, onDocument: OnDocument): void {
  const isWhole = chunk.start === 0 && chunk.end === source.text.length;
  const text = isWhole ? source.text : source.text.slice(chunk.start, chunk.end);
  let documents: ReturnType<typeof yamlValues>;
  try {
    documents = yamlValues(text, parseEvents(text, YAML_PARSER_OPTIONS));
  } catch (error) {
    addProblem(source, chunk.start, explainYamlError(text, error));
    reportLostPolicy(source, chunk);
    return;
  }
  for (const [index, { value, problems }] of documents.entries()) {
    for (const problem of problems) addProblem(source, chunk.start, problem);
    if (problems.length > 0 && hidesObjects(value)) reportLostPolicy(source, chunk);
    if (value !== null && value !== UNREADABLE) {
      const tree = (): PositionTree => yamlPositions(text, index);
      onDocument({ value, origin: originAt(source, chunk.start, index, tree) });
    }
  }
}

/** Reads the text as JSON if that is what it is meant to be. Returns false if it is to be read as YAML. */
function readAsJson(source: Source, onDocument: OnDocument): boolean {
  const { text } = source;
  const first = text.charAt(skipJsonSpace(text, 0));
  if (first !== "{" && first !== "[") return false;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // `JSON.parse` names no place, and several values in a row are fine with kubectl.
    return readJsonValues(source, onDocument);
  }
  addJson(source, 0, text, value, onDocument);
  return true;
}

function readJsonValues(source: Source, onDocument: OnDocument): boolean {
  const { text } = source;
  const spans: { start: number; end: number }[] = [];
  for (let at = skipJsonSpace(text, 0); at < text.length; ) {
    const scan = scanJson(text, at);
    if ("message" in scan) {
      if (!isMeantAsJson(source)) return false;
      addSpans(source, spans, onDocument);
      reportJsonFault(source, at, scan);
      return true;
    }
    spans.push({ start: scan.start, end: scan.end });
    at = skipJsonSpace(text, scan.end);
  }
  addSpans(source, spans, onDocument);
  return true;
}

function addSpans(
  source: Source,
  spans: readonly { start: number; end: number }[],
  onDocument: OnDocument,
): void {
  for (const { start, end } of spans) {
    const part = source.text.slice(start, end);
    addJson(source, start, part, JSON.parse(part), onDocument);
  }
}

function reportJsonFault(source: Source, from: number, fault: JsonFault): void {
  const help = templateHelp(source.text) ?? fault.help;
  addProblem(source, 0, { ...fault, ...(help === undefined ? {} : { help }), code: "json-syntax" });
  reportLostPolicy(source, { start: from, end: source.text.length });
}

/** YAML may begin with a brace too, and what is no JSON may still be YAML: `{kind: Pod}`. */
function isMeantAsJson(source: Source): boolean {
  const { text, file } = source;
  if (file.endsWith(".json")) return true;
  if (!/^\s*(?:\[\s*\{?|\{)\s*["}]/.test(text)) return false;
  try {
    parseEvents(text, YAML_PARSER_OPTIONS);
    return false;
  } catch {
    // The text is broken either way: the reason is given in JSON's terms, which its writer had in mind.
    return true;
  }
}

function addJson(source: Source, base: number, text: string, parsed: unknown, onDocument: OnDocument): void {
  const { value, problems } = checkDuplicateKeys(text, parsed);
  for (const problem of problems) addProblem(source, base, problem);
  if (problems.length > 0 && hidesObjects(value)) {
    reportLostPolicy(source, { start: base, end: base + text.length });
  }
  if (value === null || value === UNREADABLE) return;
  const tree = (): PositionTree => {
    const scan = scanJson(text, 0);
    if ("message" in scan) throw new Error(`JSON that was parsed cannot be scanned: ${scan.message}`);
    return scan.tree;
  };
  onDocument({ value, origin: originAt(source, base, -1, tree) });
}

function originAt(source: Source, base: number, index: number, readTree: () => PositionTree): Origin {
  const tree = (): PositionTree => {
    if (source.latest?.base !== base || source.latest.index !== index) {
      source.latest = { base, index, tree: readTree() };
    }
    return source.latest.tree;
  };
  return {
    file: source.file,
    position: (path, part = "value") => positionAt(source, base + offsetOf(tree(), path, part)),
    text(path) {
      const span = textSpanOf(tree(), path);
      return span === undefined ? undefined : source.text.slice(base + span.start, base + span.end);
    },
  };
}

function positionAt(source: Source, offset: number): Position {
  source.lines ??= lineStarts(source.text);
  return { file: source.file, ...lineColumnAt(source.lines, offset) };
}

function addProblem(source: Source, base: number, problem: TextProblem): void {
  const { code, offset, message, help } = problem;
  const position = positionAt(source, base + offset);
  source.findings.push({
    code,
    severity: "error",
    position,
    message,
    ...(help === undefined ? {} : { help }),
  });
}

/** True if an object, or an item of a list of objects, cannot even be told to be a policy or not. */
function hidesObjects(value: unknown): boolean {
  if (value === UNREADABLE) return true;
  if (typeof value !== "object" || value === null) return false;
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  return kind === UNREADABLE || items === UNREADABLE || (Array.isArray(items) && items.some(hidesObjects));
}

const POLICY_KIND =
  /(["']?)kind\1\s*:\s*(["']?)((?:Cluster|Admin|BaselineAdmin)?NetworkPolicy)(?:List)?\2(?![\w.-])/;

/** If the lost text holds a policy, says that nothing can be done for the pods it protects. */
function reportLostPolicy(source: Source, { start, end }: YamlChunk): void {
  const match = POLICY_KIND.exec(source.text.slice(start, end));
  if (match === null) return;
  addProblem(source, start, {
    code: "policy-unreadable",
    offset: match.index,
    message: `There is ${match[3] === "AdminNetworkPolicy" ? "an" : "a"} ${match[3]} in this text, and nobody can say which pods it protects.`,
    help: "Correct the text first: until then its pods cannot even be treated as closed.",
  });
}
