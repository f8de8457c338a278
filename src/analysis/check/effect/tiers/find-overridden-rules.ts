import type { ClusterPod } from "../../../../cluster/cluster.ts";
import type { Direction } from "../../../../k8s/objects.ts";
import { requirementsOf } from "../../../../k8s/selector.ts";
import type { PodSelection, Policy } from "../../../../policy/policy.ts";
import { constraintsOf } from "../../../label-constraint.ts";
import { DIRECTIONS } from "../../network-policy-rules.ts";
import type { SelectedPods } from "../../selected-pods.ts";
import type { SymbolicContainment } from "../containment/symbolic.ts";

/** A direction of a Baseline policy whose rules are never asked, as NetworkPolicies isolate all of its pods. */
export interface OverriddenRules {
  readonly policy: Policy;
  readonly direction: Direction;
  /** For any pod that could exist, or only for those that there are. */
  readonly holds: "always" | "today";
  /** The pods that it is about now. */
  readonly pods: readonly ClusterPod[];
}

/** NetworkPolicies in audit mode are not counted on. */
export function* findOverriddenRules(
  policies: readonly Policy[],
  selected: SelectedPods,
  { podsWithin }: SymbolicContainment,
): Iterable<OverriddenRules> {
  const baseline = policies.filter(({ tier }) => tier === "Baseline");
  if (baseline.length === 0) return;
  const isolating = policies.filter(({ tier, audit }) => tier === "NetworkPolicy" && !audit);
  for (const direction of DIRECTIONS) {
    const about = baseline.filter(({ rules }) => rules[direction].length > 0);
    if (about.length === 0) continue;
    const isolators = isolating.filter(({ isolates }) => isolates[direction]);
    const isolated = new Set(isolators.flatMap(({ subject }) => selected.podsOf(subject)));
    for (const policy of about) {
      const pods = selected.podsOf(policy.subject);
      const isAlways = partsByNamespace(policy.subject)?.every((part) =>
        isolators.some(({ subject }) => podsWithin(part, subject)),
      );
      if (isAlways === true) yield { policy, direction, holds: "always", pods };
      else if (pods.length > 0 && pods.every((pod) => isolated.has(pod)))
        yield { policy, direction, holds: "today", pods };
    }
  }
}

/** A selection as selections of one namespace each, if it names its namespaces. */
function partsByNamespace({ namespaces, pods }: PodSelection): PodSelection[] | undefined {
  if (namespaces.kind === "name") return [{ namespaces, pods }];
  const named = constraintsOf(requirementsOf(namespaces.selector))?.get("kubernetes.io/metadata.name");
  if (named?.oneOf === undefined || named.oneOf.size === 0) return undefined;
  return [...named.oneOf].map((name) => ({ namespaces: { kind: "name", name }, pods }));
}
