import { type Logger, pino, stdTimeFunctions } from "pino";

/** What the parts of an agent need of its log: first what programs read, then words for people. */
export type AgentLogger = Pick<Logger, "debug" | "info" | "warn" | "error">;

export type LogLevel = "debug" | "info" | "warn" | "error";

/** From the most to the fewest lines. */
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Where lines go; each comes with its line end. */
export interface LogStream {
  write(line: string): void;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** In every line. */
  readonly node: string;
  readonly stream: LogStream;
}

/** A log of JSON objects, one a line: `level` in words, `time` in ISO 8601 (UTC), `node`, `msg`, and what belongs to it. */
export function createLogger({ level, node, stream }: LoggerOptions): AgentLogger {
  return pino(
    {
      level,
      base: { node },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
}
