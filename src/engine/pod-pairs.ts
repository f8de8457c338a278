import { intersectPorts, NO_PORTS, type PortSet } from "../net/port-set.ts";
import type { PodClass } from "./classes.ts";
import type { FamilyView } from "./family-view.ts";
import { forEachCell, portsAtIndex, type Row } from "./row.ts";

/**
 * The full reachability of a family: what may pass between any two classes, and how many pairs of pods that connects.
 * It looks at every pair of classes, but only at those alone that differ from the rest of their rows.
 */
export interface PodPairs {
  /** Ordered pairs of different pods. */
  readonly pairs: number;
  /** Those of them between which something may pass. */
  readonly connected: number;
  /** What may pass from the pods of one class to those of another (or to other pods of the same class). */
  ports(from: PodClass, to: PodClass): PortSet;
  /** How many other pods each pod of a class may open a connection to. */
  reachableFrom(from: PodClass): number;
  /** Takes in what became different since the last time. Looks only at the rows and columns that did. */
  update(): void;
}

interface Seen {
  readonly podClass: PodClass;
  readonly pods: number;
  readonly egress: Row;
  readonly ingress: Row;
}

/** Destinations with the same ingress row. */
interface IngressGroup {
  readonly row: Row;
  pods: number;
}

export function podPairs(view: FamilyView): PodPairs {
  /** By class index. */
  let seen: (Seen | undefined)[] = [];
  /** By class index: to how many pods each of its pods may open a connection, its own included. */
  let reachable: number[] = [];
  let pods = 0;
  let connected = 0;

  const look = (): (Seen | undefined)[] => {
    const found: (Seen | undefined)[] = [];
    for (const podClass of view.classes()) {
      found[podClass.index] = {
        podClass,
        pods: podClass.pods.size,
        egress: view.row("egress", podClass),
        ingress: view.row("ingress", podClass),
      };
    }
    return found;
  };
  const passes = (from: Seen, to: Seen): boolean =>
    meet(portsAtIndex(from.egress, to.podClass.index), portsAtIndex(to.ingress, from.podClass.index));
  const total = (): void => {
    pods = 0;
    connected = 0;
    for (const [index, each] of seen.entries()) {
      if (each === undefined) continue;
      pods += each.pods;
      connected += each.pods * (reachable[index]! - (passes(each, each) ? 1 : 0));
    }
  };
  const computeAll = (): void => {
    seen = look();
    reachable = reachableByClass(seen);
    total();
  };
  computeAll();

  return {
    get pairs() {
      return pods * (pods - 1);
    },
    get connected() {
      return connected;
    },
    ports: (from, to) =>
      intersectPorts(
        portsAtIndex(view.row("egress", from), to.index),
        portsAtIndex(view.row("ingress", to), from.index),
      ),
    reachableFrom: (from) => {
      const each = seen[from.index];
      if (each === undefined) throw new Error("the class is not there, or update() was not called");
      return reachable[from.index]! - (passes(each, each) ? 1 : 0);
    },
    update: () => {
      const now = look();
      const sources: Seen[] = [];
      const destinations: number[] = [];
      for (let index = 0; index < Math.max(now.length, seen.length); index++) {
        const [before, after] = [seen[index], now[index]];
        if (before === undefined && after === undefined) continue;
        const isOther = before?.podClass !== after?.podClass;
        if (after !== undefined && (isOther || before?.egress !== after.egress)) sources.push(after);
        if (isOther || before?.ingress !== after?.ingress || before?.pods !== after?.pods)
          destinations.push(index);
      }
      if (sources.length + destinations.length > now.length / 4) {
        computeAll();
        return;
      }
      const anew = new Set(sources.map(({ podClass }) => podClass.index));
      for (const [index, from] of now.entries()) {
        if (from === undefined || anew.has(index)) continue;
        const before = seen[index]!;
        let count = reachable[index]!;
        for (const place of destinations) {
          const [old, to] = [seen[place], now[place]];
          if (old !== undefined && passes(before, old)) count -= old.pods;
          if (to !== undefined && passes(from, to)) count += to.pods;
        }
        reachable[index] = count;
      }
      for (const from of sources) {
        let count = 0;
        for (const to of now) if (to !== undefined && passes(from, to)) count += to.pods;
        reachable[from.podClass.index] = count;
      }
      seen = now;
      total();
    },
  };
}

/** For each class index the number of pods that a pod of it may reach. */
function reachableByClass(seen: readonly (Seen | undefined)[]): number[] {
  const { groups, groupOf, podsByRest } = groupByIngress(seen);
  const dense = [...groups.keys()].filter((place) => groups[place]!.row.dense !== undefined);
  const naming = namingGroups(groups, seen.length);

  const bases = new Map<PortSet, number>();
  /** How many pods ports reach, if every ingress row lets in what it does to the rest. */
  const base = (leaving: PortSet): number => {
    let sum = bases.get(leaving);
    if (sum === undefined) {
      sum = 0;
      for (const [rest, count] of podsByRest) if (meet(leaving, rest)) sum += count;
      bases.set(leaving, sum);
    }
    return sum;
  };

  const rests = groups.map(({ row }) => row.restOfClasses);
  const result: number[] = [];
  for (const from of seen) {
    if (from === undefined) continue;
    const { index } = from.podClass;
    const leaving = from.egress.restOfClasses;
    let count = base(leaving);
    // What each group lets in from here. Most say what they say to the rest.
    const entering = rests.slice();
    const correct = (place: number): void => {
      const { row, pods } = groups[place]!;
      const ports = portsAtIndex(row, index);
      const rest = rests[place]!;
      if (ports === rest) return;
      entering[place] = ports;
      const usual = meet(leaving, rest);
      if (usual !== meet(leaving, ports)) count += usual ? -pods : pods;
    };
    for (let i = naming.starts[index]!; i < naming.starts[index + 1]!; i++) correct(naming.groups[i]!);
    for (const place of dense) correct(place);
    forEachCell(from.egress, (to, ports) => {
      // Rows speak of classes too that have no address of the family.
      const place = groupOf[to] ?? -1;
      if (place < 0) return;
      const entered = entering[place]!;
      const usual = meet(leaving, entered);
      if (usual !== meet(ports, entered)) count += usual ? -seen[to]!.pods : seen[to]!.pods;
    });
    result[index] = count;
  }
  return result;
}

function meet(a: PortSet, b: PortSet): boolean {
  if (a === NO_PORTS || b === NO_PORTS) return false;
  return a === b || intersectPorts(a, b) !== NO_PORTS;
}

function groupByIngress(seen: readonly (Seen | undefined)[]): {
  groups: readonly IngressGroup[];
  /** By class index, the place of its group; -1 for an index without a class. */
  groupOf: Int32Array;
  podsByRest: ReadonlyMap<PortSet, number>;
} {
  const groups: IngressGroup[] = [];
  const placeOf = new Map<Row, number>();
  const groupOf = new Int32Array(seen.length).fill(-1);
  const podsByRest = new Map<PortSet, number>();
  for (const each of seen) {
    if (each === undefined) continue;
    let place = placeOf.get(each.ingress);
    if (place === undefined) {
      place = groups.push({ row: each.ingress, pods: 0 }) - 1;
      placeOf.set(each.ingress, place);
    }
    groups[place]!.pods += each.pods;
    groupOf[each.podClass.index] = place;
    const { restOfClasses } = each.ingress;
    podsByRest.set(restOfClasses, (podsByRest.get(restOfClasses) ?? 0) + each.pods);
  }
  return { groups, groupOf, podsByRest };
}

/**
 * For each source index the places of the groups whose listed cells name it: those of source `i` are
 * `groups[starts[i]]` up to `groups[starts[i + 1] - 1]`. Dense rows are left out: they name everybody.
 */
function namingGroups(
  all: readonly IngressGroup[],
  size: number,
): { readonly starts: Uint32Array; readonly groups: Uint32Array } {
  const starts = new Uint32Array(size + 2);
  const forEach = (visit: (index: number, place: number) => void): void => {
    for (let place = 0; place < all.length; place++) {
      const { indexes } = all[place]!.row;
      for (let i = 0; i < indexes.length; i++) if (indexes[i]! < size) visit(indexes[i]!, place);
    }
  };
  forEach((index) => {
    starts[index + 2]!++;
  });
  for (let i = 2; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  const groups = new Uint32Array(starts[size + 1]!);
  forEach((index, place) => {
    groups[starts[index + 1]!++] = place;
  });
  return { starts, groups };
}
