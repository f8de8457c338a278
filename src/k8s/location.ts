/** A place in a source. Lines and columns count from 1; 0 means "the whole file" or "no text behind it". */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A way into an object: `["spec", "ingress", 0, "from"]`. */
export type FieldPath = readonly (string | number)[];

/**
 * Where an object came from. Positions are found on demand: reading a file keeps none, so that big inputs stay
 * fast, and only what is shown to a person is looked up.
 */
export interface Origin {
  /** The file as the user named it, `-` for stdin, or a name such as `cluster` for an API server. */
  readonly file: string;
  /**
   * The place of a field. A path that does not exist in the text gives the place of its deepest existing parent.
   * `part` chooses between the value (default) and its key.
   */
  position(path: FieldPath, part?: "key" | "value"): Position;
  /** A scalar as it is written, `0777` or `yes`, without its quotes. Undefined where there is no text behind it. */
  readonly text?: (path: FieldPath) => string | undefined;
}

/** `file:line:column`, without the parts that are unknown. */
export function formatPosition(position: Position): string {
  if (position.line === 0) return position.file;
  return `${position.file}:${position.line}:${position.column}`;
}

/** Orders positions by file, line and column. */
export function comparePositions(a: Position, b: Position): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
