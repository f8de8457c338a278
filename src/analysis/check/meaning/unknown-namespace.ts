import type { Finding } from "../../../k8s/finding.ts";
import type { FieldPath } from "../../../k8s/location.ts";
import { describePolicy } from "../../../policy/describe.ts";
import { type Check, type CheckContext, type CheckedPolicy, findingOf } from "../check.ts";
import { groupsOf, otherPlaces } from "../groups.ts";
import { nearName } from "../near-name.ts";
import { namedPods, namespaceSelectorPath, writtenRequirements } from "../policy-selectors.ts";
import { countOf } from "../words.ts";
import { existingNamespaces, NAME_LABEL } from "./known-namespaces.ts";

/** Policies in, and selectors for, a namespace that does not exist: where the input tells, or one is called nearly so. */
export const unknownNamespace: Check = {
  codes: ["unknown-namespace"],
  *run(context) {
    const existing = existingNamespaces(context);
    for (const [first, ...others] of groupsOf(policiesElsewhere(context, existing), ({ name }) => name)) {
      yield policyFinding(context, existing, first, others);
    }
    const uses = groupsOf(usesOfUnknown(context, existing), ({ name, role }) => JSON.stringify([name, role]));
    for (const [first, ...others] of uses) {
      const near = nearName(first.name, existing);
      // Much of a cluster is not in the input as a rule.
      if (near !== undefined || context.known.everything) yield selectorFinding(context, near, first, others);
    }
  },
};

/** A place where the name of a namespace is written that is not known to exist. */
interface UnknownName {
  readonly name: string;
  readonly checked: CheckedPolicy;
  readonly path: FieldPath;
}

function* policiesElsewhere(
  { networkPolicies, known }: CheckContext,
  existing: ReadonlySet<string>,
): Iterable<UnknownName> {
  // Without a single Namespace, the input does not mean to tell which there are.
  const tells = known.everything || known.declaredNamespaces.size > 0;
  for (const checked of networkPolicies) {
    const name = checked.source.namespace;
    if (tells && !existing.has(name)) yield { name, checked, path: ["metadata", "namespace"] };
  }
}

function policyFinding(
  { known }: CheckContext,
  existing: ReadonlySet<string>,
  first: UnknownName,
  others: readonly UnknownName[],
): Finding {
  const near = nearName(first.name, existing);
  const protects =
    others.length === 0
      ? "this policy protects"
      : `this and ${countOf(others.length, "more policy", "more policies")} protect`;
  return findingOf("unknown-namespace", {
    ...(near === undefined && !known.everything ? { severity: "info" } : {}),
    ...whereOf(first, others),
    message: known.everything
      ? `There is no namespace ${first.name} and no pod in it, so ${protects} nobody.`
      : `There is no namespace ${first.name} in this input, and no pod in it: unless the cluster has it, ${protects} nobody.`,
    help: near === undefined ? "Check metadata.namespace, or create the namespace." : `Did you mean ${near}?`,
    ...fixOf(near, [first, ...others]),
  });
}

interface UnknownUse extends UnknownName {
  readonly role: "subject" | "ingress" | "egress";
}

function* usesOfUnknown(
  { policies, cluster }: CheckContext,
  existing: ReadonlySet<string>,
): Iterable<UnknownUse> {
  for (const checked of policies) {
    for (const named of namedPods(checked)) {
      const path = namespaceSelectorPath(named);
      const { namespaces } = named.selection;
      if (path === undefined || namespaces.kind === "name") continue;
      for (const { key, operator, values = [], valuePaths } of writtenRequirements(
        namespaces.selector,
        path,
      )) {
        if (key !== NAME_LABEL || operator !== "In") continue;
        for (const [i, name] of values.entries()) {
          // A namespace with nothing but policies in it may exist too.
          if (cluster.namespaces.has(name) || existing.has(name)) continue;
          yield { name, checked, path: valuePaths[i]!, role: named.role };
        }
      }
    }
  }
}

function selectorFinding(
  { known }: CheckContext,
  near: string | undefined,
  first: UnknownUse,
  others: readonly UnknownUse[],
): Finding {
  const what = {
    subject: "this policy is about no pod of it",
    ingress: "this rule lets in nobody from there",
    egress: "this rule lets nothing out to there",
  }[first.role];
  return findingOf("unknown-namespace", {
    // It may be created later, with a name that is right.
    ...(near === undefined ? { severity: "info" } : {}),
    ...whereOf(first, others),
    message: `There is no namespace ${first.name}${known.everything ? "" : " in this input"}: ${what}.`,
    help: near === undefined ? "Check the name, or create the namespace." : `Did you mean ${near}?`,
    ...fixOf(near, [first, ...others]),
  });
}

function whereOf(
  { checked, path }: UnknownName,
  others: readonly UnknownName[],
): Pick<Finding, "position" | "object" | "related"> {
  const { policy } = checked;
  const related = otherPlaces(others, (other) => ({
    position: other.checked.policy.origin.position(other.path),
    object: describePolicy(other.checked.policy),
    message: `the same in ${describePolicy(other.checked.policy)}`,
  }));
  return {
    position: policy.origin.position(path),
    object: describePolicy(policy),
    ...(related === undefined ? {} : { related }),
  };
}

function fixOf(near: string | undefined, places: readonly UnknownName[]): Pick<Finding, "fix"> {
  if (near === undefined) return {};
  return {
    fix: {
      title: `write ${near}`,
      safe: false,
      edits: places.map(({ checked, path }) => ({
        kind: "set-value",
        at: checked.policy.origin.position(path),
        value: near,
      })),
    },
  };
}
