import { selectionKey } from "../../../../engine/selections.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../../../../k8s/objects.ts";
import { requirementsOf } from "../../../../k8s/selector.ts";
import type { Cidr } from "../../../../net/cidr.ts";
import type { AddressPeer, DomainPeer, Peer, PodSelection } from "../../../../policy/policy.ts";
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
  const podsWithin = (innerSelection: PodSelection, outerSelection: PodSelection): boolean => {
    const [inner, outer] = [askedBy(innerSelection), askedBy(outerSelection)];
    const { ofNamespaces, ofPods } = inner;
    if (ofNamespaces === undefined || ofPods === undefined) return false;
    if (inner === outer) return true;
    return (
      outer.pods.every((requirement) => entails(ofPods, requirement)) &&
      outer.namespaces.every((requirement) => entails(ofNamespaces, requirement))
    );
  };
  return {
    podsWithin,
    peerWithin: (inner, outer) => {
      // A pod is not taken to lie in a block, though blocks match pods too: its address is nobody's choice.
      switch (inner.kind) {
        case "pods":
          return outer.kind === "pods" && podsWithin(inner.selection, outer.selection);
        case "addresses":
          return outer.kind === "addresses" && addressesWithin(inner, outer);
        case "nodes":
          return outer.kind === "nodes" && selectorWithin(inner.selector, outer.selector);
        case "domains":
          return outer.kind === "domains" && domainsWithin(inner, outer);
      }
    },
  };
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
