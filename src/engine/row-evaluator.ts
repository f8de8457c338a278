import type { ContainerPort, Direction } from "../k8s/objects.ts";
import type { Family } from "../net/address.ts";
import { NO_PORTS, type PortSet, unionPorts } from "../net/port-set.ts";
import type { Area, Areas } from "./areas.ts";
import type { PodClass } from "./classes.ts";
import type { LivePolicy } from "./live-policy.ts";
import type { Population } from "./population.ts";
import { rulePorts } from "./ports.ts";
import { type ClassCells, createCells, createRow, type Row, replaceCells } from "./row.ts";
import {
  decide,
  hasBlockAround,
  isAround,
  NO_NAMED_PORTS,
  onlyAddsUp,
  type RowRule,
  symmetricDifference,
  verdictOutsideBlocks,
  verdictsOfAreas,
} from "./row-rules.ts";

/** Stands in the place of a mark for a class that is looked at without one. */
const UNMARKED = 0xffff_ffff;

/** What a row is about. */
export interface RowSubject {
  readonly direction: Direction;
  readonly family: Family;
  /** The policies to be asked about the class, in the order of judgement. */
  readonly policies: readonly LivePolicy[];
  /** The class's own ports, which names in ingress rules mean. */
  readonly namedPorts: readonly ContainerPort[];
}

/** Computes rows, and corrects single cells of them. */
export interface RowEvaluator {
  evaluate(subject: RowSubject): Row;
  /** The row with the cells of some classes judged anew: classes that came, went, or are new at their index. */
  correct(subject: RowSubject, row: Row, indexes: Iterable<number>): Row;
}

/** The areas that the rules of a row name, and where most pods lie among them. */
interface Landscape {
  readonly named: ReadonlySet<Area>;
  /** The innermost named area around the home of the pods; undefined if none is. */
  readonly home: Area | undefined;
  /** Areas with pods in them, outside of `home`. */
  readonly elsewhere: readonly Elsewhere[];
}

interface Elsewhere {
  readonly enclosing: readonly Area[];
  readonly classes: Iterable<PodClass>;
}

/**
 * Peers are judged in groups. Each class starts with the rules that match the rest, which are pods of no labels in the
 * area where most pods are; a rule that treats it otherwise marks it. Classes with the same marks get the same verdict,
 * which is decided once.
 */
export function createRowEvaluator(
  population: Population,
  areas: Readonly<Record<Family, Areas>>,
): RowEvaluator {
  /** The marks of each class, by index: 0 for none. All zero between two rows. */
  let marks = new Uint32Array(1024);
  let marked = new Uint32Array(1024);

  const matchesClass = (rule: RowRule, podClass: PodClass, family: Family): boolean => {
    if (rule.live.everyPod) return true;
    for (const selection of rule.live.selections) if (selection.has(podClass)) return true;
    const area = podClass.areas[family];
    return area !== undefined && hasBlockAround(rule, areas[family].enclosing(area));
  };

  const rulesOf = ({ direction, family, policies, namedPorts }: RowSubject, isolated: boolean): RowRule[] => {
    const home = areas[family].enclosing(population.whereabouts.home(family));
    const rules: RowRule[] = [];
    for (const policy of policies) {
      // Where a NetworkPolicy isolates, Baseline is never asked.
      if (isolated && policy.policy.tier === "Baseline") continue;
      for (const live of policy.rules[direction]) {
        const named = direction === "egress" && live.named.length > 0;
        const ports =
          direction === "ingress" && live.named.length > 0 ? rulePorts(live.rule, namedPorts) : live.numeric;
        if (ports === NO_PORTS && !named) continue;
        const blocks =
          live.blocks.length === 0
            ? live.blocks
            : live.blocks.filter((block) => block.area.cidr.family === family);
        const matchesRest = live.everyPod || blocks.some((block) => isAround(block, home));
        const matching = { tier: policy.policy.tier, action: live.rule.action, ports };
        rules.push({ live, blocks, ports, matching, named, matchesRest });
      }
    }
    return rules;
  };

  const landscapeOf = (rules: readonly RowRule[], family: Family): Landscape => {
    const named = new Set<Area>();
    for (const { blocks } of rules) {
      for (const block of blocks) {
        named.add(block.area);
        for (const except of block.except) named.add(except);
      }
    }
    if (named.size === 0) return { named, home: undefined, elsewhere: [] };
    const enclosingHome = areas[family].enclosing(population.whereabouts.home(family));
    const home = enclosingHome.find((area) => named.has(area));
    const elsewhere: Elsewhere[] = [];
    const consider = (area: Area, classes: Iterable<PodClass>): void => {
      const enclosing = areas[family].enclosing(area);
      if (enclosing.find((outer) => named.has(outer)) !== home) elsewhere.push({ enclosing, classes });
    };
    const populated = population.whereabouts.populated(family);
    if (home === undefined) {
      // Whoever is elsewhere is in one of the named areas, which are few.
      const looked = new Set<Area>();
      for (const area of named) {
        for (const podClass of population.whereabouts.within(area)) {
          const own = podClass.areas[family]!;
          if (looked.has(own)) continue;
          looked.add(own);
          consider(own, populated.get(own)!);
        }
      }
    } else {
      for (const [area, classes] of populated) consider(area, classes);
    }
    return { named, home, elsewhere };
  };

  /** The rules of the rows that have been corrected: a row that is touched once is touched again. */
  const correcting = new WeakMap<RowSubject, readonly RowRule[]>();
  /** The ports that rules have added for each class, by index. All undefined between two rows. */
  const added: (PortSet | undefined)[] = [];

  /** The cells of a row whose rules only add up, so that no marks are needed. Undefined for other rows. */
  const simpleCells = (
    rules: readonly RowRule[],
    { elsewhere }: Landscape,
    isolated: boolean,
    capacity: number,
  ): { restOfClasses: PortSet; cells: ClassCells } | undefined => {
    if (!onlyAddsUp(rules, isolated)) return undefined;
    let rest = NO_PORTS;
    for (const rule of rules) if (rule.matchesRest) rest = unionPorts(rest, rule.ports);
    let count = 0;
    for (const { enclosing, classes } of elsewhere) {
      let there = NO_PORTS;
      for (const rule of rules) {
        if (rule.live.everyPod || hasBlockAround(rule, enclosing)) there = unionPorts(there, rule.ports);
      }
      for (const { index } of classes) {
        marked[count++] = index;
        added[index] = there;
      }
    }
    for (const rule of rules) {
      if (rule.live.everyPod) continue;
      const alone = unionPorts(rest, rule.ports);
      for (const { members } of rule.live.selections) {
        for (let i = 0; i < members.length; i++) {
          const { index } = members[i]!;
          const known = added[index];
          if (known !== undefined) {
            if (known !== alone) added[index] = unionPorts(known, rule.ports);
          } else if (!rule.matchesRest) {
            marked[count++] = index;
            added[index] = alone;
          }
        }
      }
    }
    const cells = createCells(rest, capacity, count);
    for (let i = 0; i < count; i++) {
      const index = marked[i]!;
      const ports = added[index]!;
      added[index] = undefined;
      if (ports !== rest) cells.set(index, ports);
    }
    return { restOfClasses: rest, cells: cells.finish() };
  };

  const rowOf = (
    subject: RowSubject,
    rules: readonly RowRule[],
    isolated: boolean,
    { named, home }: Landscape,
    restOfClasses: PortSet,
    cells: ClassCells,
  ): Row =>
    createRow(
      {
        policies: subject.policies.map(({ policy }) => policy),
        isolated,
        restOfAreas: verdictOutsideBlocks(rules, isolated),
        areas: verdictsOfAreas(rules, isolated, named, areas[subject.family]),
        home,
      },
      restOfClasses,
      cells,
    );

  return {
    evaluate: (subject) => {
      const { family } = subject;
      const isolated = isIsolated(subject);
      const rules = rulesOf(subject, isolated);
      const landscape = landscapeOf(rules, family);
      const capacity = population.classes.length;
      if (marks.length < capacity) {
        marks = new Uint32Array(capacity * 2);
        marked = new Uint32Array(capacity * 2);
      }

      const simple = simpleCells(rules, landscape, isolated, capacity);
      if (simple !== undefined) {
        return rowOf(subject, rules, isolated, landscape, simple.restOfClasses, simple.cells);
      }

      let markedCount = 0;
      // A mark is a list of rules: the last of them, and the mark of those before it.
      const lastRule = [-1];
      const before = [0];
      const extended = new Map<number, number>();
      let recentMark = -1;
      let recentRule = -1;
      let recentResult = 0;
      const mark = (index: number, place: number): void => {
        const old = marks[index]!;
        if (lastRule[old] === place) return;
        if (old === 0) marked[markedCount++] = index;
        if (old !== recentMark || place !== recentRule) {
          const key = old * rules.length + place;
          let result = extended.get(key);
          if (result === undefined) {
            result = lastRule.length;
            lastRule.push(place);
            before.push(old);
            extended.set(key, result);
          }
          recentMark = old;
          recentRule = place;
          recentResult = result;
        }
        marks[index] = recentResult;
      };
      for (let place = 0; place < rules.length; place++) {
        const rule = rules[place]!;
        if (rule.live.everyPod) continue;
        if (!rule.matchesRest) {
          for (const { members } of rule.live.selections) {
            for (let i = 0; i < members.length; i++) mark(members[i]!.index, place);
          }
        }
        if (rule.blocks.length === 0) continue;
        for (const { enclosing, classes } of landscape.elsewhere) {
          if (hasBlockAround(rule, enclosing) === rule.matchesRest) continue;
          for (const podClass of classes) {
            if (rule.matchesRest && rule.live.selections.some((each) => each.has(podClass))) continue;
            mark(podClass.index, place);
          }
        }
      }
      const named = rules.some((rule) => rule.named);
      for (const rule of rules) {
        if (!rule.named || !(rule.matchesRest || rule.blocks.length > 0)) continue;
        for (const { name } of rule.live.named) {
          for (const { index } of population.withPortName(name)) {
            if (marks[index] !== 0) continue;
            marks[index] = UNMARKED;
            marked[markedCount++] = index;
          }
        }
      }

      const resting: number[] = [];
      for (let place = 0; place < rules.length; place++) if (rules[place]!.matchesRest) resting.push(place);
      const verdictOf = (markOfClass: number, peerPorts: readonly ContainerPort[]): PortSet => {
        const marking: number[] = [];
        for (let each = markOfClass; each !== 0; each = before[each]!) marking.push(lastRule[each]!);
        return decide(rules, symmetricDifference(resting, marking.reverse()), isolated, peerPorts);
      };
      const restOfClasses = verdictOf(0, NO_NAMED_PORTS);
      const cells = createCells(restOfClasses, capacity, markedCount);
      /** By mark, then by the number of the class's named ports: 0 where no name matters. */
      const decided: (PortSet | undefined)[][] = [];
      for (let i = 0; i < markedCount; i++) {
        const index = marked[i]!;
        const markOfClass = marks[index] === UNMARKED ? 0 : marks[index]!;
        marks[index] = 0;
        const look = named ? population.classes[index]!.look : undefined;
        const portsId = look?.portsId ?? 0;
        let ofMark = decided[markOfClass];
        if (ofMark === undefined) {
          ofMark = [];
          decided[markOfClass] = ofMark;
        }
        let verdict = ofMark[portsId];
        if (verdict === undefined) {
          verdict = verdictOf(markOfClass, look?.namedPorts ?? NO_NAMED_PORTS);
          ofMark[portsId] = verdict;
        }
        if (verdict !== restOfClasses) cells.set(index, verdict);
      }
      return rowOf(subject, rules, isolated, landscape, restOfClasses, cells.finish());
    },

    correct: (subject, row, indexes) => {
      const { family } = subject;
      // What a rule says of one class does not depend on where the others are, so these rules stay right.
      let rules = correcting.get(subject);
      if (rules === undefined) {
        rules = rulesOf(subject, row.isolated);
        correcting.set(subject, rules);
      }
      const corrected = new Map<number, PortSet>();
      for (const index of indexes) {
        const podClass = population.classes[index];
        let verdict = row.restOfClasses;
        // Nobody asks what a row of one family says of a class without an address of it. A cell for such a class would
        // stay when the class goes, and speak of the next one that gets its index.
        const isAsked = row.areas.size === 0 || podClass?.areas[family] !== undefined;
        if (podClass !== undefined && isAsked) {
          const matching: number[] = [];
          for (let place = 0; place < rules.length; place++) {
            if (matchesClass(rules[place]!, podClass, family)) matching.push(place);
          }
          verdict = decide(rules, matching, row.isolated, podClass.look.namedPorts);
        }
        corrected.set(index, verdict);
      }
      return createRow(row, row.restOfClasses, replaceCells(row, corrected, population.classes.length));
    },
  };
}

function isIsolated({ direction, policies }: RowSubject): boolean {
  return policies.some(({ policy }) => policy.tier === "NetworkPolicy" && policy.isolates[direction]);
}
