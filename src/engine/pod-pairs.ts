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
  readonly members: number[];
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
    intersectPorts(
      portsAtIndex(from.egress, to.podClass.index),
      portsAtIndex(to.ingress, from.podClass.index),
    ) !== NO_PORTS;
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
  const groups = new Map<Row, IngressGroup>();
  const groupOf: (IngressGroup | undefined)[] = [];
  const podsByRest = new Map<PortSet, number>();
  for (const each of seen) {
    if (each === undefined) continue;
    let group = groups.get(each.ingress);
    if (group === undefined) {
      group = { row: each.ingress, members: [], pods: 0 };
      groups.set(each.ingress, group);
    }
    const { index } = each.podClass;
    group.members.push(index);
    group.pods += each.pods;
    groupOf[index] = group;
    const { restOfClasses } = each.ingress;
    podsByRest.set(restOfClasses, (podsByRest.get(restOfClasses) ?? 0) + each.pods);
  }
  const dense = [...groups.values()].filter(({ row }) => row.cells.dense !== undefined);
  const differing = differingGroups([...groups.values()], seen.length);

  const baseOf = new Map<PortSet, number>();
  const base = (ports: PortSet): number => {
    let sum = baseOf.get(ports);
    if (sum === undefined) {
      sum = 0;
      for (const [rest, count] of podsByRest) if (intersectPorts(ports, rest) !== NO_PORTS) sum += count;
      baseOf.set(ports, sum);
    }
    return sum;
  };

  const result: number[] = [];
  for (const from of seen) {
    if (from === undefined) continue;
    const { index } = from.podClass;
    const leaving = from.egress.restOfClasses;
    let count = base(leaving);
    const correct = (group: IngressGroup, entering: PortSet): void => {
      const usual = intersectPorts(leaving, group.row.restOfClasses) !== NO_PORTS;
      const really = intersectPorts(leaving, entering) !== NO_PORTS;
      if (usual !== really) count += really ? group.pods : -group.pods;
    };
    for (const [group, ports] of differing[index] ?? []) correct(group, ports);
    for (const group of dense) correct(group, portsAtIndex(group.row, index));
    forEachCell(from.egress, (to, ports) => {
      const group = groupOf[to];
      if (group === undefined) return;
      const entering = portsAtIndex(group.row, index);
      const usual = intersectPorts(leaving, entering) !== NO_PORTS;
      const really = intersectPorts(ports, entering) !== NO_PORTS;
      if (usual !== really) count += really ? seen[to]!.pods : -seen[to]!.pods;
    });
    result[index] = count;
  }
  return result;
}

/** For each source index, the groups whose listed cells name it, with what they say. */
function differingGroups(
  groups: readonly IngressGroup[],
  size: number,
): (readonly (readonly [IngressGroup, PortSet])[] | undefined)[] {
  const result: ([IngressGroup, PortSet][] | undefined)[] = new Array(size);
  for (const group of groups) {
    if (group.row.cells.dense !== undefined) continue;
    forEachCell(group.row, (index, ports) => {
      const list = result[index];
      if (list === undefined) result[index] = [[group, ports]];
      else list.push([group, ports]);
    });
  }
  return result;
}
