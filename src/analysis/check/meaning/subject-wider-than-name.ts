import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { Finding } from "../../../k8s/finding.ts";
import { formatSelector } from "../../../k8s/selector.ts";
import { describePolicy } from "../../../policy/describe.ts";
import { type Check, type CheckContext, type CheckedNetworkPolicy, findingOf } from "../check.ts";
import { namedPods } from "../policy-selectors.ts";
import { countOf } from "../words.ts";

/**
 * A policy whose name speaks of one workload of its namespace (`db`, `edge-to-front`), and that is about every pod there:
 * the labels of its podSelector may be missing.
 */
export const subjectWiderThanName: Check = {
  codes: ["subject-wider-than-name"],
  *run(context) {
    for (const checked of context.networkPolicies) {
      if (formatSelector(checked.policy.subject.pods) !== "") continue;
      const meant = workloadOfName(context, checked) ?? endOfName(context, checked);
      if (meant !== undefined) yield finding(context, checked, meant);
    }
  },
};

/** The workload that the policy is called after, in words, where there are others in the namespace. */
function workloadOfName({ selected }: CheckContext, checked: CheckedNetworkPolicy): string | undefined {
  const { name, namespace } = checked.source;
  const bare = nameWithoutKind(name);
  // What is called as its namespace is about the namespace.
  if (bare === namespace) return undefined;
  const pods = selected.podsOf(checked.policy.subject);
  const namesake = pods.filter(({ workload }) => nameOfWorkload(workload) === bare);
  if (namesake.length === 0 || namesake.length === pods.length) return undefined;
  if (isPeer(checked, selected, namesake[0]!)) return undefined;
  return `${namespace}/${bare} (${countOf(namesake.length, "pod")} today)`;
}

/** What `edge-to-front` lets edge connect to, if it is about ingress; undefined for `edge-to-all`. */
function endOfName({ selected }: CheckContext, { policy, source }: CheckedNetworkPolicy): string | undefined {
  const end = /(?:^|-)to-(.+)$/.exec(nameWithoutKind(source.name))?.[1];
  if (end === undefined || end === source.namespace || EVERYTHING.test(end)) return undefined;
  if (!policy.isolates.ingress || policy.rules.ingress.length === 0) return undefined;
  return selected.podsOf(policy.subject).length > 1 ? end : undefined;
}

const EVERYTHING = /(^|-)(all|any|every|everything|pods|workloads|namespace|ns|cluster)(-|$)/;

/** True where the name may speak of whom the policy lets through: `prometheus` with Prometheus in `from`. */
function isPeer(checked: CheckedNetworkPolicy, selected: CheckContext["selected"], pod: ClusterPod): boolean {
  return [...namedPods(checked)].some(
    ({ role, selection }) => role !== "subject" && selected.podsOf(selection).includes(pod),
  );
}

function nameWithoutKind(name: string): string {
  return name
    .toLowerCase()
    .replace(/^(network-?policy|netpol|np|policy)-/, "")
    .replace(/-(network-?policy|netpol|np|policy)$/, "");
}

/** `db` of `shop/db[StatefulSet]`. */
function nameOfWorkload(workload: string): string {
  return workload.replace(/^.*\//, "").replace(/\[.*$/, "");
}

function finding(
  { selected }: CheckContext,
  { policy, source }: CheckedNetworkPolicy,
  meant: string,
): Finding {
  const pods = selected.podsOf(policy.subject);
  return findingOf("subject-wider-than-name", {
    position: policy.origin.position(["spec", "podSelector"], "key"),
    object: describePolicy(policy),
    message:
      `By its name, the policy is about ${meant}; it limits every pod of namespace ${source.namespace} ` +
      `(${countOf(pods.length, "pod")} today), and what it allows is allowed to all of them.`,
    help: "If only that one is meant, give podSelector its labels. If all are, a name that says so helps the next reader.",
  });
}
