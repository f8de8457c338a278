import type { Conntrack, ConntrackEntry } from "../linux/netfilter/conntrack.ts";
import { type Address, addressKey, type Family, formatAddress } from "../net/address.ts";
import type { Traffic } from "../net/port-set.ts";
import type { Delta, DeltaOperation } from "./delta.ts";
import { type NodePlace, type Stop, stopOf } from "./enforcement-rule.ts";
import type { Kernel } from "./kernel.ts";
import { TABLE } from "./program.ts";

/** A connection that a change has ended. */
export interface CutConnection {
  readonly family: Family;
  /** IP protocol number. */
  readonly protocol: number;
  /** Who began it. */
  readonly source: Address;
  /** Who answered, behind any service address. */
  readonly destination: Address;
  /** 0 for protocols without ports. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly because: Stop;
}

/** Ends the open connections of a node that are not allowed any more. */
export interface ConnectionCutter {
  /** Looks at every connection, cuts the forbidden ones and lets go of those that are allowed again. */
  look(): Promise<readonly CutConnection[]>;
  /** What fills the sets of cut connections again, when the table is made anew. */
  restoring(): Delta;
  /** False when packets of no connection have to be kept out any more. */
  readonly isCutting: boolean;
}

/**
 * How long packets of a cut connection are kept out, in seconds. TCP learns of it with its next packet; a UDP server may
 * go on sending until its own patience ends.
 */
export const CUT_SECONDS = 600;

const TCP = 6;
const UDP = 17;
const SCTP = 132;
const TRANSPORTS = new Map([
  [TCP, "TCP"],
  [UDP, "UDP"],
  [SCTP, "SCTP"],
] as const);

interface Cut {
  readonly connection: CutConnection;
  readonly until: number;
}

/** `now` gives milliseconds of a clock that does not jump. */
export function createConnectionCutter(
  node: NodePlace,
  apply: Kernel["apply"],
  conntrack: Conntrack,
  now: () => number,
): ConnectionCutter {
  const cuts = new Map<string, Cut>();

  return {
    get isCutting() {
      for (const { until } of cuts.values()) if (until >= now()) return true;
      return false;
    },
    look: async () => {
      // Once for all connections: to ask for it costs system calls.
      const own = node.ownAddresses();
      const place = { ...node, ownAddresses: () => own };
      const lines: string[] = [];
      for (const [key, { connection, until }] of cuts) {
        if (until < now()) {
          cuts.delete(key);
        } else if (stopOfConnection(place, connection) === undefined) {
          // It may have timed out in this very moment, and what is not there cannot be deleted.
          lines.push(elementCommand("add", connection), elementCommand("delete", connection));
          cuts.delete(key);
        }
      }
      const entries: ConntrackEntry[] = [];
      const found: CutConnection[] = [];
      for (const entry of conntrack.count() === 0 ? [] : conntrack.dump()) {
        const connection = connectionOf(entry);
        const because = stopOfConnection(place, connection);
        if (because === undefined) continue;
        const cut = { ...connection, because };
        entries.push(entry);
        found.push(cut);
        if (!TRANSPORTS.has(entry.protocol as typeof TCP)) continue;
        cuts.set(keyOf(cut), { connection: cut, until: now() + CUT_SECONDS * 1000 });
        lines.push(elementCommand("add", cut));
      }
      if (lines.length > 0) await apply(`${lines.join("\n")}\n`);
      // Only now: without its entry, the next packet of either end would be taken for a new connection.
      for (const entry of entries) conntrack.delete(entry);
      return found;
    },
    restoring: () => {
      const operations: DeltaOperation[] = [];
      for (const { connection, until } of cuts.values()) {
        if (until < now()) continue;
        operations.push({
          command: elementCommand("add", connection),
          target: `set cut${connection.family}`,
        });
      }
      return operations;
    },
  };
}

/** Judged as it began: from who sent the first packet, to who got it after any translation of the destination. */
function connectionOf({ family, protocol, original, reply }: ConntrackEntry): Omit<CutConnection, "because"> {
  const hasPorts = TRANSPORTS.has(protocol as typeof TCP);
  return {
    family,
    protocol,
    source: original.source,
    destination: reply.source,
    sourcePort: hasPorts ? original.sourcePort : 0,
    destinationPort: hasPorts ? reply.sourcePort : 0,
  };
}

function stopOfConnection(place: NodePlace, connection: Omit<CutConnection, "because">): Stop | undefined {
  const protocol = TRANSPORTS.get(connection.protocol as typeof TCP);
  const traffic: Traffic =
    protocol === undefined ? { protocol: "other" } : { protocol, port: connection.destinationPort };
  return stopOf(place, connection.source, connection.destination, traffic);
}

function keyOf(connection: CutConnection): string {
  const { family, protocol, source, sourcePort, destination, destinationPort } = connection;
  return `${family} ${protocol} ${addressKey(source)} ${sourcePort} ${addressKey(destination)} ${destinationPort}`;
}

function elementCommand(verb: "add" | "delete", connection: CutConnection): string {
  const { family, protocol, source, sourcePort, destination, destinationPort } = connection;
  const tuple = [formatAddress(source), formatAddress(destination), protocol, sourcePort, destinationPort];
  const timeout = verb === "add" ? ` timeout ${CUT_SECONDS}s` : "";
  return `${verb} element ${TABLE} cut${family} { ${tuple.join(" . ")}${timeout} }`;
}
