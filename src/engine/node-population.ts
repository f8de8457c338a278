import type { ClusterPod } from "../cluster/cluster.ts";
import { FAMILIES } from "../net/address.ts";
import type { PodClass } from "./classes.ts";
import type { Engine } from "./engine.ts";

/** The pods of one node that policies see. */
export interface NodePopulation {
  /** Its pods by class, as of now; costs a look at each of them. */
  byClass(): Map<PodClass, number>;
}

/** By engine and node; gone with the engine. */
const known = new WeakMap<Engine, Map<string, NodePopulation>>();

/**
 * The population of a node, which follows the engine from the first question on: only that one looks at every pod. To be
 * asked about few nodes of an engine, such as the own one.
 */
export function nodePopulation(engine: Engine, node: string): NodePopulation {
  const ofEngine = known.get(engine) ?? new Map<string, NodePopulation>();
  known.set(engine, ofEngine);
  let population = ofEngine.get(node);
  if (population === undefined) {
    population = followNode(engine, node);
    ofEngine.set(node, population);
  }
  return population;
}

function followNode(engine: Engine, node: string): NodePopulation {
  /** Also pods that are gone, until somebody asks. */
  const pods = new Set<ClusterPod>();
  const take = (pod: ClusterPod): void => {
    if (pod.node === node) pods.add(pod);
  };
  for (const family of FAMILIES) {
    for (const podClass of engine.view(family).classes()) for (const pod of podClass.pods) take(pod);
  }
  engine.onPodMoved(take);
  return {
    byClass: () => {
      const counts = new Map<PodClass, number>();
      for (const pod of pods) {
        const podClass = engine.view(4).classOf(pod) ?? engine.view(6).classOf(pod);
        if (podClass === undefined) pods.delete(pod);
        else counts.set(podClass, (counts.get(podClass) ?? 0) + 1);
      }
      return counts;
    },
  };
}
