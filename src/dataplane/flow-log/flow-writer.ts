import type { Writable } from "node:stream";
import type { FlowLogEvent, SuppressedEvent } from "./event.ts";

/** Writes events to a stream, one a line. */
export interface FlowWriter {
  readonly write: (event: FlowLogEvent) => void;
  /** True while the stream takes nothing, so that events are dropped. */
  readonly isFull: boolean;
  /** Packets that went untold since the stream took a line for the last time. */
  readonly dropped: number;
}

/**
 * Writes events to a stream that may be slow: while it is full, events are dropped and their packets counted, and the
 * first line that it takes again says how many. So no more is kept than one line over what the stream itself holds.
 * Errors of the stream are its owner's; a stream that has ended drops all. `lineOf` is without the line end.
 */
export function writeFlows(stream: Writable, lineOf: (event: FlowLogEvent) => string): FlowWriter {
  let dropped = 0;
  let firstDropped: FlowLogEvent | undefined;
  let lastDropped: FlowLogEvent | undefined;
  let isFull = false;
  const write = (event: FlowLogEvent): void => {
    isFull = !stream.write(`${lineOf(event)}\n`);
  };
  stream.on("drain", () => {
    isFull = false;
    if (firstDropped === undefined || lastDropped === undefined) return;
    const missed: SuppressedEvent = {
      kind: "suppressed",
      time: lastDropped.time,
      node: lastDropped.node,
      count: dropped,
      seconds: (Date.parse(lastDropped.time) - Date.parse(firstDropped.time)) / 1000,
      cause: "slow-reader",
    };
    dropped = 0;
    firstDropped = undefined;
    lastDropped = undefined;
    write(missed);
  });
  return {
    write: (event) => {
      if (!isFull && stream.writable) {
        write(event);
        return;
      }
      dropped += packetsOf(event);
      firstDropped ??= event;
      lastDropped = event;
    },
    get isFull() {
      return isFull;
    },
    get dropped() {
      return dropped;
    },
  };
}

/** How many packets an event tells of. */
export function packetsOf(event: FlowLogEvent): number {
  return event.kind === "suppressed" ? event.count : 1 + event.repeated;
}
