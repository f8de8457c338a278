import { hasFamily, type PodClass } from "../../engine/classes.ts";
import { forEachCell, portsOfClass, type Row } from "../../engine/row.ts";
import type { Direction } from "../../k8s/objects.ts";
import type { Family } from "../../net/address.ts";
import type { PortSet } from "../../net/port-set.ts";
import type { WorkloadKind } from "./kinds.ts";

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
  isTouched: (kind: WorkloadKind) => boolean,
): DifferingKinds[] {
  const looks = kinds.map((kind) => lookAt(kind, family));
  const places = looks.map((_, place) => place);
  const partial = places.filter(
    (place) => (looks[place]!.before.length === 0) !== (looks[place]!.after.length === 0),
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
    if ((before.length === 0 && after.length === 0) || !isTouched(kinds[place]!)) continue;
    const rows = {
      before: rowsOf(kinds[place]!, "before", before, direction, family),
      after: rowsOf(kinds[place]!, "after", after, direction, family),
    };
    const key = `${ids(rows.before)}|${ids(rows.after)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { rows, subjects: [place] });
    else group.subjects.push(place);
  }
  return [...groups.values()].map(({ rows, subjects }) => ({ rows, subjects, peers: peersOf(rows) }));
}

interface Look {
  readonly before: readonly PodClass[];
  readonly after: readonly PodClass[];
}

function lookAt({ members }: WorkloadKind, family: Family): Look {
  const { before, after } = members[0]!.sides;
  const classes = (side: typeof before): PodClass[] =>
    side === undefined ? [] : [...side.classes.keys()].filter((each) => hasFamily(each, family));
  return { before: classes(before), after: classes(after) };
}

function placesByClass(looks: readonly Look[], state: "before" | "after"): (number[] | undefined)[] {
  const result: (number[] | undefined)[] = [];
  for (const [place, look] of looks.entries()) {
    for (const { index } of look[state]) {
      const places = result[index];
      if (places === undefined) result[index] = [place];
      else places.push(place);
    }
  }
  return result;
}

function rowsOf(
  { members }: WorkloadKind,
  state: "before" | "after",
  classes: readonly PodClass[],
  direction: Direction,
  family: Family,
): Row[] {
  const view = members[0]!.sides[state]?.engine.view(family);
  return view === undefined ? [] : [...new Set(classes.map((each) => view.row(direction, each)))];
}

/** What all rows say of the rest; undefined if they differ, or there is none. */
function restOf(rows: readonly Row[]): PortSet | undefined {
  const rest = rows[0]?.restOfClasses;
  return rows.every((row) => row.restOfClasses === rest) ? rest : undefined;
}

function mayDiffer(rows: RowPair, look: Look): boolean {
  const before = commonPorts(rows.before, look.before);
  const after = commonPorts(rows.after, look.after);
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
