import { formatSelector } from "../../k8s/selector.ts";
import { describePods } from "../../policy/describe.ts";
import type { PodSelection, Policy } from "../../policy/policy.ts";
import type { CheckContext } from "./check.ts";
import { countOf, workloadsOf } from "./words.ts";

/**
 * The pods that a policy is about: `shop/db (2 pods today)`, `every pod of namespace shop (5 pods today)`. By their labels
 * alone where the input shows no pods of their namespaces.
 */
export function subjectInWords(context: CheckContext, { subject }: Policy): string {
  return podsInWords(context, subject);
}

/** The same where nobody, or nothing, is said of them: `any pod of namespace shop`, not `every pod`. */
export function anyOfSubjectInWords(context: CheckContext, policy: Policy): string {
  return subjectInWords(context, policy).replace(/^every pod/, "any pod");
}

/** The pods of a selection, in the same words. */
export function podsInWords(context: CheckContext, selection: PodSelection): string {
  const pods = context.selected.podsOf(selection);
  const asked = describePods(selection);
  if (pods.length === 0) return showsPodsOf(context, selection) ? `${asked} (no pods today)` : asked;
  const today = `(${countOf(pods.length, "pod")} today)`;
  return formatSelector(selection.pods) === "" ? `${asked} ${today}` : `${workloadsOf(pods)} ${today}`;
}

/** True if the input tells which pods there are in a namespace of the selection. */
function showsPodsOf({ known, selected }: CheckContext, { namespaces }: PodSelection): boolean {
  return (
    known.everything ||
    selected.namespacesOf(namespaces).some((namespace) => known.namespacesWithPods.has(namespace))
  );
}
