import type { Finding } from "../../../k8s/finding.ts";
import type { FieldPath, Origin } from "../../../k8s/location.ts";
import type { LabelSelector } from "../../../k8s/objects.ts";
import { formatSelector } from "../../../k8s/selector.ts";
import { describePolicy } from "../../../policy/describe.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import { groupsOf, otherPlaces } from "../groups.ts";
import { isNamedOpen } from "../named-open.ts";
import { type NamedPods, namedPods } from "../policy-selectors.ts";
import { podsInWords } from "../subject-words.ts";

/**
 * Selectors that ask for nothing and so select everything: a matchLabels whose labels are missing, and a namespaceSelector
 * that is `{}`. `podSelector: {}` is the usual way to say "every pod", and is not reported.
 */
export const emptySelectors: Check = {
  codes: ["empty-match-labels", "empty-namespace-selector"],
  *run(context) {
    const everyNamespace: NamedPods[] = [];
    for (const checked of context.networkPolicies) {
      for (const named of namedPods(checked)) {
        const lost = fieldWithoutLabels(named);
        if (lost !== undefined) yield lostLabelsFinding(context, named, lost);
        else if (isEveryNamespace(named)) everyNamespace.push(named);
      }
    }
    for (const [first, ...others] of groupsOf(everyNamespace, namespaceAndDirection)) {
      yield everyNamespaceFinding(context, first, others);
    }
  },
};

/** The selector that holds `matchLabels:` without a value, and nothing else. */
function fieldWithoutLabels(named: NamedPods): FieldPath | undefined {
  const { checked, selection, role, path } = named;
  const { namespaces, pods } = selection;
  const { origin } = checked.policy;
  const podsPath = role === "subject" ? path : [...path, "podSelector"];
  if (isWithoutLabels(pods, origin, podsPath)) return podsPath;
  const namespacesPath = [...path, "namespaceSelector"];
  return namespaces.kind === "selector" && isWithoutLabels(namespaces.selector, origin, namespacesPath)
    ? namespacesPath
    : undefined;
}

/** `matchLabels: {}` is what templates print where there are no labels, and asks for nothing openly. */
function isWithoutLabels(selector: LabelSelector, origin: Origin, path: FieldPath): boolean {
  if (selector.matchLabels === undefined || formatSelector(selector) !== "") return false;
  const field = [...path, "matchLabels"];
  const [key, value] = [origin.position(field, "key"), origin.position(field)];
  // A value that is not there has the place of its key.
  return key.line !== 0 && key.line === value.line && key.column === value.column;
}

function lostLabelsFinding(
  context: CheckContext,
  { checked, selection, role }: NamedPods,
  path: FieldPath,
): Finding {
  const { policy } = checked;
  const everybody = podsInWords(context, selection);
  return findingOf("empty-match-labels", {
    position: policy.origin.position([...path, "matchLabels"], "key"),
    object: describePolicy(policy),
    message:
      "matchLabels: without labels selects everything: " +
      (role === "subject"
        ? `this policy is about ${everybody}.`
        : role === "ingress"
          ? `this rule lets in ${everybody}.`
          : `this rule lets out to ${everybody}.`),
    help: `Write the labels, indented below matchLabels. If everything is meant, write ${path.at(-1)}: {}.`,
  });
}

/** With a podSelector beside it, that says who is meant. */
function isEveryNamespace({ selection, checked, role }: NamedPods): boolean {
  return (
    role !== "subject" &&
    selection.namespaces.kind === "selector" &&
    formatSelector(selection.namespaces.selector) === "" &&
    formatSelector(selection.pods) === "" &&
    // A policy called so means it.
    !isNamedOpen(checked.source.name)
  );
}

function namespaceAndDirection({ checked, role }: NamedPods): string {
  const { namespaces } = checked.policy.subject;
  return JSON.stringify([namespaces.kind === "name" ? namespaces.name : "", role]);
}

function everyNamespaceFinding(
  context: CheckContext,
  { checked, selection, role, path }: NamedPods,
  others: readonly NamedPods[],
): Finding {
  const { policy } = checked;
  const related = otherPlaces(others, (other) => ({
    position: other.checked.policy.origin.position([...other.path, "namespaceSelector"], "key"),
    object: describePolicy(other.checked.policy),
    message: `the same in ${describePolicy(other.checked.policy)}`,
  }));
  return findingOf("empty-namespace-selector", {
    position: policy.origin.position([...path, "namespaceSelector"], "key"),
    object: describePolicy(policy),
    message:
      `namespaceSelector: {} is every namespace, not the policy's own: this rule lets ${role === "ingress" ? "in" : "out to"} ` +
      `${podsInWords(context, selection)}, and of those still to come.`,
    help: "If the policy's own namespace is meant, write podSelector: {} in its place.",
    ...(related === undefined ? {} : { related }),
  });
}
