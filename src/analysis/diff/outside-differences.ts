import type { Area } from "../../engine/areas.ts";
import { portsOfArea, type Row } from "../../engine/row.ts";
import type { Family } from "../../net/address.ts";
import { type PortSet, unionPorts } from "../../net/port-set.ts";
import type { OutsidePeer } from "./diff-peers.ts";
import type { RowPair } from "./differing-kinds.ts";
import type { Engines } from "./states.ts";

/** Ranges that rows treat otherwise after than before, all in the same way. Undefined: there are no such rows. */
export interface OutsideDifference {
  readonly before: PortSet | undefined;
  readonly after: PortSet | undefined;
  /** Of one family. */
  readonly peers: readonly OutsidePeer[];
}

/**
 * Finds the ranges outside that rows treat otherwise after than before. Only those are looked at that lie in blocks of
 * the rows, unless what the rows say of all others differs.
 */
export function outsideDifferences(
  engines: Engines,
  outside: readonly OutsidePeer[],
): (rows: RowPair, family: Family) => readonly OutsideDifference[] {
  const enclosing = {
    before: new Map(outside.map((peer) => [peer, around(engines, "before", peer)])),
    after: new Map(outside.map((peer) => [peer, around(engines, "after", peer)])),
  };
  const within = { before: peersByArea(enclosing.before), after: peersByArea(enclosing.after) };
  const ofFamily = {
    4: outside.filter(({ family }) => family === 4),
    6: outside.filter(({ family }) => family === 6),
  };
  const portsAt = (
    rows: readonly Row[],
    state: "before" | "after",
    peer: OutsidePeer,
  ): PortSet | undefined => {
    let ports: PortSet | undefined;
    for (const row of rows) {
      const each = portsOfArea(row, enclosing[state].get(peer)!);
      ports = ports === undefined ? each : unionPorts(ports, each);
    }
    return ports;
  };
  const candidates = (rows: RowPair, family: Family): Iterable<OutsidePeer> => {
    const rest = restOfAreas(rows.before);
    if (rest === undefined || rest !== restOfAreas(rows.after)) return ofFamily[family];
    const found = new Set<OutsidePeer>();
    for (const state of ["before", "after"] as const) {
      for (const { areas } of rows[state]) {
        for (const area of areas.keys()) for (const peer of within[state].get(area) ?? []) found.add(peer);
      }
    }
    return found;
  };
  return (rows, family) => {
    const found = new Map<string, OutsideDifference & { readonly peers: OutsidePeer[] }>();
    for (const peer of candidates(rows, family)) {
      const before = portsAt(rows.before, "before", peer);
      const after = portsAt(rows.after, "after", peer);
      if (before === after) continue;
      const key = `${before?.id} ${after?.id}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { before, after, peers: [peer] });
      else known.peers.push(peer);
    }
    return [...found.values()];
  };
}

/** What all rows say of areas that are in none of their blocks; undefined if they differ, or there is none. */
function restOfAreas(rows: readonly Row[]): PortSet | undefined {
  const rest = rows[0]?.restOfAreas;
  return rows.every((row) => row.restOfAreas === rest) ? rest : undefined;
}

/** The areas around a range, itself first. */
function around(engines: Engines, state: "before" | "after", peer: OutsidePeer): readonly Area[] {
  return engines[state].view(peer.family).areas.enclosing(peer.areas[state]);
}

function peersByArea(enclosing: ReadonlyMap<OutsidePeer, readonly Area[]>): Map<Area, OutsidePeer[]> {
  const result = new Map<Area, OutsidePeer[]>();
  for (const [peer, areas] of enclosing) {
    for (const area of areas) {
      const peers = result.get(area);
      if (peers === undefined) result.set(area, [peer]);
      else peers.push(peer);
    }
  }
  return result;
}
