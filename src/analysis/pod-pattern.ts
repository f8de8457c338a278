import type { ClusterNamespace } from "../cluster/cluster.ts";
import { selectionKey } from "../engine/selections.ts";
import type { LabelSelectorRequirement, Labels } from "../k8s/objects.ts";
import { requirementsOf, selectorMatches } from "../k8s/selector.ts";
import type { PodSelection } from "../policy/policy.ts";
import {
  constraintsOf,
  entails,
  exampleLabels,
  type LabelConstraints,
  otherThan,
} from "./label-constraint.ts";

/** The label with its own name that every namespace carries. */
const NAME_LABEL = "kubernetes.io/metadata.name";

/**
 * The pods that a selection could choose, whether there are any or not. Patterns of one cluster are compared by what
 * they say; of a namespace that a pattern names, its labels are known.
 */
export interface PodPattern {
  readonly selection: PodSelection;
  /** One text for all patterns that say the same. */
  readonly key: string;
  readonly namespace:
    | { readonly name: string; readonly labels: Labels }
    | { readonly name?: undefined; readonly constraints: LabelConstraints };
  readonly pods: LabelConstraints;
}

/** A pod that a pattern chooses. */
export interface PatternExample {
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly labels: Labels;
}

type Namespaces = ReadonlyMap<string, ClusterNamespace>;

/** Every pod of every namespace. */
export const EVERY_POD: PodSelection = {
  namespaces: { kind: "selector", selector: {} },
  pods: {},
};

/** The pattern of a selection. Undefined if no pod could ever be chosen. */
export function patternOf(selection: PodSelection, namespaces: Namespaces): PodPattern | undefined {
  const pods = constraintsOf(requirementsOf(selection.pods));
  if (pods === undefined) return undefined;
  const key = selectionKey(selection);
  if (selection.namespaces.kind === "name") {
    const { name } = selection.namespaces;
    return { selection, key, namespace: { name, labels: labelsOfNamespace(name, namespaces) }, pods };
  }
  const constraints = constraintsOf(requirementsOf(selection.namespaces.selector));
  // Every namespace has the label with its name.
  if (constraints === undefined || constraints.get(NAME_LABEL)?.absent === true) return undefined;
  return { selection, key, namespace: { constraints }, pods };
}

function labelsOfNamespace(name: string, namespaces: Namespaces): Labels {
  return namespaces.get(name)?.labels ?? { [NAME_LABEL]: name };
}

/** The pods that both choose. Undefined if there can be none. */
export function jointPattern(a: PodPattern, b: PodPattern, namespaces: Namespaces): PodPattern | undefined {
  const place = jointNamespaces(a, b);
  if (place === undefined) return undefined;
  const pods = joined(requirementsOf(a.selection.pods), requirementsOf(b.selection.pods));
  return patternOf({ namespaces: place, pods: { matchExpressions: pods } }, namespaces);
}

function jointNamespaces(a: PodPattern, b: PodPattern): PodSelection["namespaces"] | undefined {
  const [named, other] = a.namespace.name !== undefined ? [a, b] : [b, a];
  const [place, otherPlace] = [named.selection.namespaces, other.selection.namespaces];
  if (named.namespace.name === undefined) {
    if (place.kind === "name" || otherPlace.kind === "name") return undefined;
    const requirements = joined(requirementsOf(place.selector), requirementsOf(otherPlace.selector));
    return { kind: "selector", selector: { matchExpressions: requirements } };
  }
  const matches =
    otherPlace.kind === "name"
      ? otherPlace.name === named.namespace.name
      : selectorMatches(otherPlace.selector, named.namespace.labels);
  return matches ? place : undefined;
}

function joined(
  a: readonly LabelSelectorRequirement[],
  b: readonly LabelSelectorRequirement[],
): LabelSelectorRequirement[] {
  const byText = new Map<string, LabelSelectorRequirement>();
  for (const { key, operator, values } of [...a, ...b]) {
    const requirement = { key, operator, ...(values === undefined ? {} : { values }) };
    byText.set(JSON.stringify([key, operator, [...new Set(values ?? [])].sort()]), requirement);
  }
  return [...byText.values()];
}

/** True if every pod that the pattern could choose is one that the selection chooses. */
export function isWithin(pattern: PodPattern, selection: PodSelection): boolean {
  const { namespace, pods } = pattern;
  if (!requirementsOf(selection.pods).every((requirement) => entails(pods, requirement))) return false;
  const place = selection.namespaces;
  if (namespace.name !== undefined) {
    return place.kind === "name"
      ? place.name === namespace.name
      : selectorMatches(place.selector, namespace.labels);
  }
  const { constraints } = namespace;
  if (place.kind === "name") {
    return entails(constraints, { key: NAME_LABEL, operator: "In", values: [place.name] });
  }
  return requirementsOf(place.selector).every((requirement) => entails(constraints, requirement));
}

/**
 * A pod that the pattern chooses, with no label more than it asks for: in the namespace that it names, or else in a
 * new one. A namespace that there is keeps its labels as far as the pattern lets it.
 */
export function patternExample(pattern: PodPattern, namespaces: Namespaces): PatternExample {
  const labels = exampleLabels(pattern.pods);
  const { namespace } = pattern;
  if (namespace.name !== undefined) {
    return { namespace: namespace.name, namespaceLabels: namespace.labels, labels };
  }
  const { constraints } = namespace;
  const wanted = constraints.get(NAME_LABEL);
  const name =
    wanted?.oneOf === undefined
      ? otherThan({ has: (value) => namespaces.has(value) || wanted?.not.has(value) === true }, "new")
      : [...wanted.oneOf][0]!;
  const kept = Object.entries(namespaces.get(name)?.labels ?? {}).filter(([key]) => !constraints.has(key));
  const namespaceLabels = { ...Object.fromEntries(kept), ...exampleLabels(constraints), [NAME_LABEL]: name };
  return { namespace: name, namespaceLabels, labels };
}
