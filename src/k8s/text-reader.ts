import type { InputFinding } from "./finding-codes.ts";
import type { Fix } from "./fix.ts";
import { scanJson } from "./json-scan.ts";
import { lineColumnAt, lineStarts } from "./line-index.ts";
import type { FieldPath, Origin, Position } from "./location.ts";
import { type OpenPart, type OpenParts, openParts, type TextPart } from "./open-parts.ts";
import { NOT_PLAIN, readPlainYaml } from "./plain-yaml.ts";
import { plainYamlPositions } from "./plain-yaml-positions.ts";
import { offsetOf, type PositionTree, textSpanOf } from "./position-tree.ts";
import {
  type FindLineColumn,
  LONGEST_STRING,
  lineColumns,
  type SourceText,
  stringText,
} from "./source-text.ts";
import { type TextProblem, UNREADABLE } from "./text-problem.ts";
import { yamlPositions } from "./yaml-positions.ts";

/** One document of a text: its value, with `UNREADABLE` for what cannot be used, and where it came from. */
export interface TextDocument {
  readonly value: unknown;
  readonly origin: Origin;
}

/** Takes the whole documents of a text, one after the other. */
export type OnDocument = (document: TextDocument) => void;

/**
 * Takes the Kubernetes objects of a text, one after the other. The items of a list of objects are handed on one by one,
 * and what no reader of objects looks at (`unread-fields.ts`) may be missing.
 */
export interface ObjectSink {
  document(document: TextDocument): void;
  /** Returns what is called to take back the documents from here on, where they turn out to be misread. */
  mark(): () => void;
  /** Told now and then how many units of the text have been read. */
  progress?(units: number): void;
}

/** A text that is being read into documents. */
export interface TextReader {
  readonly file: string;
  readonly text: SourceText;
  readonly findings: InputFinding[];
  readonly sink: ObjectSink;
  /** True if whole documents are asked for. */
  readonly whole: boolean;
  readonly lineColumn: FindLineColumn;
  readonly openPart: OpenParts;
}

export type { TextPart };

/** Begins to read a text. */
export function newTextReader(file: string, text: SourceText, taker: ObjectSink | OnDocument): TextReader {
  const whole = typeof taker === "function";
  const sink = whole ? { document: taker, mark: () => () => {} } : taker;
  return { file, text, findings: [], sink, whole, lineColumn: lineColumns(text), openPart: openParts(text) };
}

/** A reader of the same text as a string. */
export function withText(reader: TextReader, string: string): TextReader {
  const text = stringText(string);
  return { ...reader, text, lineColumn: lineColumns(text), openPart: openParts(text) };
}

/** The number that a {@link partOrigin} takes instead of that of a document if its part is JSON. */
export const JSON_PART = -1;

/** The number that a {@link partOrigin} takes if its part is YAML that `readPlainYaml` has read. */
export const PLAIN_PART = -3;

/** The number that a {@link partOrigin} takes if its part is a YAML list of one item, of which it is the origin. */
export const ITEM_PART = -2;

/** The origin of the document of a part: number `document` of a YAML stream, or one of the numbers above. */
export function partOrigin(reader: TextReader, part: TextPart, document: number): Origin {
  return new PartOrigin(reader, part.start, part.end, document);
}

/** A class, as there is one for each of perhaps a million objects: it holds no functions of its own. */
class PartOrigin implements Origin {
  readonly file: string;
  readonly #reader: TextReader;
  readonly #start: number;
  readonly #end: number;
  readonly #document: number;

  constructor(reader: TextReader, start: number, end: number, document: number) {
    this.file = reader.file;
    this.#reader = reader;
    this.#start = start;
    this.#end = end;
    this.#document = document;
  }

  position(path: FieldPath, part: "key" | "value" = "value"): Position {
    const open = this.#open();
    return positionIn(this.#reader, open, offsetOf(this.#tree(open), this.#pathInPart(path), part));
  }

  text(path: FieldPath): string | undefined {
    const open = this.#open();
    const span = textSpanOf(this.#tree(open), this.#pathInPart(path));
    return span === undefined ? undefined : open.text.slice(span.start, span.end);
  }

  #pathInPart(path: FieldPath): FieldPath {
    return this.#document === ITEM_PART ? [0, ...path] : path;
  }

  #open(): OpenPart {
    return this.#reader.openPart({ start: this.#start, end: this.#end });
  }

  #tree(open: OpenPart): PositionTree {
    if (open.tree === undefined || open.document !== this.#document) {
      open.tree = readTree(open.text, this.#document);
      open.document = this.#document;
    }
    return open.tree;
  }
}

function readTree(text: string, document: number): PositionTree {
  switch (document) {
    case JSON_PART: {
      const scan = scanJson(text, 0);
      if ("message" in scan) throw new Error(`JSON that was parsed cannot be scanned: ${scan.message}`);
      return scan.tree;
    }
    case PLAIN_PART:
      return plainYamlPositions(text);
    case ITEM_PART:
      return readPlainYaml(text) === NOT_PLAIN ? yamlPositions(text, 0) : plainYamlPositions(text);
    default:
      return yamlPositions(text, document);
  }
}

function positionIn(reader: TextReader, open: OpenPart, offset: number): Position {
  // Where each unit is a character, as in ASCII, offsets into the part are offsets into the text.
  if (open.text.length === open.end - open.start) {
    const { line, column } = reader.lineColumn(open.start + offset);
    return { file: reader.file, line, column };
  }
  open.lines ??= lineStarts(open.text);
  open.place ??= reader.lineColumn(open.start);
  const before = open.place;
  const { line, column } = lineColumnAt(open.lines, offset);
  return {
    file: reader.file,
    line: before.line + line - 1,
    column: line === 1 ? before.column + column - 1 : column,
  };
}

/** Reports a problem at an offset into a part. */
export function addProblem(reader: TextReader, part: TextPart, problem: TextProblem): void {
  const position = positionIn(reader, reader.openPart(part), problem.offset);
  reader.findings.push(problemFinding(problem, position));
}

function problemFinding({ code, message, help }: TextProblem, position: Position): InputFinding {
  return {
    code,
    severity: "error",
    position,
    message,
    ...(help === undefined ? {} : { help }),
    ...(code === "yaml-tab" ? { fix: tabsFix(position.file) } : {}),
  };
}

/** Safe, as it is made only where one reading of the text is left. */
function tabsFix(file: string): Fix {
  return {
    title: "replace the tabs at the beginning of lines by spaces",
    safe: true,
    edits: [{ kind: "replace-tabs", file }],
  };
}

/** True if the part fits into a string. Reports one that does not: it has to be read as a whole. */
export function fitsString(reader: TextReader, { start, end }: TextPart): boolean {
  if (end - start <= LONGEST_STRING) return true;
  reader.findings.push({
    code: "too-large",
    severity: "error",
    position: { file: reader.file, ...reader.lineColumn(start) },
    message: "What begins here cannot be read in pieces, and is too large to be read at once.",
    help: "Split it into several files, or let kubectl print fewer kinds at a time.",
  });
  return false;
}

/** True if an object, or an item of a list of objects, cannot even be told to be a policy or not. */
export function hidesObjects(value: unknown): boolean {
  if (value === UNREADABLE) return true;
  if (typeof value !== "object" || value === null) return false;
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  return kind === UNREADABLE || items === UNREADABLE || (Array.isArray(items) && items.some(hidesObjects));
}

const POLICY_KIND =
  /(["']?)kind\1\s*:\s*(["']?)((?:Cluster|Admin|BaselineAdmin)?NetworkPolicy)(?:List)?\2(?![\w.-])/;

/** How much text is searched at once, in units, and by how much two such windows overlap. */
const WINDOW = 2 ** 26;
const OVERLAP = 2 ** 10;

/** If the lost text holds a policy, says that nothing can be done for the pods it protects. */
export function reportLostPolicy(reader: TextReader, { start, end }: TextPart): void {
  for (let from = start; from < end; from += WINDOW) {
    const window = { start: from, end: Math.min(end, from + WINDOW + OVERLAP) };
    const match = POLICY_KIND.exec(reader.openPart(window).text);
    if (match === null) continue;
    addProblem(reader, window, {
      code: "policy-unreadable",
      offset: match.index,
      message: `There is ${match[3] === "AdminNetworkPolicy" ? "an" : "a"} ${match[3]} in this text, and nobody can say which pods it protects.`,
      help: "Correct the text first: until then its pods cannot even be treated as closed.",
    });
    return;
  }
}
