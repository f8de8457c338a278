// Two clusters of the size of profile a, the second with some policies changed, added and removed.
import type { KubernetesObject, NetworkPolicy } from "../../src/k8s/objects.ts";
import { manifestText } from "../manifest-text.ts";
import { objectsOf } from "../profiles/inventory.ts";
import { profileNamed } from "../profiles/profiles.ts";

/** The texts of two clusters as manifests, and how large the first is. */
export interface ChangedClusters {
  readonly before: string;
  readonly after: string;
  readonly changedPolicies: number;
  readonly pods: number;
  readonly policies: number;
}

/** `every`: of how many policies one is changed, one added, one removed. */
export function changedClusters(every: number, scale = 1): ChangedClusters {
  const generated = profileNamed("a").generate(scale);
  const objects = objectsOf(generated);
  let place = 0;
  let changedPolicies = 0;
  const after = objects.flatMap((object): KubernetesObject[] => {
    if (object.kind !== "NetworkPolicy") return [object];
    const phase = place++ % every;
    if (phase > 2) return [object];
    changedPolicies++;
    if (phase === 0) return [];
    if (phase === 1) return [object, { ...object, name: `${object.name}-too` }];
    return [withoutLastRule(object)];
  });
  return {
    before: textOf(objects),
    after: textOf(after),
    changedPolicies,
    pods: generated.pods.length,
    policies: place,
  };
}

function withoutLastRule(policy: NetworkPolicy): NetworkPolicy {
  const { ingress, egress } = policy.spec;
  return {
    ...policy,
    spec: {
      ...policy.spec,
      ...(ingress === undefined ? {} : { ingress: ingress.slice(0, -1) }),
      ...(egress === undefined ? {} : { egress: egress.slice(0, -1) }),
    },
  };
}

function textOf(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => `${manifestText(object)}\n---\n`).join("");
}
