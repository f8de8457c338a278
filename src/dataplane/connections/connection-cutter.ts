import type { Conntrack, ConntrackEntry } from "../../linux/netfilter/conntrack.ts";
import {
  type Address,
  addressKey,
  FAMILIES,
  type Family,
  formatAddress,
  parseAddress,
} from "../../net/address.ts";
import type { Traffic } from "../../net/port-set.ts";
import { applyInPieces, type Kernel, PIECE_BYTES } from "../kernel/kernel.ts";
import type { Delta, DeltaOperation } from "../program/delta.ts";
import { type Program, TABLE } from "../program/program.ts";
import { type NodePlace, type Stop, stopOf } from "./enforcement-rule.ts";

/** The ends of a connection, in the direction in which it began. */
export interface Connection {
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
}

/** A connection that a change has ended. */
export interface CutConnection extends Connection {
  readonly because: Stop;
}

/**
 * Ends the open connections of a node that are not allowed any more. Its calls reject with a KernelError if the kernel
 * has no table: when that is there again and its sets filled (`restoring`), the same call does what is left.
 */
export interface ConnectionCutter {
  /** Looks at every connection, cuts the forbidden ones and lets go of those that are allowed again. */
  look(): Promise<readonly CutConnection[]>;
  /** Lets go of cut connections that are allowed again, and looks at no others. */
  release(): Promise<void>;
  /** What fills the sets of cut connections again where something is missing in them. */
  restoring(): Delta;
  /** Takes over the cut connections that the kernel holds from before. */
  adopt(found: Program): void;
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

/** Longer than the kernel keeps an element: what is let go must be known as long as it may be there. */
const REMEMBERED_MILLIS = (CUT_SECONDS + 10) * 1000;

const ELEMENTS_PER_COMMAND = 200;

interface Cut {
  readonly connection: Connection;
  /** In the milliseconds of `now`. */
  readonly until: number;
}

/** `now` gives milliseconds of a clock that does not jump. */
export function createConnectionCutter(
  node: NodePlace,
  kernel: Pick<Kernel, "apply">,
  conntrack: Conntrack,
  now: () => number,
): ConnectionCutter {
  const cuts = new Map<string, Cut>();

  // Once for all connections: to ask for it costs system calls.
  const placeNow = (): NodePlace => {
    const own = node.ownAddresses();
    return { ...node, ownAddresses: () => own };
  };
  // Each piece may stand alone: a packet of a connection whose element is there already is dropped a little earlier.
  const apply = (delta: Delta): Promise<void> => applyInPieces(kernel, delta, PIECE_BYTES);

  const release = async (place: NodePlace): Promise<void> => {
    const allowed: [string, Connection][] = [];
    for (const [key, { connection, until }] of cuts) {
      if (until < now()) cuts.delete(key);
      else if (stopOfConnection(place, connection) === undefined) allowed.push([key, connection]);
    }
    await apply(removal(allowed.map(([, connection]) => connection)));
    for (const [key] of allowed) cuts.delete(key);
  };

  return {
    get isCutting() {
      for (const { until } of cuts.values()) if (until >= now()) return true;
      return false;
    },
    look: async () => {
      const place = placeNow();
      await release(place);
      const entries: ConntrackEntry[] = [];
      const found: CutConnection[] = [];
      const before: Connection[] = [];
      const elements: CutConnection[] = [];
      for (const entry of conntrack.count() === 0 ? [] : conntrack.dump()) {
        const connection = connectionOf(entry);
        const because = stopOfConnection(place, connection);
        if (because === undefined) continue;
        const cut = { ...connection, because };
        entries.push(entry);
        found.push(cut);
        if (!hasPorts(entry.protocol)) continue;
        const key = keyOf(cut);
        // Only what is taken out first begins its time anew.
        if (cuts.has(key)) before.push(cut);
        cuts.set(key, { connection: cut, until: now() + REMEMBERED_MILLIS });
        elements.push(cut);
      }
      await apply([...removal(before), ...elementOperations("add", elements, CUT_SECONDS)]);
      // Only now: without its entry, the next packet of either end would be taken for a new connection.
      for (const entry of entries) conntrack.delete(entry);
      return found;
    },
    release: async () => {
      if (cuts.size > 0) await release(placeNow());
    },
    restoring: () => {
      const left = [...cuts.values()].filter(({ until }) => until >= now());
      return elementOperations(
        "add",
        left.map(({ connection }) => connection),
        CUT_SECONDS,
      );
    },
    adopt: (found) => {
      for (const family of FAMILIES) {
        for (const element of found.sets.get(`cut${family}`)?.elements.keys() ?? []) {
          const connection = connectionOfElement(family, element);
          if (connection === undefined) continue;
          cuts.set(keyOf(connection), { connection, until: now() + REMEMBERED_MILLIS });
        }
      }
    },
  };
}

function hasPorts(protocol: number): boolean {
  return TRANSPORTS.has(protocol as typeof TCP);
}

/** Judged as it began: from who sent the first packet, to who got it after any translation of the destination. */
function connectionOf({ family, protocol, original, reply }: ConntrackEntry): Connection {
  const withPorts = hasPorts(protocol);
  return {
    family,
    protocol,
    source: original.source,
    destination: reply.source,
    sourcePort: withPorts ? original.sourcePort : 0,
    destinationPort: withPorts ? reply.sourcePort : 0,
  };
}

function stopOfConnection(place: NodePlace, connection: Connection): Stop | undefined {
  const protocol = TRANSPORTS.get(connection.protocol as typeof TCP);
  const traffic: Traffic =
    protocol === undefined ? { protocol: "other" } : { protocol, port: connection.destinationPort };
  return stopOf(place, connection.source, connection.destination, traffic);
}

function keyOf(connection: Connection): string {
  const { family, protocol, source, sourcePort, destination, destinationPort } = connection;
  return `${family} ${protocol} ${addressKey(source)} ${sourcePort} ${addressKey(destination)} ${destinationPort}`;
}

/** Takes elements out that may have timed out in this very moment: what is not there could not be deleted. */
function removal(connections: readonly Connection[]): Delta {
  return [
    ...elementOperations("add", connections, CUT_SECONDS),
    ...elementOperations("delete", connections, undefined),
  ];
}

function elementOperations(
  verb: "add" | "delete",
  connections: readonly Connection[],
  seconds: number | undefined,
): Delta {
  const operations: DeltaOperation[] = [];
  for (const family of FAMILIES) {
    const own = connections.filter((connection) => connection.family === family);
    const timeout = seconds === undefined ? "" : ` timeout ${seconds}s`;
    for (let i = 0; i < own.length; i += ELEMENTS_PER_COMMAND) {
      const list = own.slice(i, i + ELEMENTS_PER_COMMAND).map((each) => `${elementOf(each)}${timeout}`);
      operations.push({
        target: `set cut${family}`,
        command: `${verb} element ${TABLE} cut${family} { ${list.join(", ")} }`,
      });
    }
  }
  return operations;
}

function elementOf({ source, destination, protocol, sourcePort, destinationPort }: Connection): string {
  return `${formatAddress(source)} . ${formatAddress(destination)} . ${protocol} . ${sourcePort} . ${destinationPort}`;
}

/** An element as the kernel is read back; undefined where it is none of ours. */
function connectionOfElement(family: Family, element: string): Connection | undefined {
  const [from = "", to = "", name = "", ...ports] = element.split(" . ");
  const source = parseAddress(from);
  const destination = parseAddress(to);
  const protocol = [...TRANSPORTS].find(
    ([number, text]) => name === String(number) || name === text.toLowerCase(),
  );
  const [sourcePort = Number.NaN, destinationPort = Number.NaN] = ports.map(Number);
  if (source === undefined || destination === undefined || protocol === undefined) return undefined;
  if (!Number.isInteger(sourcePort) || !Number.isInteger(destinationPort)) return undefined;
  return { family, protocol: protocol[0], source, destination, sourcePort, destinationPort };
}
