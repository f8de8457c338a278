import { selectionKey } from "../../../../engine/selections.ts";
import type { Finding } from "../../../../k8s/finding.ts";
import type { LabelSelector } from "../../../../k8s/objects.ts";
import { selectorKey } from "../../../../k8s/selector.ts";
import { type LabelIndex, labelIndex } from "../../../../policy/label-index.ts";
import type { PodPeer, PodSelection, Rule } from "../../../../policy/policy.ts";
import { type Check, type CheckContext, type CheckedPolicy, findingOf } from "../../check.ts";
import { groupsOf } from "../../groups.ts";
import { DIRECTIONS } from "../../network-policy-rules.ts";
import { countOf } from "../../words.ts";
import { type EmptySelection, emptySelections } from "./empty-selection.ts";
import { type EmptyPlace, findingParts } from "./selects-nothing.ts";
import { peerSelectors } from "./written-selectors.ts";

/** Peers that are no pod, where the input shows the pods that they could be. */
export const peerSelectsNothing: Check = {
  codes: ["peer-selects-nothing"],
  *run(context) {
    const emptyOf = emptySelections(context);
    const isElsewhere = elsewhereFinder(context);
    for (const [first, ...others] of groupsOf(peersOf(context), keyOf)) {
      const { selection } = first.peer;
      if (context.selected.podsOf(selection).length > 0) continue;
      // A podSelector alone that looks in the wrong namespace is told of by itself.
      if (isElsewhere(selection)) continue;
      const empty = emptyOf(selection);
      if (empty === undefined) continue;
      // What may be anywhere need not be here.
      if (empty.nearest === undefined && !empty.isAllShown) continue;
      yield finding(empty, first, others);
    }
  },
};

interface NamedPeer {
  readonly checked: CheckedPolicy;
  readonly rule: Rule;
  readonly peer: PodPeer;
}

function keyOf({ checked, rule, peer }: NamedPeer): string {
  return JSON.stringify([rule.direction, rule.action, checked.policy.tier, selectionKey(peer.selection)]);
}

function* peersOf({ policies }: CheckContext): Iterable<NamedPeer> {
  for (const checked of policies) {
    const { policy } = checked;
    for (const direction of DIRECTIONS) {
      // Such rules are never read.
      if (policy.tier === "NetworkPolicy" && !policy.isolates[direction]) continue;
      for (const rule of policy.rules[direction]) {
        if (rule.peers === "everyone") continue;
        for (const peer of rule.peers) if (peer.kind === "pods") yield { checked, rule, peer };
      }
    }
  }
}

/** True for pods of one namespace that are in none but others. */
function elsewhereFinder({ cluster }: CheckContext): (selection: PodSelection) => boolean {
  const known = new Map<string, boolean>();
  let index: LabelIndex | undefined;
  const isSomewhere = (selector: LabelSelector): boolean => {
    const key = selectorKey(selector);
    let found = known.get(key);
    if (found === undefined) {
      index ??= labelIndex(cluster.pods.filter((pod) => !pod.hostNetwork).map(({ labels }) => labels));
      found = index(selector).some((word) => word !== 0);
      known.set(key, found);
    }
    return found;
  };
  return ({ namespaces, pods }) => namespaces.kind === "name" && isSomewhere(pods);
}

function finding(empty: EmptySelection, first: NamedPeer, others: readonly NamedPeer[]): Finding {
  const placeOf = ({ checked, peer }: NamedPeer): EmptyPlace => ({
    policy: checked.policy,
    selectors: peerSelectors(checked, peer),
    empty,
  });
  const { suggestion, ...parts } = findingParts(placeOf(first), others.map(placeOf));
  const which =
    others.length === 0 ? "This peer" : `This peer, and ${countOf(others.length, "more", "more")} like it,`;
  return findingOf("peer-selects-nothing", {
    ...parts,
    // Whoever lets in what is still to come writes just that.
    ...(empty.nearest === undefined ? { severity: "info" } : {}),
    message: `${which} ${effectOf(first.rule, others.length > 0)}: ${empty.reason}.`,
    help:
      suggestion ??
      "If such pods are still to come, all is well. Else correct the selector, or remove the peer.",
  });
}

function effectOf({ action, direction }: Rule, isMany: boolean): string {
  if (action !== "Accept") return isMany ? "match nobody" : "matches nobody";
  if (direction === "ingress") return isMany ? "let nobody in" : "lets nobody in";
  return isMany ? "let nothing out" : "lets nothing out";
}
