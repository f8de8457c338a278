import { constants, openSync, writeSync } from "node:fs";
import type { LogStream } from "./logger.ts";

/** Kept for somebody who reads slowly; what comes then is lost. */
const MOST_BYTES = 1024 * 1024;
/** A descriptor that takes nothing now is asked again. */
const AGAIN_MILLIS = 20;
/** How long the end of the process is held up for a reader that takes nothing. */
const EXIT_MILLIS = 1000;

/**
 * A log that goes to a descriptor, the standard output by default. It promises:
 * 1. A line is written before `write` returns, so that the last ones before the end of the process are there.
 * 2. Nobody waits for who reads the log: of what is not taken 1 MiB is kept, and the log itself says what is lost. Where
 *    the descriptor cannot be opened a second time (a socket), this does not hold: a write takes as long as it takes.
 * 3. When the reader is gone (EPIPE), the agent goes on without a log.
 */
export function openLogStream(fd = 1): LogStream {
  const output = withoutWaiting(fd);
  /** What was not taken yet; of the first line a part may have been. */
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let lost = 0;
  let again: NodeJS.Timeout | undefined;
  let isGone = false;

  const take = (line: Buffer): void => {
    pending.push(line);
    pendingBytes += line.length;
  };

  /** Writes what is pending; false if not all of it was taken. */
  const pump = (): boolean => {
    while (pending.length > 0 && !isGone) {
      const piece = pending.length === 1 ? pending[0]! : Buffer.concat(pending);
      const written = writeNow(output, piece);
      if (written === "gone") isGone = true;
      else if (written < piece.length) {
        pending = [piece.subarray(written)];
        pendingBytes = piece.length - written;
        return false;
      } else {
        pending = [];
        pendingBytes = 0;
        if (lost > 0) take(lostLine(lost));
        lost = 0;
      }
    }
    return true;
  };
  const pumpLater = (): void => {
    again ??= setTimeout(() => {
      again = undefined;
      if (!pump()) pumpLater();
    }, AGAIN_MILLIS).unref();
  };

  process.on("exit", () => {
    const end = performance.now() + EXIT_MILLIS;
    while (!pump() && performance.now() < end) sleep(AGAIN_MILLIS);
  });

  return {
    write: (line) => {
      if (isGone) return;
      if (pendingBytes + line.length > MOST_BYTES) {
        lost++;
        return;
      }
      take(Buffer.from(line));
      if (again === undefined && !pump()) pumpLater();
    },
  };
}

/**
 * The same descriptor, but of an opening of its own, in which writes do not wait: that of others, such as the shell of a
 * terminal, must stay as it is.
 */
function withoutWaiting(fd: number): number {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK);
  } catch {
    // A socket cannot be opened, and what belongs to another user may not be.
    return fd;
  }
}

/** How many bytes were taken; `gone` if nobody will take any more. */
function writeNow(fd: number, piece: Buffer): number | "gone" {
  try {
    return writeSync(fd, piece);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EAGAIN" ? 0 : "gone";
  }
}

function lostLine(lost: number): Buffer {
  const time = new Date().toISOString();
  const msg = `${lost} ${lost === 1 ? "line" : "lines"} of this log were lost: whoever reads it was too slow`;
  return Buffer.from(`${JSON.stringify({ level: "warn", time, lost, msg })}\n`);
}

function sleep(millis: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis);
}
