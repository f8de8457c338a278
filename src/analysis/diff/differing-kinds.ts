import type { PodClass } from "../../engine/classes.ts";
import { forEachCell, portsOfClass, type Row } from "../../engine/row.ts";
import type { Direction } from "../../k8s/objects.ts";
import type { Family } from "../../net/address.ts";
import type { PortSet } from "../../net/port-set.ts";
import type { WorkloadKind } from "./kinds.ts";
import type { IsTouched } from "./touched-kinds.ts";
import { type FamilySide, rowsOf } from "./workload-side.ts";

/** The rows of the classes of a kind, before and after. */
export interface RowPair {
  readonly before: readonly Row[];
  readonly after: readonly Row[];
}

/** Kinds with the same rows, and the places of the peers that these rows treat otherwise than before. */
export interface DifferingKinds {
  readonly rows: RowPair;
  readonly subjects: readonly number[];
  readonly peers: readonly number[];
}

/**
 * For every kind, the kinds that its rows of one direction may treat otherwise after than before, and at least all that
 * they do. Of a kind that is not touched no row differs. Rows are shared and mostly say of a peer what they say of the rest, so that few cells are looked at.
 */
export function differingKinds(
  kinds: readonly WorkloadKind[],
  direction: Direction,
  family: Family,
  isTouched: IsTouched,
): DifferingKinds[] {
  const looks = kinds.map((kind) => lookAt(kind, family));
  const places = looks.map((_, place) => place);
  const partial = places.filter(
    (place) => (looks[place]!.before.classes.length === 0) !== (looks[place]!.after.classes.length === 0),
  );
  const byClass = { before: placesByClass(looks, "before"), after: placesByClass(looks, "after") };
  const seen = new Uint32Array(kinds.length);
  let round = 0;

  const peersOf = (rows: RowPair): number[] => {
    const differing: number[] = [];
    round++;
    const look = (place: number): void => {
      if (seen[place] === round) return;
      seen[place] = round;
      if (mayDiffer(rows, looks[place]!)) differing.push(place);
    };
    const rest = restOf(rows.before);
    if (rest === undefined || rest !== restOf(rows.after)) {
      for (const place of places) look(place);
      return differing;
    }
    for (const place of partial) look(place);
    for (const state of ["before", "after"] as const) {
      for (const row of rows[state]) {
        forEachCell(row, (index) => {
          for (const place of byClass[state][index] ?? []) look(place);
        });
      }
    }
    return differing;
  };

  const groups = new Map<string, { readonly rows: RowPair; readonly subjects: number[] }>();
  const ids = rowIds();
  for (const [place, { before, after }] of looks.entries()) {
    if ((before.classes.length === 0 && after.classes.length === 0) || !isTouched(kinds[place]!, direction))
      continue;
    const rows = { before: distinctRows(before, direction), after: distinctRows(after, direction) };
    const key = `${ids(rows.before)}|${ids(rows.after)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { rows, subjects: [place] });
    else group.subjects.push(place);
  }
  return [...groups.values()].map(({ rows, subjects }) => ({ rows, subjects, peers: peersOf(rows) }));
}

interface Look {
  readonly before: FamilySide | Nobody;
  readonly after: FamilySide | Nobody;
}

/** A workload that is not there. */
type Nobody = typeof NOBODY;

const NOBODY = { classes: [] } as const;

function lookAt({ members }: WorkloadKind, family: Family): Look {
  const { before, after } = members[0]!.sides;
  return { before: before?.families[family] ?? NOBODY, after: after?.families[family] ?? NOBODY };
}

function placesByClass(looks: readonly Look[], state: "before" | "after"): (number[] | undefined)[] {
  const result: (number[] | undefined)[] = [];
  for (const [place, look] of looks.entries()) {
    for (const { index } of look[state].classes) {
      const places = result[index];
      if (places === undefined) result[index] = [place];
      else places.push(place);
    }
  }
  return result;
}

function distinctRows(side: FamilySide | Nobody, direction: Direction): readonly Row[] {
  if (!("view" in side)) return [];
  const rows = rowsOf(side, direction);
  return rows.length === 1 ? rows : [...new Set(rows)];
}

/** What all rows say of the rest; undefined if they differ, or there is none. */
function restOf(rows: readonly Row[]): PortSet | undefined {
  const rest = rows[0]?.restOfClasses;
  return rows.every((row) => row.restOfClasses === rest) ? rest : undefined;
}

function mayDiffer(rows: RowPair, look: Look): boolean {
  const before = commonPorts(rows.before, look.before.classes);
  const after = commonPorts(rows.after, look.after.classes);
  // Classes that differ among themselves may add up to the same: the exact comparison tells.
  return before !== after || before === "mixed";
}

/** What all rows say of all classes. */
function commonPorts(rows: readonly Row[], classes: readonly PodClass[]): PortSet | "mixed" | undefined {
  let common: PortSet | undefined;
  for (const row of rows) {
    for (const each of classes) {
      const ports = portsOfClass(row, each);
      if (common !== undefined && common !== ports) return "mixed";
      common = ports;
    }
  }
  return common;
}

/** Numbers rows, and names lists of them by their numbers. */
function rowIds(): (rows: readonly Row[]) => string {
  const ids = new Map<Row, number>();
  return (rows) =>
    rows
      .map((row) => {
        const known = ids.get(row) ?? ids.size;
        ids.set(row, known);
        return known;
      })
      .sort((a, b) => a - b)
      .join(" ");
}
