import type { ServerResponse } from "node:http";
import type { FlowLogEvent } from "../../../dataplane/flow-log/event.ts";
import { packetsOf, writeFlows } from "../../../dataplane/flow-log/flow-writer.ts";
import type { ReaderTelemetry } from "../create-telemetry.ts";
import type { AgentView } from "../telemetry.ts";

export interface FlowReadersOptions {
  readonly view: Pick<AgentView, "onFlow">;
  readonly telemetry: ReaderTelemetry;
  readonly flowDocument: (event: FlowLogEvent) => object;
  /** At a time. */
  readonly mostReaders: number;
  /** Between empty lines, in milliseconds. */
  readonly heartbeatMillis: number;
}

/** Those who read `/v1/flows`. */
export interface FlowReaders {
  readonly isFull: boolean;
  /** Writes events to an answer until somebody ends it. */
  add(response: ServerResponse, wants: (event: FlowLogEvent) => boolean): void;
  /** Ends every answer. */
  close(): void;
}

/** A reader that takes nothing for so many heartbeats is taken for dead. */
const MOST_MISSED_HEARTBEATS = 4;

export function createFlowReaders(options: FlowReadersOptions): FlowReaders {
  const { view, telemetry, mostReaders, heartbeatMillis } = options;
  const open = new Set<ServerResponse>();

  const add: FlowReaders["add"] = (response, wants) => {
    const writer = writeFlows(response, (event) => JSON.stringify(options.flowDocument(event)));
    let missed = 0;
    const heartbeat = setInterval(() => {
      // More would be kept in memory for somebody who may never take it.
      if (!writer.isFull) {
        missed = 0;
        response.write("\n");
      } else if (++missed === MOST_MISSED_HEARTBEATS) response.destroy();
    }, heartbeatMillis);
    const stop = view.onFlow((event) => {
      if (!wants(event)) return;
      const before = writer.dropped;
      writer.write(event);
      if (writer.dropped > before) telemetry.readerMissed(packetsOf(event));
    });
    open.add(response);
    telemetry.readers(open.size);
    response.on("close", () => {
      clearInterval(heartbeat);
      stop();
      open.delete(response);
      telemetry.readers(open.size);
    });
    // Told by `close` too, and no reason to end the process.
    response.on("error", () => undefined);
    // At once, so that the reader knows that it is heard, however long nothing happens.
    response.write("\n");
  };

  return {
    get isFull() {
      return open.size >= mostReaders;
    },
    add,
    close: () => {
      for (const response of open) response.end();
    },
  };
}
