import type { ClusterPod } from "../cluster/cluster.ts";
import type { Direction } from "../k8s/objects.ts";
import type { Family } from "../net/address.ts";
import type { PortSet } from "../net/port-set.ts";
import type { Policy } from "../policy/policy.ts";
import type { Area, Areas } from "./areas.ts";
import { hasFamily, type PodClass } from "./classes.ts";
import type { LiveBlock } from "./live-policy.ts";
import type { Model } from "./model.ts";
import { portsOfArea, type Row } from "./row.ts";

/** All decisions in one address family. Peers are pod classes, and the areas into which blocks cut the addresses. */
export interface FamilyView {
  readonly family: Family;
  readonly areas: Areas;
  /** The classes whose pods have an address of the family, in no order. */
  classes(): PodClass[];
  /** The class of a pod; undefined for one that policies do not see, or that has no address of the family. */
  classOf(pod: ClusterPod): PodClass | undefined;
  /** What one direction of a class lets pass, by peer. Computed when first asked for. */
  row(direction: Direction, podClass: PodClass): Row;
  /** What a row lets pass for the addresses of an area that are no pod's. */
  portsOfArea(row: Row, area: Area): PortSet;
  /** The policies that are about a class, in the order of judgement. */
  policiesOf(podClass: PodClass): readonly Policy[];
  /** The blocks of the rules in force, in the order of their policies. */
  blocks(): LiveBlock[];
}

export function familyView(model: Model, family: Family): FamilyView {
  const areas = model.areas[family];
  const { population, rows } = model;
  return {
    family,
    areas,
    classes: () =>
      population.classes.filter((each): each is PodClass => each !== undefined && hasFamily(each, family)),
    classOf: (pod) => {
      const podClass = population.classOf(pod);
      return podClass !== undefined && hasFamily(podClass, family) ? podClass : undefined;
    },
    row: (direction, podClass) => rows.row(direction, podClass, family),
    portsOfArea: (row, area) => portsOfArea(row, areas.enclosing(area)),
    policiesOf: (podClass) => rows.policiesOf(podClass).map(({ policy }) => policy),
    blocks: () =>
      [...model.policies.values()].flatMap(({ rules }) =>
        [...rules.ingress, ...rules.egress].flatMap((rule) =>
          rule.blocks.filter((block) => block.area.cidr.family === family),
        ),
      ),
  };
}
