import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { Finding } from "../../../k8s/finding.ts";
import type { Direction, PolicyType } from "../../../k8s/objects.ts";
import { selectorKey } from "../../../k8s/selector.ts";
import { describePolicy } from "../../../policy/describe.ts";
import { type Check, type CheckContext, type CheckedNetworkPolicy, findingOf } from "../check.ts";
import { isClosed } from "../closed-pods.ts";
import { DIRECTIONS } from "../network-policy-rules.ts";
import { anyOfSubjectInWords, subjectInWords } from "../subject-words.ts";
import { countOf, workloadsOf } from "../words.ts";
import { isNamedDeny } from "./named-deny.ts";

/**
 * A policy with rules for one direction that lists the other as well, without a rule: that one is closed altogether. Both
 * types are often listed by habit.
 */
export const denyAllByType: Check = {
  codes: ["deny-all-by-type"],
  *run(context) {
    const rulesForAll = everyPodRules(context);
    for (const checked of context.networkPolicies) {
      for (const direction of DIRECTIONS) {
        if (!isByHabit(checked, direction)) continue;
        const pods = context.selected.podsOf(checked.policy.subject);
        const closed = pods.filter((pod) => isClosed(context.engine, pod, direction));
        const isOpenedByOthers = pods.length > 0 ? closed.length === 0 : rulesForAll(checked, direction);
        if (!isOpenedByOthers) yield finding(context, checked, direction, pods, closed);
      }
    }
  },
};

/** True where nothing shows that closing the direction is what the policy is for: `egress: []` would. */
function isByHabit({ policy, source }: CheckedNetworkPolicy, direction: Direction): boolean {
  const { spec } = source;
  const other = direction === "ingress" ? "egress" : "ingress";
  return (
    spec.policyTypes !== undefined &&
    policy.isolates[direction] &&
    spec[direction] === undefined &&
    policy.isolates[other] &&
    policy.rules[other].length > 0 &&
    !isNamedDeny(policy)
  );
}

/**
 * Tells whether another policy has rules of the direction for the same pods, or for every pod of the namespace: all that
 * can be said where the input shows no pods.
 */
function everyPodRules({
  networkPolicies,
}: CheckContext): (checked: CheckedNetworkPolicy, direction: Direction) => boolean {
  let known: Set<string> | undefined;
  const keyOf = (namespace: string, subject: string, direction: Direction): string =>
    JSON.stringify([namespace, subject, direction]);
  return ({ source }, direction) => {
    known ??= new Set(
      networkPolicies.flatMap((each) =>
        DIRECTIONS.filter((way) => each.policy.isolates[way] && each.policy.rules[way].length > 0).map(
          (way) => keyOf(each.source.namespace, selectorKey(each.source.spec.podSelector), way),
        ),
      ),
    );
    const subjects = ["", selectorKey(source.spec.podSelector)];
    return subjects.some((subject) => known!.has(keyOf(source.namespace, subject, direction)));
  };
}

function finding(
  context: CheckContext,
  { policy, source }: CheckedNetworkPolicy,
  direction: Direction,
  pods: readonly ClusterPod[],
  closed: readonly ClusterPod[],
): Finding {
  const type: PolicyType = direction === "ingress" ? "Ingress" : "Egress";
  const place = ["spec", "policyTypes", (source.spec.policyTypes ?? []).indexOf(type)];
  const subject =
    closed.length === pods.length
      ? (direction === "ingress" ? anyOfSubjectInWords : subjectInWords)(context, policy)
      : `${workloadsOf(closed)} (${countOf(closed.length, "pod")} today)`;
  return findingOf("deny-all-by-type", {
    position: policy.origin.position(place),
    object: describePolicy(policy),
    message:
      `policyTypes lists ${type} and there is no ${direction} rule: ` +
      (direction === "ingress"
        ? `nobody may connect to ${subject}.`
        : `${subject} may connect to nobody, not even to ask DNS.`),
    help: `If that is meant, say so with ${direction}: []. If not, remove ${type} from policyTypes, or add rules under ${direction}.`,
    fix: {
      title: `remove ${type} from policyTypes, so that ${direction} is left alone`,
      safe: false,
      edits: [{ kind: "remove-item", at: policy.origin.position(place) }],
    },
  });
}
