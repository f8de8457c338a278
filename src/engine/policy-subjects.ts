import { FAMILIES } from "../net/address.ts";
import type { PodClass } from "./classes.ts";
import type { Engine } from "./engine.ts";

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
 * Costs a look at every pod, and at the policies of the classes that have pods on the node.
 */
export function policySubjects(engine: Engine, node: string): Map<string, number> {
  const subjects = new Map<string, number>();
  for (const [podClass, local] of localClasses(engine, node)) {
    if (local === 0) continue;
    for (const { kind, id } of engine.view(4).policiesOf(podClass)) {
      const policy = `${kind} ${id}`;
      subjects.set(policy, (subjects.get(policy) ?? 0) + local);
    }
  }
  return subjects;
}

export function podCounts(engine: Engine, node: string): PodCounts {
  let [pods, localPods, isolatedPods] = [0, 0, 0];
  for (const [podClass, local] of localClasses(engine, node)) {
    pods += podClass.pods.size;
    localPods += local;
    if (local === 0) continue;
    const policies = engine.view(4).policiesOf(podClass);
    if (policies.some(({ isolates }) => isolates.ingress || isolates.egress)) isolatedPods += local;
  }
  return { pods, localPods, isolatedPods };
}

/** Every class, with the number of its pods on a node. */
function* localClasses(engine: Engine, node: string): Generator<readonly [PodClass, number]> {
  // Most classes have addresses of both families.
  const classes = new Set(FAMILIES.flatMap((family) => engine.view(family).classes()));
  for (const podClass of classes) {
    let local = 0;
    for (const pod of podClass.pods) if (pod.node === node) local++;
    yield [podClass, local];
  }
}
