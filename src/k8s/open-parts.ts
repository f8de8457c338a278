import type { LineColumn } from "./line-index.ts";
import type { PositionTree } from "./position-tree.ts";
import type { SourceText } from "./source-text.ts";

/** A part of a text that is read on its own. Offsets into it count from its start, in UTF-16 code units. */
export interface TextPart {
  readonly start: number;
  readonly end: number;
}

/** A part that was read again, because a place in it was asked for. What is known of it comes as it is asked for. */
export interface OpenPart extends TextPart {
  readonly text: string;
  lines: readonly number[] | undefined;
  /** Where it begins in the whole text. */
  place: LineColumn | undefined;
  /** Which document the tree is of. */
  document: number;
  tree: PositionTree | undefined;
}

/** The parts of a text, each as it was left, if it is not long ago. */
export type OpenParts = (part: TextPart) => OpenPart;

/** So many units are kept open: a finding speaks of a few documents, and the next one often of the same. */
const MOST_UNITS = 2 ** 20;

/** Opens parts of a text. */
export function openParts(text: SourceText): OpenParts {
  /** By start; the one that was asked for last comes last. */
  const parts = new Map<number, OpenPart>();
  let units = 0;
  let latest: OpenPart | undefined;
  const close = (part: OpenPart): void => {
    parts.delete(part.start);
    units -= part.end - part.start;
  };
  return ({ start, end }) => {
    if (latest?.start === start && latest.end === end) return latest;
    const known = parts.get(start);
    if (known !== undefined) close(known);
    latest =
      known?.end === end
        ? known
        : {
            start,
            end,
            text: text.slice(start, end),
            lines: undefined,
            place: undefined,
            document: 0,
            tree: undefined,
          };
    parts.set(start, latest);
    units += end - start;
    for (const oldest of parts.values()) {
      if (units <= MOST_UNITS || oldest === latest) break;
      close(oldest);
    }
    return latest;
  };
}
