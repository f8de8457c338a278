import type { ClusterChange } from "../../cluster/change.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { clusterChanges } from "../../cluster/diff.ts";
import { createEngine, type Engine } from "../../engine/engine.ts";

/**
 * The states that a comparison looks at. `between` has the new policies over the old pods, namespaces and nodes: what
 * differs from `before` there is the work of policies, and the rest that of pods.
 */
export const STATES = ["before", "between", "after"] as const;

export type State = (typeof STATES)[number];

/** An engine for each state. States that cannot differ share one. */
export type Engines = Readonly<Record<State, Engine>>;

/** The engines of two clusters and of the state between them. */
export function enginesOf(
  before: Cluster,
  after: Cluster,
  changes: readonly ClusterChange[] = clusterChanges(before, after),
): Engines {
  const hasOtherPolicies = changes.some(isOfPolicy);
  const hasOtherPods = !hasSamePods(before, after, changes);
  const old = createEngine(before);
  if (!hasOtherPolicies && !hasOtherPods) return { before: old, between: old, after: old };
  const now = createEngine(after);
  if (!hasOtherPods) return { before: old, between: now, after: now };
  if (!hasOtherPolicies) return { before: old, between: old, after: now };
  const { networkPolicies, clusterPolicies } = after;
  return {
    before: old,
    between: createEngine({ ...before, networkPolicies, clusterPolicies }),
    after: now,
  };
}

/** True if the two clusters have the same pods, on the same nodes, in namespaces with the same labels. */
export function hasSamePods(before: Cluster, after: Cluster, changes: readonly ClusterChange[]): boolean {
  return changes.every((change) => isOfPolicy(change) || !matters(change, before, after));
}

function isOfPolicy({ kind }: ClusterChange): boolean {
  return kind === "policy-set" || kind === "policy-removed";
}

/** A namespace comes to be where a policy is written for it; without pods it makes no difference. */
function matters(change: ClusterChange, before: Cluster, after: Cluster): boolean {
  const name =
    change.kind === "namespace-set"
      ? change.namespace.name
      : change.kind === "namespace-removed"
        ? change.name
        : undefined;
  return (
    name === undefined || [before, after].some(({ pods }) => pods.some(({ namespace }) => namespace === name))
  );
}
