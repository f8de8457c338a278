import type { ClusterPod } from "../../../../cluster/cluster.ts";
import type { FieldPath } from "../../../../k8s/location.ts";
import type { LabelSelector } from "../../../../k8s/objects.ts";
import { formatSelector, requirementsOf } from "../../../../k8s/selector.ts";
import type { NamespaceSelection, PodSelection } from "../../../../policy/policy.ts";
import type { CheckContext } from "../../check.ts";
import { type LabelUse, labelUse, podLabelUse, unmetRequirements } from "./label-use.ts";
import { type NearestLabel, nearestSelector } from "./nearest-selector.ts";

/** Why a selection chooses no pod. */
export interface EmptySelection {
  /** What nobody matches, in words: `no pod of namespace shop has sever=api`. */
  readonly reason: string;
  /** Which of its selectors is to blame. */
  readonly blame: "pods" | "namespaces";
  /** The place of the one label that nobody has, in that selector; the selector itself, if it is not one. */
  readonly path: FieldPath;
  readonly nearest?: NearestLabel;
  /** The pods that the selection would choose with the nearest label. */
  readonly meantPods: readonly ClusterPod[];
  /** True if the input shows all that could have been chosen: pods of each of the namespaces, or everything. */
  readonly isAllShown: boolean;
}

/**
 * Tells why a selection chooses no pod, as far as the input shows where such pods would be. Undefined if it chooses some,
 * or if what is missing may just not be in the input.
 */
export function emptySelections(
  context: CheckContext,
): (selection: PodSelection) => EmptySelection | undefined {
  const labelsIn = podLabelUse(context.cluster);
  return (selection) => emptySelection(context, labelsIn, selection);
}

function emptySelection(
  context: CheckContext,
  labelsIn: (namespace: string) => LabelUse,
  selection: PodSelection,
): EmptySelection | undefined {
  const { selected, known, cluster } = context;
  if (selected.podsOf(selection).length > 0) return undefined;
  // That host-network pods wear the labels is another mistake, which is told of by itself.
  if (selected.hostNetworkPodsOf(selection).length > 0) return undefined;
  const names = selected.namespacesOf(selection.namespaces);
  if (names.length === 0) return noNamespace(context, selection);
  if (requirementsOf(selection.pods).length === 0 && !known.everything) return undefined;
  const shown = names.filter((name) => known.namespacesWithPods.has(name));
  if (shown.length === 0 && !known.everything) return undefined;
  const labels = shown.map(labelsIn);
  const nearest = nearestSelector(selection.pods, labels);
  const unmet = unmetRequirements(selection.pods, labels);
  const meant = nearest && { namespaces: selection.namespaces, pods: nearest.selector };
  return {
    reason: `no pod of ${namespacesWords(selection.namespaces)} ${having(selection.pods, unmet)}`,
    blame: "pods",
    path: pathOf(selection.pods, unmet),
    ...(nearest === undefined ? {} : { nearest }),
    meantPods: meant === undefined ? [] : selected.podsOf(meant),
    isAllShown: known.everything || (shown.length === names.length && cluster.pods.length > 0),
  };
}

function noNamespace(
  { selected, known, cluster }: CheckContext,
  { namespaces, pods }: PodSelection,
): EmptySelection | undefined {
  // The own namespace of a policy that is not there is told of by itself.
  if (namespaces.kind === "name") return undefined;
  const { selector } = namespaces;
  const declared = [...cluster.namespaces.values()].filter(
    ({ name }) => known.everything || known.declaredNamespaces.has(name),
  );
  if (declared.length === 0 || isAboutNames(selector, cluster.namespaces)) return undefined;
  const labels = [labelUse(declared.map((namespace) => namespace.labels))];
  const nearest = nearestSelector(selector, labels);
  const unmet = unmetRequirements(selector, labels);
  const meant = nearest && {
    namespaces: { kind: "selector" as const, selector: nearest.selector },
    pods,
  };
  return {
    reason: `no namespace ${having(selector, unmet)}`,
    blame: "namespaces",
    path: pathOf(selector, unmet),
    ...(nearest === undefined ? {} : { nearest }),
    meantPods: meant === undefined ? [] : selected.podsOf(meant),
    isAllShown: known.everything,
  };
}

/** True for selectors that ask for namespaces by name, in one way or another: whether those exist is told elsewhere. */
function isAboutNames(selector: LabelSelector, namespaces: ReadonlyMap<string, unknown>): boolean {
  return requirementsOf(selector).some(
    ({ key, values = [] }) =>
      key === "kubernetes.io/metadata.name" || values.some((value) => namespaces.has(value)),
  );
}

/** `has sever=api`; `has app=db, tier=cache at once` where each by itself is there. */
function having(selector: LabelSelector, unmet: ReturnType<typeof unmetRequirements>): string {
  const words = formatSelector(selector);
  if (words === "") return "is there";
  const isWorn = unmet.every(({ operator }) => operator === "In" || operator === "Exists");
  if (unmet.length > 0) return `${isWorn ? "has" : "matches"} ${formatSelector({ matchExpressions: unmet })}`;
  return `has ${words} at once`;
}

function pathOf(selector: LabelSelector, unmet: ReturnType<typeof unmetRequirements>): FieldPath {
  if (unmet.length !== 1) return [];
  const { key } = unmet[0]!;
  if (Object.hasOwn(selector.matchLabels ?? {}, key)) return ["matchLabels", key];
  const index = (selector.matchExpressions ?? []).findIndex((each) => each.key === key);
  return index < 0 ? [] : ["matchExpressions", index];
}

function namespacesWords(namespaces: NamespaceSelection): string {
  if (namespaces.kind === "name") return `namespace ${namespaces.name}`;
  const words = formatSelector(namespaces.selector);
  return words === "" ? "any namespace" : `namespaces ${words}`;
}
