import type { FlowEnd, FlowEvent, FlowLogEvent, SuppressedEvent } from "../dataplane/flow-log/event.ts";
import { protocolName } from "../dataplane/flow-log/ip-protocol.ts";
import { formatAddress } from "../net/address.ts";
import { flowReasonText } from "./flow-reason.ts";

/** `schemas/podwall.flow.v1.schema.json`: one line of the flow log. */
export type FlowDocument = FlowEventDocument | SuppressedDocument;

export interface FlowEventDocument
  extends Pick<FlowEvent, "time" | "node" | "direction" | "verdict" | "icmp" | "repeated" | "policies"> {
  readonly schema: "podwall.flow/v1";
  readonly kind: "flow";
  readonly family: "IPv4" | "IPv6";
  readonly source: FlowEndDocument;
  readonly destination: FlowEndDocument;
  readonly protocol?: { readonly number: number; readonly name: string };
  readonly fragment?: true;
  readonly truncated?: true;
  /** What kind of reason it is, for programs; `reason` is for people. */
  readonly why: FlowEvent["reason"]["why"];
  readonly reason: string;
}

export interface FlowEndDocument extends Omit<FlowEnd, "address"> {
  readonly address: string;
}

export interface SuppressedDocument extends SuppressedEvent {
  readonly schema: "podwall.flow/v1";
}

export function flowJson(event: FlowLogEvent): FlowDocument {
  const schema = "podwall.flow/v1";
  if (event.kind === "suppressed") return { schema, ...event };
  const { kind, time, node, direction, verdict, family, protocol, icmp, fragment, truncated } = event;
  return {
    schema,
    kind,
    time,
    node,
    direction,
    verdict,
    family: `IPv${family}`,
    source: endJson(event.source),
    destination: endJson(event.destination),
    ...(protocol === undefined ? {} : { protocol: { number: protocol, name: protocolName(protocol) } }),
    ...(icmp === undefined ? {} : { icmp }),
    ...(fragment === undefined ? {} : { fragment }),
    ...(truncated === undefined ? {} : { truncated }),
    repeated: event.repeated,
    policies: event.policies,
    why: event.reason.why,
    reason: flowReasonText(event),
  };
}

function endJson({ address, ...end }: FlowEnd): FlowEndDocument {
  return { address: formatAddress(address), ...end };
}
