import type { ContainerPort, Direction } from "../k8s/objects.ts";
import { FAMILIES, type Family } from "../net/address.ts";
import { ALL_PORTS, NO_PORTS } from "../net/port-set.ts";
import { comparePolicies } from "../policy/policies.ts";
import type { Area, Areas } from "./areas.ts";
import type { PodClass } from "./classes.ts";
import type { LivePolicy } from "./live-policy.ts";
import { addTo, removeFrom } from "./multi-map.ts";
import { createPassTable } from "./pass-table.ts";
import type { Population } from "./population.ts";
import { portsOfClass, type Row, uniformRow } from "./row.ts";
import { createRowEvaluator, type RowSubject } from "./row-evaluator.ts";
import type { Selection, Selections } from "./selections.ts";

/**
 * The rows of all classes: computed when first asked for, shared by classes that the same policies are about, and
 * brought up to date by what changes, no more of them than the change can touch.
 */
export interface RowCache {
  row(direction: Direction, podClass: PodClass, family: Family): Row;
  /** True if the row of a class lets anything pass for a peer. Much faster than asking what. */
  passes(direction: Direction, podClass: PodClass, family: Family, peer: PodClass): boolean;
  /** The policies that are about a class, in the order of judgement. */
  policiesOf(podClass: PodClass): readonly LivePolicy[];
  policyAdded(policy: LivePolicy): void;
  policyRemoved(policy: LivePolicy): void;
  /** To be told after a class came to be or went. */
  classChanged(podClass: PodClass): void;
  /**
   * Computes every row that is not up to date, so that each is ready when it is asked for. Costs nothing where a change
   * outdated nothing. Returns how many were computed.
   */
  settle(): number;
  /** To be told when a class that comes or goes is or was chosen. */
  membershipChanged(selection: Selection, podClass: PodClass): void;
}

interface RowEntry {
  readonly key: string;
  readonly subject: RowSubject;
  /** Undefined until it is asked for. */
  row: Row | undefined;
  /** The indexes of classes whose cells must be judged anew. */
  readonly outdated: Set<number>;
  isOutdated: boolean;
  /** In the table of who may pass at all; -1 where it has none. */
  place: number;
  /** The classes that use it: once for each family, if it is the same for both. */
  readonly users: PodClass[];
}

/** The entries of a class by direction and family, in the order of {@link slotOf}. */
type ClassEntries = (RowEntry | undefined)[];

/** Takes the rows of one direction off a class. */
function takeAway(podClass: PodClass, direction: Direction): void {
  if (direction === "ingress") {
    podClass.ingress4 = undefined;
    podClass.ingress6 = undefined;
    podClass.ingress4Place = -1;
    podClass.ingress6Place = -1;
  } else {
    podClass.egress4 = undefined;
    podClass.egress6 = undefined;
    podClass.egress4Place = -1;
    podClass.egress6Place = -1;
  }
}

function slotOf(direction: Direction, family: Family): number {
  return (direction === "ingress" ? 0 : 1) + (family === 4 ? 0 : 2);
}

const DIRECTIONS: readonly Direction[] = ["ingress", "egress"];

/** Of the row of classes that no policy is about. It never changes, so nobody has to know who uses it. */
const OPEN_KEY = "open";

function openEntry(direction: Direction): RowEntry {
  return {
    key: OPEN_KEY,
    subject: { direction, family: 4, policies: [], namedPorts: [] },
    row: OPEN,
    outdated: new Set(),
    isOutdated: false,
    place: -1,
    users: [],
  };
}

const OPEN = uniformRow(ALL_PORTS);

export function createRowCache(
  population: Population,
  areas: Readonly<Record<Family, Areas>>,
  selections: Selections,
): RowCache {
  const table = createPassTable(() => population.classes.length);
  let hasTable = true;
  const evaluator = createRowEvaluator(population, areas);
  const open: Record<Direction, RowEntry> = { ingress: openEntry("ingress"), egress: openEntry("egress") };
  /** By class index. */
  const entriesByClass: (ClassEntries | undefined)[] = [];
  const policiesByClass: (readonly LivePolicy[] | undefined)[] = [];
  const entries = new Map<string, RowEntry>();
  const entriesByPolicy: Record<Direction, Map<LivePolicy, Set<RowEntry>>> = {
    ingress: new Map(),
    egress: new Map(),
  };
  const entriesWithAreas = new Set<RowEntry>();
  /** The policies for which names of ports make a difference between peers. */
  const namingPorts = new Set<LivePolicy>();
  /** Classes that have lost their rows, or are new. */
  const unsettledClasses = new Set<PodClass>();
  const unsettledEntries = new Set<RowEntry>();
  const aboutSubject = new Map<Selection, LivePolicy[]>();
  /** By selection, the policies that name it as a peer. */
  const namingPeer: Record<Direction, Map<Selection, LivePolicy[]>> = {
    ingress: new Map(),
    egress: new Map(),
  };

  const policiesOf = (podClass: PodClass): readonly LivePolicy[] => {
    const known = policiesByClass[podClass.index];
    if (known !== undefined) return known;
    const policies: LivePolicy[] = [];
    for (const selection of selections.selectionsOf(podClass)) {
      for (const policy of aboutSubject.get(selection) ?? []) policies.push(policy);
    }
    if (policies.length > 1) policies.sort((a, b) => comparePolicies(a.policy, b.policy));
    policiesByClass[podClass.index] = policies;
    return policies;
  };
  const forget = (podClass: PodClass): void => {
    unsettledClasses.add(podClass);
    policiesByClass[podClass.index] = undefined;
    for (const direction of DIRECTIONS) takeAway(podClass, direction);
    const held = entriesByClass[podClass.index];
    entriesByClass[podClass.index] = undefined;
    for (const entry of held ?? []) if (entry !== undefined && entry.key !== OPEN_KEY) leave(entry, podClass);
  };
  const leave = (entry: RowEntry, podClass: PodClass): void => {
    const last = entry.users.pop();
    if (last !== undefined && last !== podClass) entry.users[entry.users.indexOf(podClass)] = last;
    if (entry.users.length > 0) return;
    entries.delete(entry.key);
    if (entry.place >= 0) table.free(entry.place);
    for (const policy of entry.subject.policies) {
      removeFrom(entriesByPolicy[entry.subject.direction], policy, entry);
    }
    unsettledEntries.delete(entry);
    entriesWithAreas.delete(entry);
  };

  const entryOf = (direction: Direction, podClass: PodClass, family: Family): RowEntry => {
    let held = entriesByClass[podClass.index];
    if (held === undefined) {
      held = [undefined, undefined, undefined, undefined];
      entriesByClass[podClass.index] = held;
    }
    const slot = slotOf(direction, family);
    let entry = held[slot];
    if (entry === undefined) {
      entry = findEntry(direction, podClass, family);
      held[slot] = entry;
      if (entry.key !== OPEN_KEY) entry.users.push(podClass);
    }
    return entry;
  };
  const findEntry = (direction: Direction, podClass: PodClass, family: Family): RowEntry => {
    const policies = policiesOf(podClass).filter((policy) => policy.facts[direction].concerns);
    if (policies.length === 0) return open[direction];
    let byFamily = false;
    let named = false;
    let ids = "";
    for (const { id, facts } of policies) {
      ids += `${id},`;
      if (facts[direction].areas.length > 0) byFamily = true;
      if (facts[direction].named) named = true;
    }
    // A name in an ingress rule means a port of the class itself; elsewhere its ports make no difference.
    const usesOwnPorts = named && direction === "ingress";
    const key = `${direction} ${byFamily ? family : ""} ${ids} ${usesOwnPorts ? podClass.look.portsKey : ""}`;
    const known = entries.get(key);
    if (known !== undefined) return known;
    const namedPorts: readonly ContainerPort[] = usesOwnPorts ? podClass.look.namedPorts : [];
    const entry: RowEntry = {
      key,
      subject: { direction, family, policies, namedPorts },
      row: undefined,
      outdated: new Set(),
      isOutdated: false,
      place: -1,
      users: [],
    };
    entries.set(key, entry);
    if (byFamily) entriesWithAreas.add(entry);
    for (const policy of policies) addTo(entriesByPolicy[direction], policy, entry);
    return entry;
  };
  const outdate = (entry: RowEntry, index: number): void => {
    if (entry.row === undefined) return;
    entry.outdated.add(index);
    if (entry.isOutdated) return;
    entry.isOutdated = true;
    unsettledEntries.add(entry);
    const { direction } = entry.subject;
    for (const podClass of entry.users) takeAway(podClass, direction);
  };
  const current = (entry: RowEntry): Row => {
    const { row, subject, outdated } = entry;
    if (row !== undefined && !entry.isOutdated) {
      if (entry.place < 0) entry.place = table.put(row, -1);
      return row;
    }
    const now = row === undefined ? evaluator.evaluate(subject) : evaluator.correct(subject, row, outdated);
    entry.row = now;
    entry.place = table.put(now, entry.place);
    entry.isOutdated = false;
    outdated.clear();
    unsettledEntries.delete(entry);
    return now;
  };

  /** Brings a row up to date and puts it on its class. */
  const rowOf = (direction: Direction, podClass: PodClass, family: Family): Row => {
    const entry = entryOf(direction, podClass, family);
    const row = current(entry);
    if (direction === "ingress") {
      if (family === 4) {
        podClass.ingress4 = row;
        podClass.ingress4Place = entry.place;
      } else {
        podClass.ingress6 = row;
        podClass.ingress6Place = entry.place;
      }
    } else if (family === 4) {
      podClass.egress4 = row;
      podClass.egress4Place = entry.place;
    } else {
      podClass.egress6 = row;
      podClass.egress6Place = entry.place;
    }
    return row;
  };
  const row = (direction: Direction, podClass: PodClass, family: Family): Row => {
    const known =
      direction === "ingress"
        ? family === 4
          ? podClass.ingress4
          : podClass.ingress6
        : family === 4
          ? podClass.egress4
          : podClass.egress6;
    return known ?? rowOf(direction, podClass, family);
  };

  return {
    row,
    passes: (direction, podClass, family, peer) => {
      const place =
        direction === "ingress"
          ? family === 4
            ? podClass.ingress4Place
            : podClass.ingress6Place
          : family === 4
            ? podClass.egress4Place
            : podClass.egress6Place;
      if (place >= 0 && hasTable) return table.passes(place, peer.index);
      return portsOfClass(row(direction, podClass, family), peer) !== NO_PORTS;
    },
    policiesOf,
    settle: () => {
      let computed = 0;
      const bring = (entry: RowEntry): void => {
        if (entry.row !== undefined && !entry.isOutdated) return;
        current(entry);
        computed++;
      };
      for (const podClass of unsettledClasses) {
        if (population.classes[podClass.index] !== podClass) continue;
        for (const family of FAMILIES) {
          if (podClass.areas[family] === undefined) continue;
          bring(entryOf("ingress", podClass, family));
          bring(entryOf("egress", podClass, family));
        }
      }
      unsettledClasses.clear();
      for (const entry of unsettledEntries) bring(entry);
      return computed;
    },
    policyAdded: (policy) => {
      pushTo(aboutSubject, policy.subject, policy);
      for (const direction of DIRECTIONS) {
        for (const rule of policy.rules[direction]) {
          for (const selection of rule.selections) pushTo(namingPeer[direction], selection, policy);
        }
      }
      if (policy.facts.egress.named) namingPorts.add(policy);
      for (const podClass of policy.subject.members) forget(podClass);
    },
    policyRemoved: (policy) => {
      for (const podClass of policy.subject.members) forget(podClass);
      pullFrom(aboutSubject, policy.subject, policy);
      for (const direction of DIRECTIONS) {
        for (const rule of policy.rules[direction]) {
          for (const selection of rule.selections) pullFrom(namingPeer[direction], selection, policy);
        }
      }
      namingPorts.delete(policy);
    },
    classChanged: (podClass) => {
      forget(podClass);
      hasTable = table.reserve();
      if (entries.size === 0) return;
      for (const family of FAMILIES) {
        const area = podClass.areas[family];
        if (area === undefined) continue;
        const enclosing = areas[family].enclosing(area);
        for (const entry of entriesWithAreas) {
          if (entry.subject.family === family && isAwayFromHome(entry, enclosing))
            outdate(entry, podClass.index);
        }
      }
      if (podClass.look.namedPorts.length === 0) return;
      for (const policy of namingPorts) {
        for (const entry of entriesByPolicy.egress.get(policy) ?? []) outdate(entry, podClass.index);
      }
    },
    membershipChanged: (selection, podClass) => {
      // A class that every pod's selection gains or loses has no cell because of that.
      if (entries.size === 0 || selection.everyPod) return;
      for (const direction of DIRECTIONS) {
        for (const policy of namingPeer[direction].get(selection) ?? []) {
          for (const entry of entriesByPolicy[direction].get(policy) ?? []) outdate(entry, podClass.index);
        }
      }
    },
  };
}

/** True if what a row says of the rest need not hold for pods in an area, given the areas around it. */
function isAwayFromHome({ row }: RowEntry, enclosing: readonly Area[]): boolean {
  return row !== undefined && enclosing.find((outer) => row.areas.has(outer)) !== row.home;
}

/** Lists, as most hold one policy: thousands of small sets would weigh more than the policies. */
function pushTo<K>(map: Map<K, LivePolicy[]>, key: K, policy: LivePolicy): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [policy]);
  // A policy may say the same twice.
  else if (list.at(-1) !== policy) list.push(policy);
}

function pullFrom<K>(map: Map<K, LivePolicy[]>, key: K, policy: LivePolicy): void {
  const left = map.get(key)?.filter((each) => each !== policy) ?? [];
  if (left.length === 0) map.delete(key);
  else map.set(key, left);
}
