import { parseManifests } from "../../k8s/manifests.ts";
import { isSameValue } from "./expected-value.ts";
import type { Refusal } from "./plan.ts";
import { readPiece } from "./text-pieces.ts";

/** How many columns a tab may stand for. */
const WIDTHS: readonly number[] = [2, 4, 8];

/**
 * Turns the tabs with which lines of a YAML document are indented into spaces. How many spaces a tab was meant to be,
 * nobody knows: a width is taken only if the document can be read with it, and no other width gives another value.
 * Widths with which it is no valid object do not count where there are others.
 */
export function withoutTabs(text: string): { readonly text: string } | Refusal {
  const readings = WIDTHS.flatMap((width) => {
    const spaced = spacedText(text, width);
    const values = readPiece(spaced);
    return values === undefined || values.length === 0 ? [] : [{ text: spaced, values }];
  });
  const valid = readings.filter((reading) => isValid(reading.text));
  const [first, ...others] = valid.length > 0 ? valid : readings;
  if (first === undefined)
    return { why: "The text cannot be read with spaces in the place of its tabs either." };
  if (others.some(({ values }) => !isSameValue(values, first.values))) {
    return { why: "How many spaces a tab stands for changes what the text means: choose by hand." };
  }
  return { text: first.text };
}

function isValid(text: string): boolean {
  return parseManifests([{ file: "", text }]).findings.every(({ severity }) => severity !== "error");
}

/** What a line begins with: spaces, tabs and the dashes of list items. */
const INDENT = /^[ \t]*(?:-[ \t]+)*/;

/** The text with the tabs at the beginning of its lines, as far as they are indents, up to the next multiple of `width`. */
function spacedText(text: string, width: number): string {
  const lines = text.split("\n");
  let block: BlockScalar | undefined;
  return lines
    .map((line) => {
      const isEmpty = /^\s*$/.test(line);
      if (block !== undefined && !isEmpty && columns(/^[ \t]*/.exec(line)![0], width) <= block.column) {
        block = undefined;
      }
      if (block !== undefined) {
        if (isEmpty) return line;
        block.indent ??= /^[ \t]*/.exec(line)![0];
        // Beyond the indent of a text's first line, tabs are part of the text.
        return line.startsWith(block.indent)
          ? expand(block.indent, width) + line.slice(block.indent.length)
          : spacedLine(line, width);
      }
      if (/(?:^|[ \t:-])[|>][-+0-9]*[ \t]*(?:#.*)?\r?$/.test(line) && !/^\s*#/.test(line)) {
        block = {
          column: columns(INDENT.exec(line)![0].replace(/(?:-[ \t]+)*$/, ""), width),
          indent: undefined,
        };
      }
      return spacedLine(line, width);
    })
    .join("\n");
}

interface BlockScalar {
  /** The column of the line that it begins in: what is indented no deeper is no part of it. */
  readonly column: number;
  /** What its first line begins with. */
  indent: string | undefined;
}

function spacedLine(line: string, width: number): string {
  const indent = INDENT.exec(line)![0];
  return expand(indent, width) + line.slice(indent.length);
}

function expand(indent: string, width: number): string {
  let spaced = "";
  for (const character of indent) {
    spaced += character === "\t" ? " ".repeat(width - (spaced.length % width)) : character;
  }
  return spaced;
}

function columns(indent: string, width: number): number {
  return expand(indent, width).length;
}
