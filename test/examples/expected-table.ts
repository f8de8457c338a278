// Reads examples/**/expected.txt: what may pass between every two ends, worked out by hand.
import { isIP } from "node:net";

export interface ExpectedRow {
  /** `namespace/workload`, or one of the external addresses. */
  readonly from: string;
  readonly to: string;
  /**
   * Exactly what may pass: `["all"]` (other protocols included), `[]` for `none`, else tokens such as `TCP/3306`,
   * `UDP/8000-8080` or `other`, in the order TCP, UDP, SCTP, other, ports ascending, never touching each other.
   */
  readonly ports: readonly string[];
  /** Absent: the row holds for every address family that both ends have. */
  readonly family?: "IPv4" | "IPv6";
}

export interface ExpectedTable {
  /** Addresses outside the cluster, in written order. */
  readonly externals: readonly string[];
  readonly rows: readonly ExpectedRow[];
}

const PROTOCOLS = ["TCP", "UDP", "SCTP", "other"];
const NAME = "[a-z0-9]([-.a-z0-9]*[a-z0-9])?";
const WORKLOAD = new RegExp(`^${NAME}/${NAME}$`);

/**
 * Parses an expected table. The format is described in `examples/README.md`.
 *
 * Throws an Error that begins with `line N:` (from 1) for anything it does not know, a second row for the same
 * ends and family, a row from an end to itself or between two externals, and an external not listed as one.
 */
export function parseExpectedTable(text: string): ExpectedTable {
  let externals: string[] | undefined;
  let headerSeen = false;
  const rows: ExpectedRow[] = [];
  const lineOf = new Map<string, number>();

  for (const [index, raw] of text.split("\n").entries()) {
    const number = index + 1;
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("externals:")) {
      if (externals !== undefined || headerSeen)
        fail(number, "a second `externals:`, or one below the header");
      externals = parseExternals(line.slice("externals:".length), number);
    } else if (!headerSeen) {
      if (line.split(/\s+/).join(" ") !== "FROM TO PORTS")
        fail(number, `wanted FROM TO PORTS, found: ${line}`);
      headerSeen = true;
    } else {
      const row = parseRow(line, externals ?? [], number);
      for (const family of row.family === undefined ? ["", "IPv4", "IPv6"] : ["", row.family]) {
        const earlier = lineOf.get(`${row.from} ${row.to} ${family}`);
        if (earlier !== undefined) fail(number, `${row.from} to ${row.to} is already on line ${earlier}`);
      }
      lineOf.set(`${row.from} ${row.to} ${row.family ?? ""}`, number);
      rows.push(row);
    }
  }
  if (!headerSeen) fail(text.split("\n").length, "no FROM TO PORTS header in the file");
  return { externals: externals ?? [], rows };
}

function fail(line: number, message: string): never {
  throw new Error(`line ${line}: ${message}`);
}

function parseExternals(text: string, line: number): string[] {
  const externals = text.trim().split(/\s+/);
  for (const [index, address] of externals.entries()) {
    if (isIP(address) === 0) fail(line, `${address || "nothing"} is not a single IP address`);
    if (externals.indexOf(address) !== index) fail(line, `${address} is listed twice`);
  }
  return externals;
}

function parseRow(text: string, externals: readonly string[], line: number): ExpectedRow {
  const [from = "", to, ports, family, ...rest] = text.split(/\s+/);
  if (to === undefined || ports === undefined || rest.length > 0) fail(line, "wanted FROM TO PORTS [family]");
  for (const end of [from, to]) {
    if (!externals.includes(end) && !WORKLOAD.test(end)) {
      fail(line, `${end} is neither namespace/workload nor one of the externals`);
    }
  }
  if (from === to) fail(line, `${from} to itself is always allowed and has no row`);
  if (externals.includes(from) && externals.includes(to)) fail(line, "both ends are outside the cluster");
  const row = { from, to, ports: parsePorts(ports, line) };
  if (family === undefined) return row;
  if (family !== "IPv4" && family !== "IPv6") fail(line, `${family} is neither IPv4 nor IPv6`);
  return { ...row, family };
}

function parsePorts(text: string, line: number): string[] {
  if (text === "all") return ["all"];
  if (text === "none") return [];
  const tokens = text.split(",");
  let before = { protocol: 0, last: -1 };
  for (const token of tokens) {
    const port = parseToken(token, line);
    // Canonical sets can be compared as text: no two tokens overlap or touch.
    const inOrder =
      port.protocol > before.protocol || (port.protocol === before.protocol && port.first > before.last + 1);
    if (!inOrder) fail(line, `${text}: list TCP, UDP, SCTP, other, ports ascending and merged`);
    before = port;
  }
  return tokens;
}

function parseToken(token: string, line: number): { protocol: number; first: number; last: number } {
  if (token === "other") return { protocol: PROTOCOLS.indexOf("other"), first: 1, last: 1 };
  const match = /^(TCP|UDP|SCTP)\/([1-9]\d*)(?:-([1-9]\d*))?$/.exec(token);
  if (match === null) fail(line, `${token} is not all, none, other, PROTOCOL/PORT or PROTOCOL/FIRST-LAST`);
  const first = Number(match[2]);
  const last = Number(match[3] ?? match[2]);
  if (last > 65535 || (match[3] !== undefined && last <= first))
    fail(line, `${token} is no range within 1-65535`);
  return { protocol: PROTOCOLS.indexOf(match[1] ?? ""), first, last };
}
