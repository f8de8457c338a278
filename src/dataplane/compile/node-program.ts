import type { PodClass } from "../../engine/classes.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Direction } from "../../k8s/objects.ts";
import { type Address, FAMILIES, type Family } from "../../net/address.ts";
import { type Cidr, formatCidr } from "../../net/cidr.ts";
import type { PortSet } from "../../net/port-set.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../config.ts";
import type { Program, ProgramChain, ProgramChange, ProgramSet, SetElement } from "../program/program.ts";
import { chainsChange, type SetsChange, setsChange } from "../program/program-change.ts";
import { adoptableNames } from "./adopted-names.ts";
import { type ChainEnds, type ChainRules, chainRules, rangeSet } from "./chain-rules.ts";
import { createFamilyPlans, type FamilyPlans, type PlanSubject } from "./family-plans.ts";
import { addressType, cutSets, denyRules, frameChains, keepingOutMulticast, selfRule } from "./frame.ts";
import { classChainName, createLocalPods, type LocalPod, type LocalPods } from "./local-pods.ts";
import { commentText } from "./names.ts";
import type { PlanLabels, RowPlan } from "./row-plan.ts";

export interface NodeProgramOptions {
  readonly config?: EnforcementConfig;
  /** Addresses of the node's pod range that are in use by somebody who is no pod. */
  readonly alsoKnown?: readonly Address[];
  /** What the kernel holds from before: sets that hold the same keep their names, so that they need not move. */
  readonly adopt?: Program;
  /** Whether packets are looked up among the cut connections from the beginning; false if left out. */
  readonly isCutting?: boolean;
}

const LABELS: PlanLabels = { peers: "peers", lesser: "lesser" };
const UNAUDITED_LABELS: PlanLabels = { peers: "unaudited", lesser: "unaudited_lesser" };

/** What a chain is for. */
export interface ChainSubject {
  readonly direction: Direction;
  readonly family: Family;
  readonly podClass: PodClass;
  /** Pods of this node, at least one. */
  readonly pods: readonly LocalPod[];
}

/** The program of one node, kept up to date with the engine. */
export interface NodeProgram {
  /**
   * The engine without the policies in audit mode, where there are any: what it lets pass passes, and is logged where
   * all policies together would not. Takes effect with the next update.
   */
  setUnaudited(engine: Engine | undefined): void;
  /** Whether packets are looked up among the cut connections; takes effect with the next update. */
  setCutting(isCutting: boolean): void;
  /** Closes the pods of chains whatever the policies say, or no longer; takes effect with the next update. */
  setClosed(chains: ReadonlySet<string>): void;
  /** Takes in what the engine's changes have made different, and tells what that means for the kernel. */
  update(): ProgramChange;
  /** All of it, spelled out, as of the last update. */
  program(): Program;
  /** What a class chain is for; undefined for other chains. */
  subjectOf(chain: string): ChainSubject | undefined;
  /** The names of all class chains. */
  classChains(): Iterable<string>;
  /** The class chains that a `chain NAME`, `set NAME` or `map NAME` of the program is there for. */
  chainsNeeding(target: string): string[];
  close(): void;
}

/** All that is kept of one family. */
interface FamilyState {
  readonly family: Family;
  readonly plans: FamilyPlans;
  readonly locals: LocalPods;
  unaudited: FamilyPlans | undefined;
}

export function createNodeProgram(
  engine: Engine,
  node: string,
  options: NodeProgramOptions = {},
): NodeProgram {
  const { config = DEFAULT_ENFORCEMENT, alsoKnown = [] } = options;
  const frames = [false, true].map((isCutting) => frameChains(config, isCutting));
  const frameWithMulticast = keepingOutMulticast(frames[0]!.find(({ name }) => name === "ingress")!, config);
  let isCutting = options.isCutting === true;
  const fixedSets = cutSets();
  const adopted = adoptableNames(options.adopt);
  const states = FAMILIES.map((family): FamilyState => {
    const plans = createFamilyPlans(engine, family, LABELS, adopted);
    return { family, plans, locals: createLocalPods(plans.tracker, node, alsoKnown), unaudited: undefined };
  });
  let unauditedEngine: Engine | undefined;
  let unauditedIsNew = false;
  let closed: ReadonlySet<string> = new Set();
  let chains = new Map<string, ProgramChain>();
  /** All sets but those of pods. */
  let sets = new Map<string, ProgramSet>();
  let subjects = new Map<string, ChainSubject>();
  /** The rules of each class chain, and what they were made for. */
  const known = new Map<
    string,
    { readonly plan: RowPlan; readonly key: string; readonly rules: ChainRules }
  >();

  const rulesOf = (
    plans: FamilyPlans,
    subject: PlanSubject,
    ends: Omit<ChainEnds, "config" | "direction">,
    tailKey: string,
  ): ChainRules => {
    const { plan, common } = plans.planOf(subject);
    const key = `${tailKey} ${planKey(plan, common)}`;
    const before = known.get(ends.name);
    if (before?.plan === plan && before.key === key) return before.rules;
    const rules = chainRules(plans.tracker.view, plan, common, {
      config,
      direction: subject.direction,
      ...ends,
    });
    known.set(ends.name, { plan, key, rules });
    return rules;
  };
  const addChain = (
    name: string,
    comment: string,
    made: ChainRules,
    nextChains: Map<string, ProgramChain>,
    nextSets: Map<string, ProgramSet>,
  ): void => {
    const before = chains.get(name);
    nextChains.set(name, before?.rules === made.rules ? before : { name, comment, rules: made.rules });
    for (const chain of made.chains) nextChains.set(chain.name, chain);
    for (const set of made.sets) nextSets.set(set.name, set);
  };

  const updateFamily = (
    state: FamilyState,
    nextChains: Map<string, ProgramChain>,
    nextSets: Map<string, ProgramSet>,
    nextSubjects: Map<string, ChainSubject>,
  ): SetsChange[] => {
    const { family, plans, locals } = state;
    const moved = plans.move();
    locals.setRanges(config.closedAtBirth ? rangesOf(engine, node, family) : []);
    locals.move(moved);
    const byClass = locals.byClass();
    const { view } = plans.tracker;
    const judged: ChainSubject[] = [];
    const verdicts: Record<Direction, Map<string, string>> = { ingress: new Map(), egress: new Map() };
    for (const [podClass, pods] of byClass) {
      for (const direction of ["ingress", "egress"] as const) {
        if (view.row(direction, podClass).policies.length > 0) {
          judged.push({ direction, family, podClass, pods });
          continue;
        }
        const open = direction === "ingress" ? "goto pass_ingress" : "goto ingress";
        for (const { element } of pods) verdicts[direction].set(element, open);
      }
    }
    const changes = [plans.update(judged, moved)];
    changes.push(...updateUnaudited(state, judged));

    for (const subject of judged) {
      const { direction, podClass, pods } = subject;
      const name = classChainName(direction, family, podClass, pods);
      for (const { element } of pods) verdicts[direction].set(element, `goto ${name}`);
      nextSubjects.set(name, subject);
      const comment = commentText(`${direction} IPv${family} of ${pods[0]!.pod.workload}`);
      if (closed.has(name)) {
        nextChains.set(name, { name, comment, rules: [selfRule(family), ...denyRules(config, direction)] });
        continue;
      }
      const auditName = addAuditChain(state, subject, name, nextChains, nextSets);
      const rules = rulesOf(
        plans,
        subject,
        {
          name,
          pass: direction === "ingress" ? "accept" : "goto ingress",
          isAudit: false,
          tail: (match) =>
            auditName === undefined ? denyRules(config, direction, match) : [goto(auditName, match)],
        },
        auditName ?? "",
      );
      addChain(name, comment, rules, nextChains, nextSets);
    }
    addFamilySets(state, verdicts, nextSets);
    return changes;
  };

  const updateUnaudited = (state: FamilyState, judged: readonly ChainSubject[]): SetsChange[] => {
    const changes: SetsChange[] = [];
    if (unauditedIsNew && state.unaudited !== undefined) {
      changes.push(state.unaudited.update([], []));
      state.unaudited.close();
      state.unaudited = undefined;
    }
    if (unauditedEngine === undefined) return changes;
    state.unaudited ??= createFamilyPlans(unauditedEngine, state.family, UNAUDITED_LABELS, adopted);
    const { unaudited } = state;
    const moved = unaudited.move();
    const asked = new Map<string, PlanSubject>();
    for (const subject of judged) {
      const other = unauditedSubject(state, subject);
      if (other !== undefined) asked.set(`${other.direction} ${other.podClass.index}`, other);
    }
    changes.push(unaudited.update([...asked.values()], moved));
    return changes;
  };

  /** The subject in the engine without audited policies, if such a policy is about this one. */
  const unauditedSubject = (state: FamilyState, subject: ChainSubject): PlanSubject | undefined => {
    const { direction, podClass, pods } = subject;
    if (state.unaudited === undefined) return undefined;
    const { policies } = state.plans.tracker.view.row(direction, podClass);
    if (!policies.some((policy) => policy.audit)) return undefined;
    const other = state.unaudited.tracker.view.classOf(pods[0]!.pod);
    return other === undefined ? undefined : { direction, podClass: other };
  };

  /** The chain behind a class's own: what would pass without the audited policies. Its name, if there is one. */
  const addAuditChain = (
    state: FamilyState,
    subject: ChainSubject,
    name: string,
    nextChains: Map<string, ProgramChain>,
    nextSets: Map<string, ProgramSet>,
  ): string | undefined => {
    const other = unauditedSubject(state, subject);
    if (other === undefined) return undefined;
    const { direction } = subject;
    const auditName = `a${name}`;
    const rules = rulesOf(
      state.unaudited!,
      other,
      {
        name: auditName,
        pass: `goto audit_${direction}`,
        isAudit: true,
        tail: (match) => denyRules(config, direction, match),
      },
      "",
    );
    const comment = commentText(
      `without policies in audit mode: ${direction} of ${subject.pods[0]!.pod.workload}`,
    );
    addChain(auditName, comment, rules, nextChains, nextSets);
    return auditName;
  };

  const addFamilySets = (
    { family, locals }: FamilyState,
    verdicts: Readonly<Record<Direction, ReadonlyMap<string, string>>>,
    nextSets: Map<string, ProgramSet>,
  ): void => {
    const type = addressType(family);
    const add = (name: string, setType: string, elements: ReadonlyMap<string, string>): void => {
      const kind = setType.endsWith("verdict") ? "map" : "set";
      nextSets.set(name, { name, kind, type: setType, interval: false, elements });
    };
    const self = [...locals.pods.values()].map(({ element }): SetElement => [`${element} . ${element}`, ""]);
    add(`self${family}`, `${type} . ${type}`, new Map(self));
    add(`ingress${family}`, `${type} : verdict`, verdicts.ingress);
    add(`egress${family}`, `${type} : verdict`, verdicts.egress);
    if (!config.closedAtBirth) return;
    add(`elsewhere${family}`, type, locals.elsewhere);
    const ranges = rangesOf(engine, node, family).map((range) => `${formatCidr(range)} . 0-255`);
    nextSets.set(`birth${family}`, rangeSet(family, ranges, `birth${family}`));
  };

  return {
    setUnaudited: (other) => {
      if (other === unauditedEngine) return;
      unauditedEngine = other;
      unauditedIsNew = true;
    },
    setCutting: (wanted) => {
      isCutting = wanted;
    },
    setClosed: (names) => {
      closed = names;
    },
    update: () => {
      const nextChains = new Map(frames[isCutting ? 1 : 0]!.map((chain) => [chain.name, chain]));
      const nextSets = new Map(fixedSets.map((set) => [set.name, set]));
      const nextSubjects = new Map<string, ChainSubject>();
      const changes: SetsChange[] = [];
      for (const state of states) changes.push(...updateFamily(state, nextChains, nextSets, nextSubjects));
      unauditedIsNew = false;
      if ([...nextSubjects.values()].some(({ direction }) => direction === "ingress")) {
        nextChains.set("ingress", frameWithMulticast);
      }
      changes.push(setsChange(sets, nextSets));
      const result: ProgramChange = {
        ...chainsChange(chains, nextChains),
        addedSets: changes.flatMap(({ addedSets }) => addedSets),
        removedSets: changes.flatMap(({ removedSets }) => removedSets),
        changedSets: changes.flatMap(({ changedSets }) => changedSets),
      };
      chains = nextChains;
      for (const name of known.keys()) if (!chains.has(name)) known.delete(name);
      sets = nextSets;
      subjects = nextSubjects;
      return result;
    },
    program: () => {
      const all = new Map(sets);
      for (const { plans, unaudited } of states) {
        for (const { set, elements } of [...plans.sets(), ...(unaudited?.sets() ?? [])]) {
          all.set(set.name, { ...set, elements: new Map(elements) });
        }
      }
      return { sets: all, chains };
    },
    subjectOf: (chain) => subjects.get(chain),
    classChains: () => subjects.keys(),
    chainsNeeding: (target) => {
      const name = target.slice(target.indexOf(" ") + 1);
      return [...subjects.keys()].filter((chain) =>
        [chain, `a${chain}`].some((own) => {
          const { rules, sets: named, chains: ofPorts } = known.get(own)?.rules ?? NO_RULES;
          return (
            own === name ||
            named.some((set) => set.name === name) ||
            ofPorts.some((each) => each.name === name) ||
            [rules, ...ofPorts.map((each) => each.rules)].some((list) =>
              list.some((rule) => rule.split(" ").includes(`@${name}`)),
            )
          );
        }),
      );
    },
    close: () => {
      for (const { plans, unaudited } of states) {
        plans.close();
        unaudited?.close();
      }
    },
  };
}

const NO_RULES: ChainRules = { rules: [], sets: [], chains: [] };

/** What the rules of a plan depend on, beside its row. */
function planKey({ parts, lesser }: RowPlan, common: PortSet): string {
  let key = `${common.key} ${lesser?.set?.name ?? ""}`;
  for (const [ports, { set }] of parts) if (set !== undefined) key += ` ${ports.key}=${set.name}`;
  return key;
}

function goto(chain: string, match: string | undefined): string {
  return match === undefined || match === "" ? `goto ${chain}` : `${match} goto ${chain}`;
}

function rangesOf(engine: Engine, node: string, family: Family): readonly Cidr[] {
  return engine.addresses.node(node)?.podRanges?.filter((range) => range.family === family) ?? [];
}
