import type { ClusterPod } from "../../cluster/cluster.ts";
import type { Engine } from "../../engine/engine.ts";
import type { FamilyView } from "../../engine/family-view.ts";
import type { Row } from "../../engine/row.ts";
import type { Direction } from "../../k8s/objects.ts";
import { FAMILIES } from "../../net/address.ts";
import { NO_PORTS } from "../../net/port-set.ts";
import { isolatingPolicies } from "./isolating-policies.ts";

/** True for a pod that is isolated for a direction, and of which no policy says that anything may pass. */
export function isClosed(engine: Engine, pod: ClusterPod, direction: Direction): boolean {
  const isolating = isolatingPolicies(engine, pod, direction);
  if (isolating.length === 0 || isolating.some(({ rules }) => rules[direction].length > 0)) return false;
  // A policy of the whole cluster may have the first word.
  return FAMILIES.every((family) => isClosedIn(engine.view(family), pod, direction));
}

function isClosedIn(view: FamilyView, pod: ClusterPod, direction: Direction): boolean {
  const podClass = view.classOf(pod);
  return podClass === undefined || nothingPasses(view.row(direction, podClass));
}

function nothingPasses({ restOfClasses, restOfAreas, portSets, areas }: Row): boolean {
  return [restOfClasses, restOfAreas, ...portSets, ...areas.values()].every((ports) => ports === NO_PORTS);
}
