// Flow events of a small cluster, made by the flow log itself.
import type { FlowEvent, FlowLogEvent, SuppressedEvent } from "../dataplane/flow-log/event.ts";
import { ADDRESSES, engineOf, logged, syn, testClock } from "../dataplane/flow-log/flow-log.fixture.ts";
import { createFlowLog } from "../dataplane/flow-log/flow-log.ts";
import type { LoggedPacket } from "../dataplane/flow-log/logged-packet.ts";
import type { Engine } from "../engine/engine.ts";

export { ADDRESSES, engineOf, logged, syn };

/** The events that packets make, each of a class of its own. */
export function flowsOf(engine: Engine, ...packets: readonly LoggedPacket[]): FlowEvent[] {
  const events: FlowLogEvent[] = [];
  const log = createFlowLog({
    engine: () => engine,
    node: "n1",
    onEvent: (event) => events.push(event),
    onError: (error) => {
      throw error;
    },
    clock: testClock(),
  });
  for (const packet of packets) log.take(packet);
  return events.filter((event) => event.kind === "flow");
}

export const SUPPRESSED: SuppressedEvent = {
  kind: "suppressed",
  time: "2030-01-01T00:00:01.000Z",
  node: "n1",
  count: 4711,
  seconds: 1.002,
  cause: "limits",
};
