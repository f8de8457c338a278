import type { Fix } from "./fix.ts";
import { comparePositions, type Position } from "./location.ts";

/**
 * How bad a finding is. An error means that the object cannot be used as it is, or that it surely does not do what it
 * says; a warning, that something is probably not as it was meant; an info is worth knowing, and may well be meant.
 */
export type Severity = "error" | "warning" | "info";

/** Something wrong, or doubtful, at a place in the input. The text for people is made from it elsewhere. */
export interface Finding {
  /** Stable name of the kind of finding, such as `end-port-below-port`. */
  readonly code: string;
  readonly severity: Severity;
  readonly position: Position;
  /** The object it is about, such as `NetworkPolicy shop/db-policy`, if it is about one. */
  readonly object?: string;
  /** What is wrong, in one sentence, without the place. */
  readonly message: string;
  /** What to do about it. */
  readonly help?: string;
  /** Other places that the message speaks of, each with what is there. */
  readonly related?: readonly RelatedPlace[];
  /** How to mend it in the text, where that can be told. */
  readonly fix?: Fix;
}

/** A place that matters to a finding, besides its own. */
export interface RelatedPlace {
  readonly position: Position;
  readonly message: string;
  /** Set where the same is said of another place: the object that it is said of. */
  readonly object?: string;
}

/** Orders findings by place, then code. */
export function compareFindings(a: Finding, b: Finding): number {
  return comparePositions(a.position, b.position) || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);
}
