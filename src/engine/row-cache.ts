import type { ContainerPort, Direction } from "../k8s/objects.ts";
import { FAMILIES, type Family } from "../net/address.ts";
import { ALL_PORTS } from "../net/port-set.ts";
import { comparePolicies } from "../policy/policies.ts";
import type { Area, Areas } from "./areas.ts";
import { type PodClass, type RowSlot, slotOf } from "./classes.ts";
import type { LivePolicy } from "./live-policy.ts";
import type { Population } from "./population.ts";
import { type Row, uniformRow } from "./row.ts";
import { createRowEvaluator, type RowSubject } from "./row-evaluator.ts";
import type { Selection, Selections } from "./selections.ts";

/**
 * The rows of all classes: computed when first asked for, shared by classes that the same policies are about, and
 * brought up to date by what changes, no more of them than the change can touch.
 */
export interface RowCache {
  row(direction: Direction, podClass: PodClass, family: Family): Row;
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

interface RowEntry extends RowSlot {
  readonly key: string;
  readonly subject: RowSubject;
  /** Undefined until it is asked for. */
  row: Row | undefined;
  /** The indexes of classes whose cells must be judged anew. */
  readonly outdated: Set<number>;
  isOutdated: boolean;
  /** How many classes use it, counted by direction and family. */
  users: number;
}

const DIRECTIONS: readonly Direction[] = ["ingress", "egress"];

const OPEN = uniformRow(ALL_PORTS);

export function createRowCache(
  population: Population,
  areas: Readonly<Record<Family, Areas>>,
  selections: Selections,
): RowCache {
  const evaluator = createRowEvaluator(population, areas);
  /** By class index. */
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
    for (let slot = 0; slot < podClass.slots.length; slot++) {
      const held = podClass.slots[slot];
      if (held === undefined) continue;
      podClass.slots[slot] = undefined;
      const entry = held as RowEntry;
      if (--entry.users > 0) continue;
      entries.delete(entry.key);
      for (const policy of entry.subject.policies) {
        removeFrom(entriesByPolicy[entry.subject.direction], policy, entry);
      }
      unsettledEntries.delete(entry);
      entriesWithAreas.delete(entry);
    }
  };

  const entryOf = (direction: Direction, podClass: PodClass, family: Family): RowEntry => {
    const slot = slotOf(direction, family);
    const held = podClass.slots[slot] as RowEntry | undefined;
    if (held !== undefined) return held;
    const entry = findEntry(direction, podClass, family);
    entry.users++;
    podClass.slots[slot] = entry;
    return entry;
  };
  const findEntry = (direction: Direction, podClass: PodClass, family: Family): RowEntry => {
    const policies = policiesOf(podClass).filter((policy) => policy.facts[direction].concerns);
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
      row: policies.length === 0 ? OPEN : undefined,
      outdated: new Set(),
      isOutdated: false,
      users: 0,
    };
    entries.set(key, entry);
    if (byFamily) entriesWithAreas.add(entry);
    for (const policy of policies) addTo(entriesByPolicy[direction], policy, entry);
    return entry;
  };
  const outdate = (entry: RowEntry, index: number): void => {
    if (entry.row === undefined) return;
    entry.outdated.add(index);
    entry.isOutdated = true;
    unsettledEntries.add(entry);
  };
  const current = (entry: RowEntry): Row => {
    const { row, subject, outdated } = entry;
    if (row !== undefined && !entry.isOutdated) return row;
    const now = row === undefined ? evaluator.evaluate(subject) : evaluator.correct(subject, row, outdated);
    entry.row = now;
    entry.isOutdated = false;
    outdated.clear();
    unsettledEntries.delete(entry);
    return now;
  };

  return {
    row: (direction, podClass, family) => {
      const slot = podClass.slots[slotOf(direction, family)];
      if (slot?.row !== undefined && !slot.isOutdated) return slot.row;
      return current(entryOf(direction, podClass, family));
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

function addTo<K, T>(map: Map<K, Set<T>>, key: K, value: T): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

function removeFrom<K, T>(map: Map<K, Set<T>>, key: K, value: T): void {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
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
