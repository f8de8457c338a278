import type { Area } from "../../engine/areas.ts";
import { portsOfArea, type Row } from "../../engine/row.ts";
import type { Family } from "../../net/address.ts";
import type { PortSet } from "../../net/port-set.ts";
import type { OutsidePeer } from "./diff-peers.ts";
import type { RowPair } from "./differing-kinds.ts";
import type { Engines } from "./states.ts";

/**
 * Finds the ranges outside that rows may treat otherwise after than before, and at least all that they do. Only those
 * are looked at that lie in blocks of the rows, unless what the rows say of all others differs.
 */
export function outsideDifferences(
  engines: Engines,
  outside: readonly OutsidePeer[],
): (rows: RowPair, family: Family) => readonly OutsidePeer[] {
  const enclosing = {
    before: new Map(outside.map((peer) => [peer, around(engines, "before", peer)])),
    after: new Map(outside.map((peer) => [peer, around(engines, "after", peer)])),
  };
  const within = { before: peersByArea(enclosing.before), after: peersByArea(enclosing.after) };
  const ofFamily = {
    4: outside.filter(({ family }) => family === 4),
    6: outside.filter(({ family }) => family === 6),
  };
  const common = (
    rows: readonly Row[],
    state: "before" | "after",
    peer: OutsidePeer,
  ): PortSet | "mixed" | undefined => {
    let ports: PortSet | undefined;
    for (const row of rows) {
      const each = portsOfArea(row, enclosing[state].get(peer)!);
      if (ports !== undefined && ports !== each) return "mixed";
      ports = each;
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
    const differing: OutsidePeer[] = [];
    for (const peer of candidates(rows, family)) {
      const before = common(rows.before, "before", peer);
      if (before === "mixed" || before !== common(rows.after, "after", peer)) differing.push(peer);
    }
    return differing;
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
