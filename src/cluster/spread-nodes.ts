import { compareNames } from "./names.ts";
import type { PlannedPod } from "./workloads.ts";

/**
 * Puts the pods that name no node on these, workload by workload: each on one with the fewest pods of its workload, of
 * those on one with the fewest pods at all, and of those on the first. So the replicas of a workload are apart as far
 * as there are nodes, and each node gets its share of the pods. A pod that was on one of these nodes before
 * (`previous`, by pod id) stays there. The order of the pods stays too.
 */
export function spreadOverNodes(
  pods: readonly PlannedPod[],
  nodes: readonly string[],
  previous: ReadonlyMap<string, string> = new Map(),
): readonly PlannedPod[] {
  if (nodes.length === 0) return pods;
  const places = new Map<PlannedPod, string>();
  const load = new Map<string, number>();
  const countOn = (key: string): number => load.get(key) ?? 0;
  const place = (pod: PlannedPod, node: string): void => {
    places.set(pod, node);
    for (const key of [node, siblingsKey(pod, node)]) load.set(key, countOn(key) + 1);
  };
  const waiting: PlannedPod[] = [];
  for (const pod of pods) {
    const before = previous.get(`${pod.namespace}/${pod.name}`);
    if (pod.nodeName !== undefined) place(pod, pod.nodeName);
    else if (before !== undefined && nodes.includes(before)) place(pod, before);
    else waiting.push(pod);
  }
  waiting.sort((a, b) => compareNames(workloadOf(a), workloadOf(b)));
  for (const pod of waiting) {
    const [best] = [...nodes].sort(
      (a, b) => countOn(siblingsKey(pod, a)) - countOn(siblingsKey(pod, b)) || countOn(a) - countOn(b),
    );
    place(pod, best!);
  }
  return pods.map((pod) => ({ ...pod, nodeName: places.get(pod)! }));
}

function workloadOf({ namespace, owner }: PlannedPod): string {
  return `${namespace}/${owner.name}[${owner.kind}]`;
}

/** Of the pods of a workload on a node. No node is called so. */
function siblingsKey(pod: PlannedPod, node: string): string {
  return `${node} ${workloadOf(pod)}`;
}
