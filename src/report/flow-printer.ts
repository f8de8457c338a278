import type { Writable } from "node:stream";
import type { FlowLogEvent, SuppressedEvent } from "../dataplane/flow-log/event.ts";
import { flowJson } from "./flow-json.ts";
import { flowText } from "./flow-text.ts";
import { plainStyle, type Style } from "./style.ts";

/** Writes events, one a line. */
export interface FlowPrinter {
  readonly print: (event: FlowLogEvent) => void;
  /** Packets that went untold since the stream took a line for the last time. */
  readonly dropped: number;
}

/**
 * Prints events to a stream that may be slow: while it is full, events are dropped and their packets counted, and the
 * first line that it takes again says how many. Errors of the stream are its owner's; a stream that has ended drops all.
 */
export function printFlows(
  stream: Writable,
  output: "text" | "json",
  style: Style = plainStyle,
): FlowPrinter {
  let dropped = 0;
  let firstDropped: FlowLogEvent | undefined;
  let lastDropped: FlowLogEvent | undefined;
  let isFull = false;
  const write = (event: FlowLogEvent): void => {
    const line = output === "json" ? JSON.stringify(flowJson(event)) : flowText(event, style);
    isFull = !stream.write(`${line}\n`);
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
    print: (event) => {
      if (!isFull && stream.writable) {
        write(event);
        return;
      }
      dropped += event.kind === "suppressed" ? event.count : 1 + event.repeated;
      firstDropped ??= event;
      lastDropped = event;
    },
    get dropped() {
      return dropped;
    },
  };
}
