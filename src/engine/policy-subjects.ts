import type { Engine } from "./engine.ts";
import { nodePopulation } from "./node-population.ts";

/** Pods, counted. */
export interface PodCounts {
  /** Of the cluster, without host-network pods, which policies do not see. */
  readonly pods: number;
  /** Those of the node. */
  readonly localPods: number;
  /** Those of the node that a NetworkPolicy isolates in a direction. */
  readonly isolatedPods: number;
}

/**
 * How many pods of a node each policy is about, by `NetworkPolicy shop/db`; policies that are about none are left out.
 * Costs a look at the pods of the node and their policies, but for the first question about it.
 */
export function policySubjects(engine: Engine, node: string): Map<string, number> {
  const subjects = new Map<string, number>();
  for (const [podClass, local] of nodePopulation(engine, node).byClass()) {
    for (const { kind, id } of engine.view(4).policiesOf(podClass)) {
      const policy = `${kind} ${id}`;
      subjects.set(policy, (subjects.get(policy) ?? 0) + local);
    }
  }
  return subjects;
}

/** Costs as much as {@link policySubjects}. */
export function podCounts(engine: Engine, node: string): PodCounts {
  let [localPods, isolatedPods] = [0, 0];
  for (const [podClass, local] of nodePopulation(engine, node).byClass()) {
    localPods += local;
    const policies = engine.view(4).policiesOf(podClass);
    if (policies.some(({ isolates }) => isolates.ingress || isolates.egress)) isolatedPods += local;
  }
  return { pods: engine.podCount, localPods, isolatedPods };
}
