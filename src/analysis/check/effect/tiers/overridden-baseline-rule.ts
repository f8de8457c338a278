import type { ClusterPod } from "../../../../cluster/cluster.ts";
import { rulePorts } from "../../../../engine/ports.ts";
import type { Finding } from "../../../../k8s/finding.ts";
import { FAMILIES } from "../../../../net/address.ts";
import { intersectPorts, NO_PORTS } from "../../../../net/port-set.ts";
import { describePolicy } from "../../../../policy/describe.ts";
import type { Rule } from "../../../../policy/policy.ts";
import { type Check, type CheckContext, findingOf } from "../../check.ts";
import { countOf, listOf, workloadsOf } from "../../words.ts";
import { symbolicContainment } from "../containment/symbolic.ts";
import { ruleWords } from "../redundancy/words.ts";
import { findOverriddenRules, type OverriddenRules } from "./find-overridden-rules.ts";

/** Rules of the tier Baseline for pods that NetworkPolicies isolate: for those, the tier is never asked. */
export const overriddenBaselineRule: Check = {
  codes: ["overridden-baseline-rule"],
  *run(context) {
    const all = context.policies.map(({ policy }) => policy);
    for (const each of findOverriddenRules(all, context.selected, symbolicContainment())) {
      yield finding(context, each);
    }
  },
};

function finding(context: CheckContext, { policy, direction, holds, pods }: OverriddenRules): Finding {
  const who = pods.length === 0 ? "" : ` (${countOf(pods.length, "pod")} today: ${workloadsOf(pods)})`;
  const denied = policy.rules[direction].filter((rule) => isDenied(context, rule, pods));
  const deniedWords =
    denied.length === 0
      ? ""
      : ` They deny what ${listOf(denied.map((rule) => ruleWords({ policy, rule }, policy)))} ` +
        `${denied.length === 1 ? "accepts" : "accept"}.`;
  return findingOf("overridden-baseline-rule", {
    // What denies may be a net for namespaces to come. What accepts was to open something, and does not.
    ...(holds === "always" || denied.length > 0 ? { severity: "warning" } : {}),
    position: policy.origin.position(["spec", direction], "key"),
    object: describePolicy(policy),
    message:
      (holds === "always"
        ? `These ${direction} rules never decide anything: NetworkPolicies isolate every pod that they could be about`
        : `These ${direction} rules decide nothing today: NetworkPolicies isolate every pod that they are about`) +
      `${who}, and for such a pod the tier Baseline is not asked.${deniedWords}`,
    help:
      denied.length > 0
        ? "If that is to pass, allow it in NetworkPolicies, or accept it in the tier Admin."
        : holds === "always"
          ? "To overrule NetworkPolicies, put the rules into a policy of the tier Admin. Else remove them."
          : "They still hold for pods that no NetworkPolicy selects. To overrule NetworkPolicies, use the tier Admin.",
  });
}

/** Each rule is tried with so many pods that it is about. */
const MOST_TRIED = 20;

/** True if a rule accepts what each pod that was tried is denied by what is asked before Baseline. */
function isDenied({ engine, selected }: CheckContext, rule: Rule, pods: readonly ClusterPod[]): boolean {
  if (rule.action !== "Accept" || rule.peers === "everyone") return false;
  const { direction } = rule;
  let tried = 0;
  for (const peer of rule.peers) {
    const other = peer.kind === "pods" ? selected.podsOf(peer.selection)[0] : undefined;
    if (other === undefined) continue;
    for (const pod of pods.slice(0, MOST_TRIED)) {
      const [from, to] = direction === "ingress" ? [other, pod] : [pod, other];
      const wanted = rulePorts(rule, to.ports);
      if (pod === other || wanted === NO_PORTS) continue;
      for (const family of FAMILIES) {
        if (pod.addresses[family] === undefined || other.addresses[family] === undefined) continue;
        const passing = engine.sidePorts(direction, engine.endOf(from), engine.endOf(to), family);
        if (intersectPorts(wanted, passing) !== NO_PORTS) return false;
        tried++;
      }
    }
  }
  return tried > 0;
}
