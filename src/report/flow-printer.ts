import type { Writable } from "node:stream";
import type { FlowLogEvent } from "../dataplane/flow-log/event.ts";
import { writeFlows } from "../dataplane/flow-log/flow-writer.ts";
import { flowJson } from "./flow-json.ts";
import { flowText } from "./flow-text.ts";
import { plainStyle, type Style } from "./style.ts";

/** Writes events, one a line. */
export interface FlowPrinter {
  readonly print: (event: FlowLogEvent) => void;
  /** Packets that went untold since the stream took a line for the last time. */
  readonly dropped: number;
}

/** Prints events to a stream that may be slow, and drops what it does not take: see {@link writeFlows}. */
export function printFlows(
  stream: Writable,
  output: "text" | "json",
  style: Style = plainStyle,
): FlowPrinter {
  const writer = writeFlows(stream, (event) =>
    output === "json" ? JSON.stringify(flowJson(event)) : flowText(event, style),
  );
  return {
    print: writer.write,
    get dropped() {
      return writer.dropped;
    },
  };
}
