import type { ClusterNamespace } from "../cluster/cluster.ts";
import { selectionKey } from "../engine/selections.ts";
import type { LabelSelectorRequirement, Labels } from "../k8s/objects.ts";
import { meetsRequirement, requirementsOf } from "../k8s/selector.ts";
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
 * The pods that a selection could choose, whether there are any or not. Patterns of one book are compared by what they
 * say; of a namespace that a pattern names, its labels are known. Equal ones are the same object.
 */
export interface PodPattern {
  /** Unique in its book. */
  readonly id: number;
  readonly selection: PodSelection;
  /** One text for all patterns that say the same. */
  readonly key: string;
  readonly namespace:
    | { readonly name: string; readonly labels: Labels }
    | {
        readonly name?: undefined;
        readonly requirements: readonly LabelSelectorRequirement[];
        readonly constraints: LabelConstraints;
      };
  readonly podRequirements: readonly LabelSelectorRequirement[];
  readonly pods: LabelConstraints;
}

/** A pod that a pattern chooses. */
export interface PatternExample {
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly labels: Labels;
}

/** The patterns of a cluster. What is found out about them is kept. */
export interface PatternBook {
  /** The pattern of a selection. Undefined if no pod could ever be chosen. */
  of(selection: PodSelection): PodPattern | undefined;
  /** Every pod of every namespace. */
  readonly everyPod: PodPattern;
  /** The pods that both choose. Undefined if there can be none. */
  joint(a: PodPattern, b: PodPattern): PodPattern | undefined;
  /** True if every pod that the inner pattern could choose is one that the outer one chooses. */
  isWithin(inner: PodPattern, outer: PodPattern): boolean;
  /**
   * A pod that the pattern chooses, with no label more than it asks for: in the namespace that it names, or else in a
   * new one. A namespace that there is keeps its labels as far as the pattern lets it.
   */
  example(pattern: PodPattern): PatternExample;
}

/** Patterns have smaller ids: two make one exact integer. */
const ID_LIMIT = 2 ** 26;

export function createPatternBook(namespaces: ReadonlyMap<string, ClusterNamespace>): PatternBook {
  const bySelection = new WeakMap<PodSelection, PodPattern | "nobody">();
  const byKey = new Map<string, PodPattern | "nobody">();
  const joints = new Map<number, PodPattern | "nobody">();
  const within = new Map<number, boolean>();
  let lastId = 0;

  const of = (selection: PodSelection): PodPattern | undefined => {
    let pattern = bySelection.get(selection);
    if (pattern === undefined) {
      const key = selectionKey(selection);
      pattern = byKey.get(key) ?? make(selection, key) ?? "nobody";
      byKey.set(key, pattern);
      bySelection.set(selection, pattern);
    }
    return pattern === "nobody" ? undefined : pattern;
  };
  const make = (selection: PodSelection, key: string): PodPattern | undefined => {
    const podRequirements = requirementsOf(selection.pods);
    const pods = constraintsOf(podRequirements);
    if (pods === undefined) return undefined;
    if (selection.namespaces.kind === "name") {
      const { name } = selection.namespaces;
      const labels = namespaces.get(name)?.labels ?? { [NAME_LABEL]: name };
      return { id: ++lastId, selection, key, namespace: { name, labels }, podRequirements, pods };
    }
    const requirements = requirementsOf(selection.namespaces.selector);
    const constraints = constraintsOf(requirements);
    // Every namespace has the label with its name.
    if (constraints === undefined || constraints.get(NAME_LABEL)?.absent === true) return undefined;
    return { id: ++lastId, selection, key, namespace: { requirements, constraints }, podRequirements, pods };
  };

  return {
    of,
    everyPod: of({ namespaces: { kind: "selector", selector: {} }, pods: {} })!,
    joint: (a, b) => {
      const key = a.id * ID_LIMIT + b.id;
      let joint = joints.get(key);
      if (joint === undefined) {
        joint = jointPattern(a, b, of) ?? "nobody";
        joints.set(key, joint);
      }
      return joint === "nobody" ? undefined : joint;
    },
    isWithin: (inner, outer) => {
      const key = inner.id * ID_LIMIT + outer.id;
      let result = within.get(key);
      if (result === undefined) {
        result = isWithin(inner, outer);
        within.set(key, result);
      }
      return result;
    },
    example: (pattern) => patternExample(pattern, namespaces),
  };
}

function jointPattern(
  a: PodPattern,
  b: PodPattern,
  of: (selection: PodSelection) => PodPattern | undefined,
): PodPattern | undefined {
  if (isWithin(a, b)) return a;
  if (isWithin(b, a)) return b;
  const namespaces = jointNamespaces(a, b);
  if (namespaces === undefined) return undefined;
  return of({ namespaces, pods: { matchExpressions: joined(a.podRequirements, b.podRequirements) } });
}

function jointNamespaces(a: PodPattern, b: PodPattern): PodSelection["namespaces"] | undefined {
  const [named, other] =
    a.namespace.name !== undefined ? [a.namespace, b.namespace] : [b.namespace, a.namespace];
  if (named.name === undefined) {
    if (other.name !== undefined) return undefined;
    const requirements = joined(named.requirements, other.requirements);
    return { kind: "selector", selector: { matchExpressions: requirements } };
  }
  const matches =
    other.name !== undefined
      ? other.name === named.name
      : other.requirements.every((requirement) => meetsRequirement(requirement, named.labels));
  return matches ? { kind: "name", name: named.name } : undefined;
}

function joined(
  a: readonly LabelSelectorRequirement[],
  b: readonly LabelSelectorRequirement[],
): LabelSelectorRequirement[] {
  const byText = new Map<string, LabelSelectorRequirement>();
  for (const requirement of [...a, ...b]) {
    const { key, operator, values } = requirement;
    byText.set(JSON.stringify([key, operator, [...new Set(values ?? [])].sort()]), requirement);
  }
  return [...byText.values()];
}

function isWithin({ namespace, pods }: PodPattern, outer: PodPattern): boolean {
  if (!outer.podRequirements.every((requirement) => entails(pods, requirement))) return false;
  const place = outer.namespace;
  if (place.name !== undefined) {
    if (namespace.name !== undefined) return namespace.name === place.name;
    return entails(namespace.constraints, { key: NAME_LABEL, operator: "In", values: [place.name] });
  }
  return place.requirements.every((requirement) =>
    namespace.name !== undefined
      ? meetsRequirement(requirement, namespace.labels)
      : entails(namespace.constraints, requirement),
  );
}

function patternExample(
  { namespace, pods }: PodPattern,
  namespaces: ReadonlyMap<string, ClusterNamespace>,
): PatternExample {
  const labels = exampleLabels(pods);
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
