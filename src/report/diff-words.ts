import type { ConnectionChange, ConnectionDiff } from "../analysis/diff/connection-diff.ts";
import type { WellKnownPort } from "../analysis/well-known-ports.ts";
import { ALL_PORTS, NO_PORTS, portSetTokens, subtractPorts } from "../net/port-set.ts";
import { portsText } from "./map-names.ts";

/** `2 connections open, 1 closes, 214 unchanged`. */
export function diffHeadline({ counts, unchanged, isolation, objects }: ConnectionDiff): string {
  const { opens, closes } = counts;
  const rest = unchanged === undefined ? "" : `, ${unchanged.toLocaleString("en")} unchanged`;
  if (opens === 0 && closes === 0) {
    const told = isolation.length + objects.policies.length + objects.workloads.length;
    return `${told === 0 ? "nothing changes" : "no connection opens or closes"}${rest}`;
  }
  const parts: string[] = [];
  if (opens > 0) parts.push(`${connections(opens)} ${opens === 1 ? "opens" : "open"}`);
  if (closes > 0) {
    const what = opens > 0 ? closes.toLocaleString("en") : connections(closes);
    parts.push(`${what} ${closes === 1 ? "closes" : "close"}`);
  }
  return `${parts.join(", ")}${rest}`;
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

/** True of what a reviewer should not miss: it opens from outside, or to a port that should rarely be open. */
export function isDangerous({ change, danger }: ConnectionChange): boolean {
  return change === "opens" && (danger === "from-outside" || danger === "sensitive-port");
}

/** What is dangerous about it: `from outside, to MySQL (TCP 3306)`. Empty if it is not {@link isDangerous}. */
export function dangerText(change: ConnectionChange): string {
  if (!isDangerous(change)) return "";
  const parts = change.danger === "from-outside" ? ["from outside"] : [];
  if (change.wellKnown.length > 0) parts.push(`to ${wellKnownText(change.wellKnown)}`);
  return parts.join(", ");
}

function wellKnownText(ports: readonly WellKnownPort[]): string {
  const names = [...new Set(ports.map(({ name }) => name))];
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
