import type { Finding } from "../../../../k8s/finding.ts";
import { describePolicy } from "../../../../policy/describe.ts";
import { type Check, findingOf } from "../../check.ts";
import { countOf, workloadsOf } from "../../words.ts";
import { symbolicContainment } from "../containment/symbolic.ts";
import { findOverriddenRules, type OverriddenRules } from "./find-overridden-rules.ts";

/** Rules of the tier Baseline for pods that NetworkPolicies isolate: for those, the tier is never asked. */
export const overriddenBaselineRule: Check = {
  codes: ["overridden-baseline-rule"],
  *run({ policies, selected }) {
    const all = policies.map(({ policy }) => policy);
    for (const each of findOverriddenRules(all, selected, symbolicContainment())) yield finding(each);
  },
};

function finding({ policy, direction, holds, pods }: OverriddenRules): Finding {
  const who = pods.length === 0 ? "" : ` (${countOf(pods.length, "pod")} today: ${workloadsOf(pods)})`;
  return findingOf("overridden-baseline-rule", {
    ...(holds === "always" ? { severity: "warning" } : {}),
    position: policy.origin.position(["spec", direction], "key"),
    object: describePolicy(policy),
    message:
      holds === "always"
        ? `These ${direction} rules never decide anything: NetworkPolicies isolate every pod that they could be about` +
          `${who}, and for such a pod the tier Baseline is not asked.`
        : `These ${direction} rules decide nothing today: NetworkPolicies isolate every pod that they are about` +
          `${who}, and for such a pod the tier Baseline is not asked.`,
    help:
      holds === "always"
        ? "To overrule NetworkPolicies, put the rules into a policy of the tier Admin. Else remove them."
        : "They still hold for pods that no NetworkPolicy selects. To overrule NetworkPolicies, use the tier Admin.",
  });
}
