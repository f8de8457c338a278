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
  const dense = groups.filter(({ row }) => row.cells.dense !== undefined);
  const listed = groups.filter(({ row }) => row.cells.dense === undefined);
  const naming = namingGroups(listed, seen.length);

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

  const result: number[] = [];
  for (const from of seen) {
    if (from === undefined) continue;
    const { index } = from.podClass;
    const leaving = from.egress.restOfClasses;
    let count = 0;
    if (leaving !== NO_PORTS) {
      count = base(leaving);
      const correct = ({ row, pods }: IngressGroup): void => {
        const usual = meet(leaving, row.restOfClasses);
        if (usual !== meet(leaving, portsAtIndex(row, index))) count += usual ? -pods : pods;
      };
      for (let i = naming.starts[index]!; i < naming.starts[index + 1]!; i++)
        correct(listed[naming.groups[i]!]!);
      for (const group of dense) correct(group);
    }
    forEachCell(from.egress, (to, ports) => {
      const group = groupOf[to];
      if (group === undefined) return;
      const entering = portsAtIndex(group.row, index);
      const usual = meet(leaving, entering);
      if (usual !== meet(ports, entering)) count += usual ? -seen[to]!.pods : seen[to]!.pods;
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
  /** By class index. */
  groupOf: readonly (IngressGroup | undefined)[];
  podsByRest: ReadonlyMap<PortSet, number>;
} {
  const groups = new Map<Row, IngressGroup>();
  const groupOf: (IngressGroup | undefined)[] = new Array(seen.length);
  const podsByRest = new Map<PortSet, number>();
  for (const each of seen) {
    if (each === undefined) continue;
    let group = groups.get(each.ingress);
    if (group === undefined) {
      group = { row: each.ingress, pods: 0 };
      groups.set(each.ingress, group);
    }
    group.pods += each.pods;
    groupOf[each.podClass.index] = group;
    const { restOfClasses } = each.ingress;
    podsByRest.set(restOfClasses, (podsByRest.get(restOfClasses) ?? 0) + each.pods);
  }
  return { groups: [...groups.values()], groupOf, podsByRest };
}

/**
 * For each source index the groups whose listed cells name it: those of source `i` are `groups[starts[i]]` up to
 * `groups[starts[i + 1] - 1]`.
 */
function namingGroups(
  listed: readonly IngressGroup[],
  size: number,
): { readonly starts: Uint32Array; readonly groups: Uint32Array } {
  const starts = new Uint32Array(size + 2);
  for (const { row } of listed) for (const index of row.cells.indexes) starts[index + 2]!++;
  for (let i = 2; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  const groups = new Uint32Array(starts[size + 1]!);
  for (const [place, { row }] of listed.entries()) {
    for (const index of row.cells.indexes) groups[starts[index + 1]!++] = place;
  }
  return { starts, groups };
}
