import { colourStyle, plainStyle, type Style } from "../report/style.ts";

/** Colours on a terminal only, and not where NO_COLOR asks for none (no-color.org); FORCE_COLOR asks for them. */
export function styleFor(stream: NodeJS.WriteStream): Style {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return plainStyle;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0") return colourStyle;
  return stream.isTTY ? colourStyle : plainStyle;
}

/** Columns to write within: the terminal's, or a usual page's. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? Math.max(60, stream.columns) : 120;
}

/** A bar that is drawn over itself on a terminal, and not at all elsewhere. */
export interface ProgressBar {
  show(done: number, total: number): void;
  clear(): void;
}

export function progressBar(stream: NodeJS.WriteStream, what: (total: number) => string): ProgressBar {
  const cells = 40;
  return {
    show(done, total) {
      if (!stream.isTTY || total === 0) return;
      const filled = Math.round((done / total) * cells);
      const bar = `${"#".repeat(filled)}${" ".repeat(cells - filled)}`;
      stream.write(`\r${what(total)}  ${bar}  ${Math.round((done / total) * 100)}%`);
    },
    clear() {
      if (stream.isTTY) stream.write("\r\u001b[K");
    },
  };
}

/** A number that grows on one line of a terminal; nothing at all elsewhere. */
export interface CounterLine {
  show(what: string, count: number): void;
  clear(): void;
}

export function counterLine(stream: NodeJS.WriteStream): CounterLine {
  return {
    show(what, count) {
      if (stream.isTTY) stream.write(`\r\u001b[K${what}  ${count.toLocaleString("en")}`);
    },
    clear() {
      if (stream.isTTY) stream.write("\r\u001b[K");
    },
  };
}
