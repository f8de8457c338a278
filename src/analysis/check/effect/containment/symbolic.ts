import { selectionKey } from "../../../../engine/selections.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../../../../k8s/objects.ts";
import { requirementsOf } from "../../../../k8s/selector.ts";
import type { Cidr } from "../../../../net/cidr.ts";
import type { AddressPeer, DomainPeer, Peer, PodSelection, Rule } from "../../../../policy/policy.ts";
import { constraintsOf, entails, type LabelConstraints } from "../../../label-constraint.ts";

/**
 * Compares what selections and peers say, whatever pods and namespaces there are and come to be. True means certainly;
 * false may only mean that it is not plain to see.
 */
export interface SymbolicContainment {
  /** True if every pod that the inner selection could choose is one that the outer one chooses. */
  podsWithin(inner: PodSelection, outer: PodSelection): boolean;
  /** The same of all that peers could match. */
  peerWithin(inner: Peer, outer: Peer): boolean;
  /** True if some peer of a rule matches all that the inner peer could match. */
  peerWithinRule(inner: Peer, rule: Rule): boolean;
  /** A label that the pods of a selection, or their namespaces, must have: among the certain ones of all within it. */
  askedLabel(outer: PodSelection): string | undefined;
  /** The labels of which the pods of a selection, or their namespaces, can have but one value. */
  certainLabels(inner: PodSelection): readonly string[];
}

/** The label with its own name that every namespace carries. */
const NAME_LABEL = "kubernetes.io/metadata.name";

/** What a selection asks for. Equal selections share one. */
interface Asked {
  readonly namespaces: readonly LabelSelectorRequirement[];
  readonly pods: readonly LabelSelectorRequirement[];
  /** What is then known of the labels; undefined where nothing can meet it all. */
  readonly ofNamespaces: LabelConstraints | undefined;
  readonly ofPods: LabelConstraints | undefined;
  certainLabels?: readonly string[];
}

export function symbolicContainment(): SymbolicContainment {
  const byKey = new Map<string, Asked>();
  const known = new WeakMap<PodSelection, Asked>();
  const askedBy = (selection: PodSelection): Asked => {
    let asked = known.get(selection);
    if (asked === undefined) {
      const key = selectionKey(selection);
      asked = byKey.get(key) ?? askedOf(selection);
      byKey.set(key, asked);
      known.set(selection, asked);
    }
    return asked;
  };
  const askedWithin = (inner: Asked, outer: Asked): boolean => {
    const { ofNamespaces, ofPods } = inner;
    if (ofNamespaces === undefined || ofPods === undefined) return false;
    if (inner === outer) return true;
    return areEntailed(ofPods, outer.pods) && areEntailed(ofNamespaces, outer.namespaces);
  };
  const askedByRules = new WeakMap<Rule, readonly Asked[]>();
  /** What the pod peers of a rule ask for. Rules are asked about again and again, each with all of its peers. */
  const askedByRule = (rule: Rule): readonly Asked[] => {
    let asked = askedByRules.get(rule);
    if (asked === undefined) {
      const { peers } = rule;
      asked =
        peers === "everyone"
          ? []
          : peers.flatMap((peer) => (peer.kind === "pods" ? [askedBy(peer.selection)] : []));
      askedByRules.set(rule, asked);
    }
    return asked;
  };
  const peerWithin = (inner: Peer, outer: Peer): boolean => {
    // A pod is not taken to lie in a block, though blocks match pods too: its address is nobody's choice.
    switch (inner.kind) {
      case "pods":
        return outer.kind === "pods" && askedWithin(askedBy(inner.selection), askedBy(outer.selection));
      case "addresses":
        return outer.kind === "addresses" && addressesWithin(inner, outer);
      case "nodes":
        return outer.kind === "nodes" && selectorWithin(inner.selector, outer.selector);
      case "domains":
        return outer.kind === "domains" && domainsWithin(inner, outer);
    }
  };
  return {
    podsWithin: (inner, outer) => askedWithin(askedBy(inner), askedBy(outer)),
    peerWithin,
    peerWithinRule: (inner, rule) => {
      if (rule.peers === "everyone") return true;
      if (inner.kind !== "pods") return rule.peers.some((outer) => peerWithin(inner, outer));
      const asked = askedBy(inner.selection);
      for (const outer of askedByRule(rule)) if (askedWithin(asked, outer)) return true;
      return false;
    },
    askedLabel: (outer) => {
      const { pods, namespaces } = askedBy(outer);
      return askedLabelOf("pod", pods) ?? askedLabelOf("namespace", namespaces);
    },
    certainLabels: (inner) => {
      const asked = askedBy(inner);
      asked.certainLabels ??= [
        ...certainLabelsOf("pod", asked.ofPods),
        ...certainLabelsOf("namespace", asked.ofNamespaces),
      ];
      return asked.certainLabels;
    },
  };
}

function askedLabelOf(of: string, requirements: readonly LabelSelectorRequirement[]): string | undefined {
  for (const { key, operator, values = [] } of requirements) {
    if (operator === "In" && values.length === 1) return `${of} ${key}=${values[0]}`;
  }
  return undefined;
}

function certainLabelsOf(of: string, constraints: LabelConstraints | undefined): string[] {
  return [...(constraints ?? [])].flatMap(([key, { oneOf }]) =>
    oneOf?.size === 1 ? [`${of} ${key}=${[...oneOf][0]}`] : [],
  );
}

function areEntailed(
  constraints: LabelConstraints,
  requirements: readonly LabelSelectorRequirement[],
): boolean {
  for (const requirement of requirements) if (!entails(constraints, requirement)) return false;
  return true;
}

function askedOf(selection: PodSelection): Asked {
  const pods = requirementsOf(selection.pods);
  // Of no namespace are the labels taken for granted, but its name: they can change, and the input may not show them.
  const namespaces: readonly LabelSelectorRequirement[] =
    selection.namespaces.kind === "name"
      ? [{ key: NAME_LABEL, operator: "In", values: [selection.namespaces.name] }]
      : requirementsOf(selection.namespaces.selector);
  return { namespaces, pods, ofNamespaces: constraintsOf(namespaces), ofPods: constraintsOf(pods) };
}

function addressesWithin(inner: AddressPeer, outer: AddressPeer): boolean {
  if (!blockWithin(inner.cidr, outer.cidr)) return false;
  // Blocks are one in the other or apart.
  return outer.except.every((hole) =>
    blockWithin(hole, inner.cidr)
      ? inner.except.some((own) => blockWithin(hole, own))
      : !blockWithin(inner.cidr, hole),
  );
}

function blockWithin(inner: Cidr, outer: Cidr): boolean {
  return inner.family === outer.family && inner.first >= outer.first && inner.last <= outer.last;
}

function selectorWithin(inner: LabelSelector, outer: LabelSelector): boolean {
  const constraints = constraintsOf(requirementsOf(inner));
  return constraints !== undefined && requirementsOf(outer).every((each) => entails(constraints, each));
}

function domainsWithin(inner: DomainPeer, outer: DomainPeer): boolean {
  return inner.names.every((name) => outer.names.includes(name));
}
