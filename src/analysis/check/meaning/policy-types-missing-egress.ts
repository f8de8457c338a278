import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { Finding } from "../../../k8s/finding.ts";
import { selectorKey } from "../../../k8s/selector.ts";
import { describePolicy } from "../../../policy/describe.ts";
import { type Check, type CheckContext, type CheckedNetworkPolicy, findingOf } from "../check.ts";
import { isClosed } from "../closed-pods.ts";
import { isolatingPolicies } from "../isolating-policies.ts";
import { anyOfSubjectInWords, subjectInWords } from "../subject-words.ts";
import { countOf, workloadsOf } from "../words.ts";
import { isNamedDeny } from "./named-deny.ts";
import { howTypesLack, typesFix } from "./unwritten-types.ts";

/**
 * Egress rules without policyTypes: Egress is implied, and Ingress always is, so that a policy about what leaves closes
 * what comes in.
 */
export const policyTypesMissingEgress: Check = {
  codes: ["policy-types-missing-egress"],
  *run(context) {
    const mistaken = context.networkPolicies.filter(isMistaken);
    const ids = new Set(mistaken.map(({ policy }) => policy.id));
    for (const checked of mistaken) yield finding(context, checked, ids);
  },
};

/** Whoever writes anything of ingress has thought of it. */
function isMistaken({ source }: CheckedNetworkPolicy): boolean {
  const { policyTypes, ingress, egress = [] } = source.spec;
  return policyTypes === undefined && ingress === undefined && egress.length > 0;
}

/** `mistaken` are the policies of which this is said: none of them excuses another. */
function finding(
  context: CheckContext,
  checked: CheckedNetworkPolicy,
  mistaken: ReadonlySet<string>,
): Finding {
  const { engine, selected } = context;
  const { policy } = checked;
  const pods = selected.podsOf(policy.subject);
  const closed = pods.filter((pod) =>
    isolatingPolicies(engine, pod, "ingress").every(({ id }) => mistaken.has(id)),
  );
  const changesNothing =
    pods.length > 0 ? closed.length === 0 : isIsolatedByOthers(context, checked, mistaken);
  const fix = typesFix(
    policy.origin,
    ["Egress"],
    "write policyTypes: [Egress], so that ingress is left alone",
  );
  return findingOf("policy-types-missing-egress", {
    ...(changesNothing || isNamedDeny(policy) ? { severity: "info" } : {}),
    position: policy.origin.position(["spec", "egress"], "key"),
    object: describePolicy(policy),
    message: changesNothing
      ? `policyTypes is ${howTypesLack(policy.origin)}, so this policy isolates ${subjectInWords(context, policy)} for ingress too. Today others do that already: who gets in does not change by it.`
      : `policyTypes is ${howTypesLack(policy.origin)}, so this policy is about ingress too and has no rule for it: nobody can connect to ${closedInWords(context, policy, pods, closed)} any more${exception(context, closed)}.`,
    help: "If only egress was meant, write policyTypes: [Egress]. If ingress is to be closed, say so: policyTypes: [Ingress, Egress].",
    ...(fix === undefined ? {} : { fix }),
  });
}

/** True if another policy is about the same pods, or all of the namespace: what can be told where there are no pods. */
function isIsolatedByOthers(
  { networkPolicies }: CheckContext,
  { source }: CheckedNetworkPolicy,
  mistaken: ReadonlySet<string>,
): boolean {
  const subjects = new Set(["", selectorKey(source.spec.podSelector)]);
  return networkPolicies.some(
    (other) =>
      other.source.namespace === source.namespace &&
      other.policy.isolates.ingress &&
      !mistaken.has(other.policy.id) &&
      subjects.has(selectorKey(other.source.spec.podSelector)),
  );
}

/** Who gets in all the same, or `, not even from its own namespace`. */
function exception({ engine }: CheckContext, closed: readonly ClusterPod[]): string {
  if (closed.length === 0) return ", unless another policy lets them in";
  return closed.every((pod) => isClosed(engine, pod, "ingress"))
    ? ", not even from its own namespace"
    : ", but for whom a policy of the whole cluster lets in";
}

function closedInWords(
  context: CheckContext,
  policy: CheckedNetworkPolicy["policy"],
  pods: readonly ClusterPod[],
  closed: readonly ClusterPod[],
): string {
  if (closed.length === pods.length) return anyOfSubjectInWords(context, policy);
  return `${workloadsOf(closed)} (${countOf(closed.length, "pod")} today)`;
}
