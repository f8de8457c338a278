import { performance } from "node:perf_hooks";

/** What the terminal is told while manifests are read. */
export interface ReadingProgress {
  /** `done` of `total` bytes of a file have been read; without `total` where nobody knows how many there will be. */
  show(file: string, done: number, total?: number): void;
  clear(): void;
}

/** What a stream must have to be written to like a terminal. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A line is shown for reading that takes longer than this, and changed no more often than that. In milliseconds. */
const PATIENCE = 1000;
const BETWEEN = 100;

/** Begins to count the time. Nothing is ever written to a stream that is no terminal. */
export function readingProgress(
  stream: ProgressStream,
  now: () => number = () => performance.now(),
): ReadingProgress {
  if (stream.isTTY !== true) return { show() {}, clear() {} };
  let next = now() + PATIENCE;
  let shown = false;
  return {
    show(file, done, total) {
      const time = now();
      if (time < next) return;
      next = time + BETWEEN;
      shown = true;
      const name = file === "-" ? "the standard input" : file;
      const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
      const amount = total === undefined ? "" : ` of ${megabytes(total)}`;
      stream.write(`\r\u001b[Kreading ${name}  ${megabytes(done)}${amount} MB`);
    },
    clear() {
      if (shown) stream.write("\r\u001b[K");
      shown = false;
    },
  };
}
