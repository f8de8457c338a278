import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { PodClass } from "../../../engine/classes.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { FamilyView } from "../../../engine/family-view.ts";
import type { Row } from "../../../engine/row.ts";
import type { Direction } from "../../../k8s/objects.ts";
import { FAMILIES } from "../../../net/address.ts";
import { ALL_PORTS, NO_PORTS, type PortSet } from "../../../net/port-set.ts";

/** True if a pod is open in a direction: no policy of any kind keeps strangers out. Undefined for host-network pods. */
export type IsOpen = (pod: ClusterPod, direction: Direction) => boolean | undefined;

/**
 * Judges pods by their rows. A pod that a NetworkPolicy isolates is not open, whatever its rules allow: somebody chose
 * that. Rules of cluster-wide policies close a pod if they deny strangers what no rule names: one that only denies a
 * port or an address leaves it open.
 */
export function openPods(engine: Engine): IsOpen {
  const known: Record<Direction, Map<PodClass, boolean>> = { ingress: new Map(), egress: new Map() };
  return (pod, direction) => {
    const podClass = classOf(engine, pod);
    if (podClass === undefined) return undefined;
    let open = known[direction].get(podClass);
    if (open === undefined) {
      open = FAMILIES.every((family) => {
        if (podClass.areas[family] === undefined) return true;
        const view = engine.view(family);
        // Most pods are isolated, and to know that takes no row.
        if (view.policiesOf(podClass).some(({ isolates }) => isolates[direction])) return false;
        return isOpenRow(view, view.row(direction, podClass), direction);
      });
      known[direction].set(podClass, open);
    }
    return open;
  };
}

/** True if really everything may pass for pods that are open: no cluster-wide policy denies a part of it. */
export function isUnlimited(engine: Engine, pods: readonly ClusterPod[], direction: Direction): boolean {
  const classes = new Set(pods.map((pod) => classOf(engine, pod)));
  return [...classes].every((podClass) =>
    FAMILIES.every((family) => {
      if (podClass?.areas[family] === undefined) return true;
      const { portSets, restOfClasses, restOfAreas, areas } = engine.view(family).row(direction, podClass);
      return [...portSets, restOfClasses, restOfAreas, ...areas.values()].every(
        (ports) => ports === ALL_PORTS,
      );
    }),
  );
}

/** The class of a pod; undefined for a host-network pod. */
export function classOf(engine: Engine, pod: ClusterPod): PodClass | undefined {
  return engine.view(4).classOf(pod) ?? engine.view(6).classOf(pod);
}

function isOpenRow(view: FamilyView, row: Row, direction: Direction): boolean {
  if (isShut(row.restOfClasses)) return false;
  // Cluster-wide policies cannot name addresses outside for ingress, so that all of them stay open.
  return direction === "ingress" || !isShut(view.portsOfArea(row, view.areas.root));
}

/** True unless what no rule names passes: some port of every protocol may be denied, or a few of them allowed. */
function isShut(ports: PortSet): boolean {
  return ports === NO_PORTS || !ports.other;
}
