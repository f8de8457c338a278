import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { CheckContext } from "../check.ts";
import { isPublished } from "./published-pods.ts";

/** The pods of a namespace that policies leave open, and those that they close. */
interface PartlyClosed {
  readonly name: string;
  readonly open: readonly ClusterPod[];
  readonly closed: readonly ClusterPod[];
}

/** `kube-system` and its like: the cluster needs them open in ways that only those who run it know. */
export function isSystemNamespace(name: string): boolean {
  return /^(kube|openshift)-/.test(name);
}

/**
 * Where most workloads are closed, those that are not were probably forgotten. Where few are, they may be all that was
 * meant to be closed. Nobody connects to jobs, or to what declares no port: that may well be left open for ingress.
 * `isForBoth` tells that they are open for egress too.
 */
export function isProbablyForgotten(
  context: CheckContext,
  { name, open, closed }: PartlyClosed,
  isForBoth: boolean,
): boolean {
  if (isSystemNamespace(name)) return false;
  // What is published is there for everybody.
  const unpublished = open.filter((pod) => !isPublished(context, pod));
  if (unpublished.length === 0) return false;
  const listening = unpublished.filter(
    ({ workload, ports }) => ports.length > 0 && !/\[(Cron)?Job\]$/.test(workload),
  );
  const chosen = workloadIds(closed).size;
  return (isForBoth || listening.length > 0) && chosen > 1 && chosen > workloadIds(open).size;
}

function workloadIds(pods: readonly ClusterPod[]): Set<string> {
  return new Set(pods.map(({ workload }) => workload));
}
