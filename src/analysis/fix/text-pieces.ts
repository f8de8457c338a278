import { outlineJson } from "../../k8s/json-outline.ts";
import { stringText } from "../../k8s/source-text.ts";
import { readDocuments } from "../../k8s/text-documents.ts";
import { splitYaml } from "../../k8s/yaml-chunks.ts";
import { jsonTree } from "./json-tree.ts";
import type { TextNode } from "./text-tree.ts";
import { yamlTree } from "./yaml-tree.ts";

/** A part of a text that can be edited on its own: the text is its pieces, one after the other. */
export interface TextPiece {
  readonly start: number;
  readonly text: string;
  readonly json: boolean;
}

/** What a piece holds: the values as manifests are read, or undefined if it cannot be read. */
export type PieceValues = readonly unknown[] | undefined;

/** Cuts a text, without a byte order mark, into its documents, each with the space and comments around it. */
export function piecesOf(text: string): readonly TextPiece[] {
  const source = stringText(text);
  const json = /^\s*[{[]/.test(text) ? outlineJson(source.units()) : undefined;
  if (json === undefined || json.length === 0) {
    return splitYaml(source).map(({ start, end }) => ({ start, text: text.slice(start, end), json: false }));
  }
  return json.map((_value, index) => {
    const start = index === 0 ? 0 : json[index]!.start;
    return { start, text: text.slice(start, json[index + 1]?.start ?? text.length), json: true };
  });
}

/** Reads a piece as a manifest is read, with `UNREADABLE` for what is faulty in an otherwise readable text. */
export function readPiece(text: string): PieceValues {
  const values: unknown[] = [];
  const findings = readDocuments("", text, ({ value }) => values.push(value));
  const unreadable = findings.some(({ code }) => BROKEN.has(code));
  return unreadable && values.length === 0 ? undefined : values;
}

const BROKEN: ReadonlySet<string> = new Set([
  "yaml-syntax",
  "yaml-tab",
  "json-syntax",
  "not-text",
  "too-large",
]);

/** Where everything is in a piece that holds one document; undefined for any other. */
export function treeOf({ text, json }: TextPiece): TextNode | undefined {
  return json ? jsonTree(text) : yamlTree(text);
}

/** The piece that an offset into the whole text lies in. */
export function pieceAt(pieces: readonly TextPiece[], offset: number): TextPiece | undefined {
  return pieces.findLast(({ start }) => start <= offset);
}
