const NEWLINE = 10;

/** Cuts a stream of bytes at line ends. Characters may be cut anywhere: only whole lines become text. */
export interface LineReader {
  /** Calls back for each line that is complete now, in order, without its end. Empty lines are left out. */
  push(chunk: Buffer, onLine: (line: string) => void): void;
  /** How many bytes of a line without its end are waiting. */
  pending(): number;
}

/** Throws a RangeError from `push` once a line is longer than `limit` bytes. */
export function createLineReader(limit: number): LineReader {
  // Of a long line the parts are joined once, not with every chunk.
  let parts: Buffer[] = [];
  let size = 0;

  const take = (rest: Buffer): string => {
    if (parts.length === 0) return rest.toString("utf8");
    parts.push(rest);
    const line = Buffer.concat(parts, size + rest.length).toString("utf8");
    parts = [];
    size = 0;
    return line;
  };

  return {
    push(chunk, onLine) {
      let start = 0;
      for (;;) {
        const end = chunk.indexOf(NEWLINE, start);
        if (size + (end < 0 ? chunk.length : end) - start > limit) {
          throw new RangeError(`a line is longer than ${limit} bytes`);
        }
        if (end < 0) break;
        const line = take(chunk.subarray(start, end));
        start = end + 1;
        if (line !== "" && line !== "\r") onLine(line);
      }
      if (start < chunk.length) {
        parts.push(chunk.subarray(start));
        size += chunk.length - start;
      }
    },
    pending: () => size,
  };
}
