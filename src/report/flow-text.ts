import type { FlowLogEvent, FlowVerdict } from "../dataplane/flow-log/event.ts";
import { type FlowDocument, type FlowEndDocument, flowJson } from "./flow-json.ts";
import { flowTraffic } from "./flow-traffic.ts";
import type { Style } from "./style.ts";

/**
 * An event as one line, without its end: time of day (UTC), verdict, ends, what, direction, reason.
 * `07:43:14.123Z DENIED  shop/web -> shop/db TCP 3306 ingress: no rule of NetworkPolicy shop/db-policy allows it`
 */
export function flowText(event: FlowLogEvent, style: Style): string {
  return flowDocumentText(flowJson(event), style);
}

/** The same of what was read as JSON. */
export function flowDocumentText(event: FlowDocument, style: Style): string {
  const time = style.dim(event.time.slice(event.time.indexOf("T") + 1));
  if (event.kind === "suppressed") {
    const packets = event.count === 1 ? "1 packet" : `${event.count} packets`;
    const why = event.cause === "limits" ? "too many to tell" : "the output takes them too slowly";
    return `${time} ${style.yellow("......")}  and ${packets} in ${event.seconds} s that are not told: ${why}`;
  }
  const { source, destination, direction, protocol, family } = event;
  const traffic = flowTraffic({
    destination,
    family: family === "IPv4" ? 4 : 6,
    ...(protocol === undefined ? {} : { protocol: protocol.number }),
    ...(event.icmp === undefined ? {} : { icmp: event.icmp }),
    ...(event.fragment === undefined ? {} : { fragment: event.fragment }),
  });
  const ends = `${style.bold(endText(source))} -> ${style.bold(endText(destination))}`;
  const repeated = event.repeated === 0 ? "" : ` ${style.dim(`(and ${event.repeated} more like it)`)}`;
  const head = `${time} ${verdictText(event.verdict, style)}  ${ends} ${traffic} ${direction}`;
  return `${head}: ${event.reason}${repeated}`;
}

function verdictText(verdict: FlowVerdict, style: Style): string {
  switch (verdict) {
    case "denied":
      return style.red("DENIED");
    case "closed-at-birth":
      return style.red("CLOSED");
    case "audited":
      return style.yellow("AUDIT ");
    case "allowed":
      return style.green("PASSED");
  }
}

function endText({ kind, address, pod, node }: FlowEndDocument): string {
  if (kind === "node" && node !== undefined) return `node ${node} (${address})`;
  if (pod === undefined) return address;
  return kind === "host-network-pod" ? `${pod} (host network, ${address})` : pod;
}
