import type { ContainerPort, Direction } from "../k8s/objects.ts";
import type { Family } from "../net/address.ts";
import { NO_PORTS, type PortSet } from "../net/port-set.ts";
import type { Area, Areas } from "./areas.ts";
import type { PodClass } from "./classes.ts";
import { decidePorts, type MatchingRule } from "./decide.ts";
import { blocksOf, concerns, type LiveBlock, type LivePolicy, type LiveRule } from "./live-policy.ts";
import type { Population } from "./population.ts";
import { rulePorts } from "./ports.ts";
import { makeCells, type Row, replaceCells } from "./row.ts";

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

/** A rule as one row needs it. */
interface RowRule {
  readonly live: LiveRule;
  readonly blocks: readonly LiveBlock[];
  /** The ports that do not depend on the peer. */
  readonly ports: PortSet;
  /** True if the ports depend on the peer's own names. */
  readonly named: boolean;
  /** The block of the whole family, if it has one: then all addresses match but for its exceptions. */
  readonly wholeFamily: LiveBlock | undefined;
  /** Whether it matches the pods of which nothing else is known. */
  readonly matchesRestOfPods: boolean;
}

/**
 * Peers are judged in groups. Each class starts with the rules that match every pod; a rule that treats it otherwise
 * marks it. Classes with the same marks get the same verdict, which is decided once.
 */
export function createRowEvaluator(
  population: Population,
  areas: Readonly<Record<Family, Areas>>,
): RowEvaluator {
  /** The marks of each class, by index: 0 for none. All zero between two rows. */
  let marks = new Uint32Array(1024);

  const isIn = (block: LiveBlock, enclosing: readonly Area[]): boolean =>
    enclosing.includes(block.area) && !block.except.some((except) => enclosing.includes(except));

  const matchesClass = (rule: RowRule, podClass: PodClass, family: Family): boolean => {
    if (rule.live.everyPod) return true;
    for (const selection of rule.live.selections) if (selection.has(podClass)) return true;
    const area = podClass.areas[family];
    if (area === undefined || rule.blocks.length === 0) return false;
    const enclosing = areas[family].enclosing(area);
    return rule.blocks.some((block) => isIn(block, enclosing));
  };

  const rulesOf = ({ direction, family, policies, namedPorts }: RowSubject, isolated: boolean): RowRule[] => {
    const rules: RowRule[] = [];
    for (const policy of policies) {
      // Where a NetworkPolicy isolates, Baseline is never asked.
      if (!concerns(policy, direction) || (isolated && policy.policy.tier === "Baseline")) continue;
      for (const live of policy.rules[direction]) {
        const named = direction === "egress" && live.named.length > 0;
        const ports =
          direction === "ingress" && live.named.length > 0 ? rulePorts(live.rule, namedPorts) : live.numeric;
        if (ports === NO_PORTS && !named) continue;
        const blocks = blocksOf(live, family);
        const wholeFamily = blocks.find((block) => block.area === areas[family].root);
        rules.push({
          live,
          blocks,
          ports,
          named,
          wholeFamily,
          matchesRestOfPods: live.everyPod || wholeFamily !== undefined,
        });
      }
    }
    return rules;
  };

  const decide = (
    rules: readonly RowRule[],
    isolated: boolean,
    matches: (rule: RowRule, place: number) => boolean,
    peerPorts: readonly ContainerPort[],
  ): PortSet => {
    const matching: MatchingRule[] = [];
    for (const [place, rule] of rules.entries()) {
      if (!matches(rule, place)) continue;
      const { tier } = rule.live.policy.policy;
      const ports = rule.named ? rulePorts(rule.live.rule, peerPorts) : rule.ports;
      if (ports !== NO_PORTS) matching.push({ tier, action: rule.live.rule.action, ports });
    }
    return decidePorts(matching, isolated);
  };

  const areaVerdicts = (rules: readonly RowRule[], isolated: boolean, family: Family): Map<Area, PortSet> => {
    const verdicts = new Map<Area, PortSet>();
    const byArea = new Map<Area, { readonly place: number; readonly block: LiveBlock }[]>();
    for (const [place, rule] of rules.entries()) {
      for (const block of rule.blocks) {
        const entries = byArea.get(block.area) ?? [];
        entries.push({ place, block });
        byArea.set(block.area, entries);
        verdicts.set(block.area, NO_PORTS);
        for (const except of block.except) verdicts.set(except, NO_PORTS);
      }
    }
    for (const area of verdicts.keys()) {
      const enclosing = areas[family].enclosing(area);
      const matching = new Set<number>();
      for (const outer of enclosing) {
        for (const { place, block } of byArea.get(outer) ?? []) {
          if (isIn(block, enclosing)) matching.add(place);
        }
      }
      const ports = decide(rules, isolated, (rule, place) => rule.live.everyone || matching.has(place), []);
      verdicts.set(area, ports);
    }
    return verdicts;
  };

  const isolates = ({ direction, policies }: RowSubject): boolean =>
    policies.some(({ policy }) => policy.tier === "NetworkPolicy" && policy.isolates[direction]);

  return {
    evaluate: (subject) => {
      const { family } = subject;
      const isolated = isolates(subject);
      const rules = rulesOf(subject, isolated);
      const capacity = population.classes.length;
      if (marks.length < capacity) marks = new Uint32Array(capacity * 2);

      const marked: number[] = [];
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
        if (old === 0) marked.push(index);
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
      for (const [place, rule] of rules.entries()) {
        if (rule.live.everyPod) continue;
        if (rule.wholeFamily !== undefined) {
          for (const except of rule.wholeFamily.except) {
            for (const podClass of population.within(except, family)) {
              if (!matchesClass(rule, podClass, family)) mark(podClass.index, place);
            }
          }
          continue;
        }
        for (const selection of rule.live.selections) {
          const { members } = selection;
          for (let i = 0; i < members.length; i++) mark(members[i]!.index, place);
        }
        for (const block of rule.blocks) {
          for (const podClass of population.within(block.area, family)) {
            if (block.except.length === 0 || matchesClass(rule, podClass, family))
              mark(podClass.index, place);
          }
        }
      }
      const named = rules.some((rule) => rule.named);
      if (rules.some((rule) => rule.named && rule.matchesRestOfPods)) {
        for (const podClass of population.withNamedPorts) {
          if (marks[podClass.index] === 0) marked.push(podClass.index);
        }
      }

      const verdictOf = (markOfClass: number, peerPorts: readonly ContainerPort[]): PortSet => {
        const marking = new Set<number>();
        for (let each = markOfClass; each !== 0; each = before[each]!) marking.add(lastRule[each]!);
        const matches = (rule: RowRule, place: number): boolean =>
          rule.matchesRestOfPods !== marking.has(place);
        return decide(rules, isolated, matches, peerPorts);
      };
      const restOfClasses = verdictOf(0, []);
      const decided = new Map<number | string, PortSet>();
      const differing: number[] = [];
      const indexes = Uint32Array.from(marked).sort();
      const ports: PortSet[] = [];
      for (const index of indexes) {
        const markOfClass = marks[index]!;
        marks[index] = 0;
        const look = named ? population.classes[index]!.look : undefined;
        const key =
          look === undefined || look.portsKey === "" ? markOfClass : `${markOfClass} ${look.portsKey}`;
        let verdict = decided.get(key);
        if (verdict === undefined) {
          verdict = verdictOf(markOfClass, look?.namedPorts ?? []);
          decided.set(key, verdict);
        }
        if (verdict === restOfClasses) continue;
        differing.push(index);
        ports.push(verdict);
      }
      return {
        policies: subject.policies.map(({ policy }) => policy),
        isolated,
        restOfClasses,
        cells: makeCells(Uint32Array.from(differing), ports, restOfClasses, capacity),
        restOfAreas: decide(rules, isolated, (rule) => rule.live.everyone, []),
        areas: areaVerdicts(rules, isolated, family),
      };
    },

    correct: (subject, row, indexes) => {
      const { family } = subject;
      const rules = rulesOf(subject, row.isolated);
      const corrected = new Map<number, PortSet>();
      for (const index of indexes) {
        const podClass = population.classes[index];
        const verdict =
          podClass === undefined
            ? row.restOfClasses
            : decide(
                rules,
                row.isolated,
                (rule) => matchesClass(rule, podClass, family),
                podClass.look.namedPorts,
              );
        corrected.set(index, verdict);
      }
      return { ...row, cells: replaceCells(row.cells, corrected, population.classes.length) };
    },
  };
}
