import type { Reachability } from "../engine/reachability.ts";
import { compareMapConnections, mapConnection } from "./map-json.ts";

/**
 * The connections as CSV (RFC 4180, with a header and CRLF): from, to, ports (tokens, separated by spaces), and
 * family, empty where both families agree.
 */
export function mapCsv(reach: Reachability): string {
  const rows = reach.connections
    .map(mapConnection)
    .sort(compareMapConnections)
    .map(({ from, to, ports, family }) => [from, to, ports.join(" "), family ?? ""]);
  return [["from", "to", "ports", "family"], ...rows]
    .map((row) => `${row.map(csvField).join(",")}\r\n`)
    .join("");
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
