import { type ClusterPolicyObject, policyId } from "../../cluster/change.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { DeclaredNamespaces } from "../../cluster/declared-namespaces.ts";
import { createEngine, type Engine } from "../../engine/engine.ts";
import { compareFindings, type Finding } from "../../k8s/finding.ts";
import { comparePolicies, policyOf } from "../../policy/policies.ts";
import type { CheckContext, CheckedNetworkPolicy, CheckedPolicy, KnownObjects } from "./check.ts";
import { CHECKS } from "./checks.ts";
import { selectedPods } from "./selected-pods.ts";

/** What checks are told of the input. */
export interface CheckInput {
  readonly cluster: Cluster;
  /** The namespaces for which the input has a Namespace object. */
  readonly declaredNamespaces: DeclaredNamespaces;
  /** True for a running cluster, of which everything was read. */
  readonly everything: boolean;
}

/**
 * Looks for mistakes that Kubernetes accepts, by place. Policies that could not be understood are passed over: what is
 * wrong with them was told when they were read.
 */
export function runChecks(input: CheckInput): Finding[] {
  const context = checkContext(input);
  return CHECKS.flatMap((check) => [...check.run(context)].map(withPossibleFix)).sort(compareFindings);
}

/** Where there is no text, as of a running cluster, nothing can be mended in it. */
function withPossibleFix(finding: Finding): Finding {
  if (finding.fix === undefined || finding.position.line > 0) return finding;
  const { fix: _, ...rest } = finding;
  return rest;
}

/** Everything that checks look at. */
export function checkContext({ cluster, declaredNamespaces, everything }: CheckInput): CheckContext {
  const engine = createEngine(cluster);
  const policies = [...cluster.networkPolicies, ...cluster.clusterPolicies]
    .filter(({ broken }) => !broken)
    .map(policyReader(engine))
    .sort((a, b) => comparePolicies(a.policy, b.policy));
  const known: KnownObjects = {
    everything,
    declaredNamespaces,
    namespacesWithPods: new Set(cluster.pods.map(({ namespace }) => namespace)),
  };
  return {
    cluster,
    engine,
    policies,
    networkPolicies: policies.filter(isNetworkPolicy),
    selected: selectedPods(cluster),
    known,
  };
}

/** What the engine has read already is not read again: there may be very many. */
function policyReader(engine: Engine): (source: ClusterPolicyObject) => CheckedPolicy {
  const ofEngine = new Map(engine.policies.map((policy) => [`${policy.kind} ${policy.id}`, policy]));
  return (source) => {
    const read = ofEngine.get(policyId(source));
    // Of two with the same name, the engine knows one.
    return { source, policy: read?.origin === source.origin ? read : policyOf(source) };
  };
}

function isNetworkPolicy(policy: CheckedPolicy): policy is CheckedNetworkPolicy {
  return policy.source.kind === "NetworkPolicy";
}
