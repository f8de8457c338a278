import type { FlowEnd, FlowLogEvent, FlowVerdict } from "../dataplane/flow-log/event.ts";
import { formatAddress } from "../net/address.ts";
import { flowReasonText } from "./flow-reason.ts";
import { flowTraffic } from "./flow-traffic.ts";
import type { Style } from "./style.ts";

/**
 * An event as one line, without its end: time of day (UTC), verdict, ends, what, direction, reason.
 * `07:43:14.123Z DENIED  shop/web -> shop/db TCP 3306 ingress: no rule of NetworkPolicy shop/db-policy allows it`
 */
export function flowText(event: FlowLogEvent, style: Style): string {
  const time = style.dim(event.time.slice(event.time.indexOf("T") + 1));
  if (event.kind === "suppressed") {
    const packets = event.count === 1 ? "1 packet" : `${event.count} packets`;
    const why = event.cause === "limits" ? "too many to tell" : "the output takes them too slowly";
    return `${time} ${style.yellow("......")}  and ${packets} in ${event.seconds} s that are not told: ${why}`;
  }
  const { source, destination, direction } = event;
  const ends = `${style.bold(endText(source))} -> ${style.bold(endText(destination))}`;
  const repeated = event.repeated === 0 ? "" : ` ${style.dim(`(and ${event.repeated} more like it)`)}`;
  const head = `${time} ${verdictText(event.verdict, style)}  ${ends} ${flowTraffic(event)} ${direction}`;
  return `${head}: ${flowReasonText(event)}${repeated}`;
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

function endText({ kind, address, pod, node }: FlowEnd): string {
  const text = formatAddress(address);
  if (kind === "node" && node !== undefined) return `node ${node} (${text})`;
  if (pod === undefined) return text;
  return kind === "host-network-pod" ? `${pod} (host network, ${text})` : pod;
}
