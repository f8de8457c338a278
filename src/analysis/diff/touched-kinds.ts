import type { PodClass } from "../../engine/classes.ts";
import type { Direction } from "../../k8s/objects.ts";
import { FAMILIES } from "../../net/address.ts";
import type { WorkloadKind } from "./kinds.ts";
import type { Engines } from "./states.ts";

/** True of kinds whose rows of a direction may say something else after than before. */
export type IsTouched = (kind: WorkloadKind, direction: Direction) => boolean;

/**
 * Where pods are the same, rows differ only of those that a changed policy is about. `changedPolicies` are the `Kind id`
 * of policies that are not the same before and after.
 */
export function touchedKinds(
  engines: Engines,
  {
    changedPolicies,
    samePods,
  }: { readonly changedPolicies: ReadonlySet<string>; readonly samePods: boolean },
): IsTouched {
  if (!samePods) return () => true;
  const isConcerned = (state: "before" | "after", podClass: PodClass, direction: Direction): boolean =>
    engines[state]
      .view(4)
      .policiesOf(podClass)
      .some(
        ({ kind, id, isolates, rules }) =>
          (isolates[direction] || rules[direction].length > 0) && changedPolicies.has(`${kind} ${id}`),
      );
  const known = new Map<WorkloadKind, Partial<Record<Direction, boolean>>>();
  return (kind, direction) => {
    let ofKind = known.get(kind);
    if (ofKind === undefined) {
      ofKind = {};
      known.set(kind, ofKind);
    }
    const { sides } = kind.members[0]!;
    ofKind[direction] ??= (["before", "after"] as const).some((state) =>
      FAMILIES.some((family) =>
        sides[state]?.families[family].classes.some((each) => isConcerned(state, each, direction)),
      ),
    );
    return ofKind[direction];
  };
}
