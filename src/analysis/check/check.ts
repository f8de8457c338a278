import type { ClusterPolicyObject } from "../../cluster/change.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { DeclaredNamespaces } from "../../cluster/declared-namespaces.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Finding } from "../../k8s/finding.ts";
import type { NetworkPolicy } from "../../k8s/objects.ts";
import type { Policy } from "../../policy/policy.ts";
import { CHECK_CODES, type CheckCode } from "./codes.ts";
import type { SelectedPods } from "./selected-pods.ts";

/** Looks for one kind of mistake, or a few that are found together. */
export interface Check {
  /** All that it may report. */
  readonly codes: readonly CheckCode[];
  readonly run: (context: CheckContext) => Iterable<Finding>;
}

/** What checks look at. */
export interface CheckContext {
  readonly cluster: Cluster;
  readonly engine: Engine;
  /** Every policy that was understood, in the order of judgement. */
  readonly policies: readonly CheckedPolicy[];
  /** Those of them that are NetworkPolicies, by namespace and name. */
  readonly networkPolicies: readonly CheckedNetworkPolicy[];
  readonly selected: SelectedPods;
  readonly known: KnownObjects;
}

/** A policy as it was written, and what it means. */
export interface CheckedPolicy {
  readonly source: ClusterPolicyObject;
  readonly policy: Policy;
}

export interface CheckedNetworkPolicy extends CheckedPolicy {
  readonly source: NetworkPolicy;
}

/**
 * How much of a cluster the input shows. A folder may hold policies alone, or one application of many: what is not there
 * may be elsewhere.
 */
export interface KnownObjects {
  /** True for a running cluster, of which everything was read. */
  readonly everything: boolean;
  /** The namespaces for which there is a Namespace object. */
  readonly declaredNamespaces: DeclaredNamespaces;
  /** The namespaces that have pods, host-network ones included. */
  readonly namespacesWithPods: ReadonlySet<string>;
}

/** A finding of a check: how bad it is, its code tells, unless `severity` does. */
export function findingOf(
  code: CheckCode,
  finding: Omit<Finding, "code" | "severity"> & Partial<Pick<Finding, "severity">>,
): Finding {
  return { code, severity: CHECK_CODES[code].severity, ...finding };
}
