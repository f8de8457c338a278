import type { ConnectionChange, ConnectionDiff } from "../analysis/diff/connection-diff.ts";
import { isDangerous } from "../analysis/diff/danger.ts";
import type { WellKnownPort } from "../analysis/well-known-ports.ts";
import { ALL_PORTS, NO_PORTS, portSetTokens, subtractPorts } from "../net/port-set.ts";
import { portsText } from "./map-names.ts";

/** `2 connections open, 1 closes, 214 unchanged; 1 of those that open is dangerous: from outside`. */
export function diffHeadline(diff: ConnectionDiff): string {
  const { counts, unchanged, isolation, objects } = diff;
  const { opens, closes } = counts;
  const rest = unchanged === undefined ? "" : `, ${unchanged.toLocaleString("en")} unchanged`;
  if (opens === 0 && closes === 0) {
    if (isUnknown(diff)) return "policies change, but there are no pods: what opens or closes is unknown";
    const told = isolation.length + objects.policies.length + objects.workloads.length;
    return `${told === 0 ? "nothing changes" : "no connection opens or closes"}${rest}`;
  }
  const parts: string[] = [];
  if (opens > 0) parts.push(`${connections(opens)} ${opens === 1 ? "opens" : "open"}`);
  if (closes > 0) {
    const what = opens > 0 ? closes.toLocaleString("en") : connections(closes);
    parts.push(`${what} ${closes === 1 ? "closes" : "close"}`);
  }
  return `${parts.join(", ")}${rest}${dangerOfAll(diff)}`;
}

/** True where policies change and nobody is there whom they could be about. That nothing opens would be no news. */
export function isUnknown({ peers, objects }: ConnectionDiff): boolean {
  return peers.workloads.length === 0 && objects.policies.some(({ change }) => change !== "rewritten");
}

function dangerOfAll({ changes, counts, dangerous }: ConnectionDiff): string {
  if (dangerous === 0) return "";
  const worst = changes.filter(isDangerous);
  const isFromOutside = worst.some(({ danger }) => danger === "from-outside");
  const ports = wellKnownText(worst.flatMap(({ wellKnown }) => wellKnown));
  const what = [...(isFromOutside ? ["from outside"] : []), ...(ports === "" ? [] : [`to ${ports}`])];
  const which =
    counts.opens === 1
      ? "what opens is"
      : dangerous === counts.opens
        ? "all that open are"
        : `${dangerous.toLocaleString("en")} of those that open ${dangerous === 1 ? "is" : "are"}`;
  return `; ${which} dangerous: ${what.join(", ")}`;
}

function connections(count: number): string {
  return count === 1 ? "1 connection" : `${count.toLocaleString("en")} connections`;
}

/** `TCP 3306`, `everything but TCP 3306`, `everything (IPv6 only)`. */
export function changePorts({ ports, family }: ConnectionChange): string {
  const missing = subtractPorts(ALL_PORTS, ports);
  const isShorter = missing !== NO_PORTS && portSetTokens(missing).length < portSetTokens(ports).length;
  const words = isShorter ? `everything but ${portsText(missing)}` : portsText(ports);
  return family === undefined ? words : `${words} (IPv${family} only)`;
}

/** What is dangerous about it: `from outside, to MySQL (TCP 3306)`. Empty if it is not {@link isDangerous}. */
export function dangerText(change: ConnectionChange): string {
  if (!isDangerous(change)) return "";
  const parts = change.danger === "from-outside" ? ["from outside"] : [];
  if (change.wellKnown.length > 0) parts.push(`to ${wellKnownText(change.wellKnown)}`);
  return parts.join(", ");
}

/** What is not shown: `3 more lines of what opens (1 dangerous) and 120 of what closes`. Empty for none. */
export function leftOutText(left: readonly ConnectionChange[]): string {
  const opens = left.filter(({ change }) => change === "opens");
  const dangerous = opens.filter(isDangerous).length;
  const closes = left.length - opens.length;
  const parts: string[] = [];
  if (opens.length > 0) {
    const mark = dangerous === 0 ? "" : ` (${dangerous.toLocaleString("en")} dangerous)`;
    parts.push(`${opens.length.toLocaleString("en")} more of what opens${mark}`);
  }
  if (closes > 0) parts.push(`${closes.toLocaleString("en")} more of what closes`);
  return parts.join(" and ");
}

function wellKnownText(ports: readonly WellKnownPort[]): string {
  const names = [...new Set(ports.map(({ name }) => name))];
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
