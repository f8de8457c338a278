import { selectionKey } from "../../../../engine/selections.ts";
import type { Finding } from "../../../../k8s/finding.ts";
import { type Check, type CheckContext, type CheckedPolicy, findingOf } from "../../check.ts";
import { groupsOf } from "../../groups.ts";
import { countOf } from "../../words.ts";
import { type EmptySelection, emptySelections } from "./empty-selection.ts";
import { type EmptyPlace, findingParts } from "./selects-nothing.ts";
import { subjectSelectors } from "./written-selectors.ts";

/** Policies that are about no pod, where the input shows the pods that they could be about. */
export const policySelectsNothing: Check = {
  codes: ["policy-selects-nothing"],
  *run(context) {
    const emptyOf = emptySelections(context);
    const groups = groupsOf(context.policies, ({ policy }) => selectionKey(policy.subject));
    for (const [first, ...others] of groups) {
      const empty = emptyOf(first.policy.subject);
      if (empty !== undefined) yield finding(context, empty, first, others);
    }
  },
};

function finding(
  { known }: CheckContext,
  empty: EmptySelection,
  first: CheckedPolicy,
  others: readonly CheckedPolicy[],
): Finding {
  const placeOf = (checked: CheckedPolicy): EmptyPlace => ({
    policy: checked.policy,
    selectors: subjectSelectors(checked),
    empty,
  });
  const { suggestion, ...parts } = findingParts(placeOf(first), others.map(placeOf));
  const which =
    others.length === 0 ? "This policy is" : `This policy and ${countOf(others.length, "more", "more")} are`;
  return findingOf("policy-selects-nothing", {
    ...parts,
    // What is not in this input may be elsewhere, and operators make pods of which no manifest tells.
    ...(empty.nearest === undefined ? { severity: "info" } : {}),
    message:
      `${which} about no pod: ${empty.reason}. ` +
      `Traffic is as if ${others.length === 0 ? "it were" : "they were"} not there.`,
    help:
      suggestion ??
      (known.everything
        ? "If such pods come and go, as those of Jobs do, all is well. Else correct the selector, or remove the policy."
        : "If such pods come from elsewhere, all is well. Else correct the selector, or remove the policy."),
  });
}
