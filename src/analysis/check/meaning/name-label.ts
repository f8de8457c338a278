import type { Finding } from "../../../k8s/finding.ts";
import type { FieldEdit } from "../../../k8s/fix.ts";
import { describePolicy } from "../../../policy/describe.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import { groupsOf, otherPlaces } from "../groups.ts";
import {
  type NamedPods,
  namedPods,
  namespaceSelectorPath,
  type WrittenRequirement,
  writtenRequirements,
} from "../policy-selectors.ts";
import { existingNamespaces, NAME_LABEL } from "./known-namespaces.ts";

/**
 * `namespaceSelector: {matchLabels: {name: monitoring}}`: a namespace is called so, but has no such label. Its name is in
 * the label kubernetes.io/metadata.name.
 */
export const nameLabel: Check = {
  codes: ["name-label"],
  *run(context) {
    for (const [first, ...others] of groupsOf(usesOfNameLabel(context), useKey)) {
      yield finding(context, first, others);
    }
  },
};

interface NameLabelUse extends WrittenRequirement {
  readonly named: NamedPods;
  /** The namespaces that are called so. */
  readonly called: readonly string[];
}

function useKey({ named, key, values = [] }: NameLabelUse): string {
  return JSON.stringify([named.role, key, values]);
}

/** What people write where they mean the name of a namespace. */
const MEANS_NAME = /(^|[./-])(name|namespace|ns)$/i;

function* usesOfNameLabel(context: CheckContext): Iterable<NameLabelUse> {
  const existing = existingNamespaces(context);
  const { selected } = context;
  for (const checked of context.policies) {
    for (const named of namedPods(checked)) {
      const path = namespaceSelectorPath(named);
      const { namespaces } = named.selection;
      if (path === undefined || namespaces.kind === "name") continue;
      for (const requirement of writtenRequirements(namespaces.selector, path)) {
        const { key, operator, values = [] } = requirement;
        if (key === NAME_LABEL || operator !== "In" || !MEANS_NAME.test(key)) continue;
        const called = values.filter((value) => existing.has(value));
        if (called.length === 0) continue;
        const selector = { matchExpressions: [{ key, operator, values }] };
        if (selected.namespacesOf({ kind: "selector", selector }).length > 0) continue;
        yield { ...requirement, named, called };
      }
    }
  }
}

function finding({ known }: CheckContext, first: NameLabelUse, others: readonly NameLabelUse[]): Finding {
  const { named, key, values = [], keyPlace, called } = first;
  const { policy } = named.checked;
  // Without the Namespace object, its labels are elsewhere.
  const isCertain = known.everything || called.every((name) => known.declaredNamespaces.has(name));
  const what = {
    subject: "this policy is about no pod",
    ingress: "this rule lets nobody in",
    egress: "this rule lets nothing out",
  }[named.role];
  const label = `${key}=${values.length === 1 ? values[0] : `(${values.join(", ")})`}`;
  const related = otherPlaces(others, (other) => ({
    position: placeOf(other),
    object: describePolicy(other.named.checked.policy),
    message: `the same in ${describePolicy(other.named.checked.policy)}`,
  }));
  return findingOf("name-label", {
    ...(isCertain ? {} : { severity: "info" }),
    position: policy.origin.position(keyPlace.path, keyPlace.part),
    object: describePolicy(policy),
    message: isCertain
      ? `No namespace has the label ${label}, so ${what} by it: ${called.join(", ")} is a name, and no label of that namespace.`
      : `No namespace of this input has the label ${label}; unless somebody gave it to namespace ${called.join(", ")}, ${what} by it.`,
    help: `Ask for ${NAME_LABEL} instead: Kubernetes itself gives every namespace this label, with its name.`,
    ...(related === undefined ? {} : { related }),
    fix: {
      title: `ask for ${NAME_LABEL} in place of ${key}`,
      safe: false,
      edits: [first, ...others].map(edit),
    },
  });
}

function placeOf({
  named,
  keyPlace,
}: NameLabelUse): ReturnType<NamedPods["checked"]["policy"]["origin"]["position"]> {
  return named.checked.policy.origin.position(keyPlace.path, keyPlace.part);
}

function edit(use: NameLabelUse): FieldEdit {
  const at = placeOf(use);
  return use.keyPlace.part === "key"
    ? { kind: "rename-field", at, name: NAME_LABEL }
    : { kind: "set-value", at, value: NAME_LABEL };
}
