import type { PodClass } from "../../engine/classes.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Row } from "../../engine/row.ts";
import type { Direction } from "../../k8s/objects.ts";
import type { Family } from "../../net/address.ts";
import type { PortSet } from "../../net/port-set.ts";
import type { SetDeclaration, SetElement } from "../program/program.ts";
import type { SetsChange } from "../program/program-change.ts";
import { createPeerSets } from "./peer-sets.ts";
import { createPopulationTracker, type MovedAddress, type PopulationTracker } from "./population-tracker.ts";
import {
  commonPorts,
  createRowPlan,
  movePeers,
  type PartRequest,
  type PlanLabels,
  type PlanOrigin,
  planRequests,
  type RowPlan,
} from "./row-plan.ts";

/** A plan and what every peer may do under it, as they are now. */
export interface CurrentPlan {
  readonly plan: RowPlan;
  readonly common: PortSet;
}

/** One direction of one local class. */
export interface PlanSubject {
  readonly direction: Direction;
  readonly podClass: PodClass;
}

/** The plans of the rows that the local classes of a family have, kept up to date with the engine. */
export interface FamilyPlans {
  readonly tracker: PopulationTracker;
  /** The addresses that moved since the last call. To be called before {@link FamilyPlans.update}. */
  move(): readonly MovedAddress[];
  /** Makes the plans of these subjects current; what has to change in the kernel's sets of pods. */
  update(subjects: readonly PlanSubject[], moved: readonly MovedAddress[]): SetsChange;
  planOf(subject: PlanSubject): CurrentPlan;
  /** Every set of pods with all its elements. */
  sets(): { readonly set: SetDeclaration; readonly elements: readonly SetElement[] }[];
  close(): void;
}

type PlansByClass = Map<PodClass, CurrentPlan>;

export function createFamilyPlans(
  engine: Engine,
  family: Family,
  labels: PlanLabels,
  adoptedNames?: ReadonlyMap<string, string>,
): FamilyPlans {
  const tracker = createPopulationTracker(engine, family);
  const { view } = tracker;
  const peerSets = createPeerSets(family, adoptedNames);
  /** The plan of each local class, as of the last update. */
  let current: Record<Direction, PlansByClass> = { ingress: new Map(), egress: new Map() };
  let held: readonly Pick<PartRequest, "holder" | "elements">[] = [];

  return {
    tracker,
    move: () => {
      const moved = tracker.takeMoved();
      tracker.takeIn(moved);
      return moved;
    },
    update: (subjects, moved) => {
      const classes = view.classes();
      const rows = new Map<Row, { readonly row: Row; before: RowPlan | undefined }>();
      const wanted: { readonly subject: PlanSubject; readonly row: Row }[] = [];
      for (const subject of subjects) {
        const { direction, podClass } = subject;
        const row = view.row(direction, podClass);
        wanted.push({ subject, row });
        const before = current[direction].get(podClass)?.plan;
        const entry = rows.get(row);
        // The very row is the best to start from; otherwise any that one of its classes had before.
        if (entry === undefined) rows.set(row, { row, before });
        else if (before !== undefined && (entry.before === undefined || before.row === row))
          entry.before = before;
      }
      const plans = new Map<Row, CurrentPlan>();
      const requests: PartRequest[] = [];
      const origins = new Map<RowPlan, PlanOrigin>();
      // Every origin is noted before any plan moves: a plan may be where several others come from.
      for (const { before } of rows.values()) if (before !== undefined) origins.set(before, originOf(before));
      for (const { row, before } of rows.values()) {
        let plan: RowPlan;
        if (before?.row === row) {
          plan = before;
          movePeers(plan, tracker, moved, classes);
        } else {
          plan = createRowPlan(tracker, row, classes);
        }
        const common = commonPorts(tracker, plan);
        plans.set(row, { plan, common });
        const origin = before === undefined ? undefined : origins.get(before);
        requests.push(...planRequests({ plan, common, origin, tracker, moved, classes, labels }));
      }
      const { sets, change } = peerSets.settle(requests);
      for (const [i, { holder }] of requests.entries()) holder.set = sets[i]!;
      held = requests.map(({ holder, elements }) => ({ holder, elements }));
      current = { ingress: new Map(), egress: new Map() };
      for (const { subject, row } of wanted)
        current[subject.direction].set(subject.podClass, plans.get(row)!);
      return change;
    },
    planOf: ({ direction, podClass }) => {
      const known = current[direction].get(podClass);
      if (known === undefined) throw new Error(`no ${direction} plan was asked for of this class`);
      return known;
    },
    sets: () => {
      const result = new Map<string, { set: SetDeclaration; elements: readonly SetElement[] }>();
      for (const { holder, elements } of held) {
        const { set } = holder;
        if (set !== undefined && !result.has(set.name)) result.set(set.name, { set, elements: elements() });
      }
      return [...result.values()];
    },
    close: () => tracker.close(),
  };
}

/** What a plan looks like before it moves. */
function originOf({ row, parts, lesser }: RowPlan): PlanOrigin {
  return {
    row,
    parts: new Map([...parts].map(([ports, { set }]) => [ports, { set }])),
    lesser: lesser === undefined ? undefined : { members: lesser.members, set: lesser.set },
  };
}
