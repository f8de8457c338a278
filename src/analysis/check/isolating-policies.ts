import type { ClusterPod } from "../../cluster/cluster.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Direction } from "../../k8s/objects.ts";
import { FAMILIES } from "../../net/address.ts";
import type { Policy } from "../../policy/policy.ts";

/** The NetworkPolicies that isolate a pod for a direction. */
export function isolatingPolicies(engine: Engine, pod: ClusterPod, direction: Direction): readonly Policy[] {
  for (const family of FAMILIES) {
    const view = engine.view(family);
    const podClass = view.classOf(pod);
    if (podClass === undefined) continue;
    return view.policiesOf(podClass).filter(({ isolates }) => isolates[direction]);
  }
  return [];
}
