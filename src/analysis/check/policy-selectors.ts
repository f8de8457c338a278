import type { FieldPath } from "../../k8s/location.ts";
import type { Direction, LabelSelector, LabelSelectorRequirement } from "../../k8s/objects.ts";
import type { PodSelection, Rule } from "../../policy/policy.ts";
import type { CheckedPolicy } from "./check.ts";
import { DIRECTIONS } from "./network-policy-rules.ts";

/** Pods that a policy names: those that it is about, or peers of a rule that is in force. */
export interface NamedPods {
  readonly checked: CheckedPolicy;
  readonly selection: PodSelection;
  readonly role: "subject" | Direction;
  /** The rule that they are peers of. */
  readonly rule: Rule | undefined;
  /** The peer; or the field that says which pods the policy is about. */
  readonly path: FieldPath;
}

/** All pods that a policy names. Rules that are never read are left out: there is a finding for them. */
export function* namedPods(checked: CheckedPolicy): Iterable<NamedPods> {
  const { policy } = checked;
  const isNetworkPolicy = policy.kind === "NetworkPolicy";
  const path = isNetworkPolicy ? ["spec", "podSelector"] : ["spec", "subject"];
  yield { checked, selection: policy.subject, role: "subject", rule: undefined, path };
  for (const direction of DIRECTIONS) {
    if (isNetworkPolicy && !policy.isolates[direction]) continue;
    for (const rule of policy.rules[direction]) {
      if (rule.peers === "everyone") continue;
      for (const peer of rule.peers) {
        if (peer.kind !== "pods") continue;
        yield { checked, selection: peer.selection, role: direction, rule, path: peer.path };
      }
    }
  }
}

/** Where the selector of namespaces is written; undefined where the namespace is the policy's own. */
export function namespaceSelectorPath({ checked, selection, path }: NamedPods): FieldPath | undefined {
  if (selection.namespaces.kind === "name") return undefined;
  if (checked.policy.kind === "NetworkPolicy") return [...path, "namespaceSelector"];
  const alone = [...path, "namespaces"];
  return valueAt(checked.source, alone) === undefined ? [...path, "pods", "namespaceSelector"] : alone;
}

/** A requirement of a selector, and where it is written. */
export interface WrittenRequirement extends LabelSelectorRequirement {
  readonly key: string;
  /** The label's name: the key of an entry of matchLabels, else the value of the field `key`. */
  readonly keyPlace: { readonly path: FieldPath; readonly part: "key" | "value" };
  /** A place for each of `values`. */
  readonly valuePaths: readonly FieldPath[];
}

/** The requirements of a selector that is written at `path`. */
export function writtenRequirements(selector: LabelSelector, path: FieldPath): WrittenRequirement[] {
  const labels = Object.entries({ ...selector.matchLabels }).map(([key, value]): WrittenRequirement => {
    const at: FieldPath = [...path, "matchLabels", key];
    return { key, operator: "In", values: [value], keyPlace: { path: at, part: "key" }, valuePaths: [at] };
  });
  const expressions = (selector.matchExpressions ?? []).map((requirement, i): WrittenRequirement => {
    const at: FieldPath = [...path, "matchExpressions", i];
    return {
      ...requirement,
      keyPlace: { path: [...at, "key"], part: "value" },
      valuePaths: (requirement.values ?? []).map((_, j) => [...at, "values", j]),
    };
  });
  return [...labels, ...expressions];
}

/** What an object holds at a path; undefined where there is nothing. */
function valueAt(object: unknown, path: FieldPath): unknown {
  let value: unknown = object;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}
