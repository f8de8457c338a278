import type { LabelSelector } from "../../../../k8s/objects.ts";
import { requirementsOf } from "../../../../k8s/selector.ts";
import type { Cidr } from "../../../../net/cidr.ts";
import type { AddressPeer, DomainPeer, Peer, PodSelection } from "../../../../policy/policy.ts";
import { constraintsOf, entails } from "../../../label-constraint.ts";
import { createPatternBook } from "../../../pod-pattern.ts";

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

export function symbolicContainment(): SymbolicContainment {
  // Of no namespace are the labels taken for granted: they can change, and the input may not show them.
  const book = createPatternBook(new Map());
  const bySelector = new WeakMap<PodSelection, PodSelection>();
  const general = (selection: PodSelection): PodSelection => {
    if (selection.namespaces.kind === "selector") return selection;
    let found = bySelector.get(selection);
    if (found === undefined) {
      const selector: LabelSelector = { matchLabels: { [NAME_LABEL]: selection.namespaces.name } };
      found = { namespaces: { kind: "selector", selector }, pods: selection.pods };
      bySelector.set(selection, found);
    }
    return found;
  };

  const podsWithin = (inner: PodSelection, outer: PodSelection): boolean => {
    const [a, b] = [book.of(general(inner)), book.of(general(outer))];
    return a !== undefined && b !== undefined && book.isWithin(a, b);
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
