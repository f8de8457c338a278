import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { PodClass } from "../../../engine/classes.ts";
import type { Engine } from "../../../engine/engine.ts";
import { requirementsOf, selectorKey } from "../../../k8s/selector.ts";
import { FAMILIES } from "../../../net/address.ts";
import type { PodPeer, PodSelection, Rule } from "../../../policy/policy.ts";
import type { CheckContext } from "../check.ts";

/** Pods that a rule is about, told once for all rules that say the same. */
export interface PodGroup {
  readonly pods: readonly ClusterPod[];
  /** Their classes, each with a pod that stands for it. */
  readonly classes: ReadonlyMap<PodClass, ClusterPod>;
}

/** Answers for a context are kept as long as it is: checks ask the same. */
const known = new WeakMap<CheckContext, KnownGroups>();

interface KnownGroups {
  readonly bySelection: WeakMap<PodSelection, PodGroup>;
  /** By what a selection says: many are written alike. */
  readonly byText: Map<string, PodGroup>;
}

/** The pods of a selection, and their classes. */
export function podGroup(context: CheckContext, selection: PodSelection): PodGroup {
  let groups = known.get(context);
  if (groups === undefined) {
    groups = { bySelection: new WeakMap(), byText: new Map() };
    known.set(context, groups);
  }
  let group = groups.bySelection.get(selection);
  if (group === undefined) {
    const text = selectionText(selection);
    group = groups.byText.get(text) ?? newGroup(context, selection);
    groups.byText.set(text, group);
    groups.bySelection.set(selection, group);
  }
  return group;
}

function selectionText({ namespaces, pods }: PodSelection): string {
  const place = namespaces.kind === "name" ? `=${namespaces.name}` : selectorKey(namespaces.selector);
  return `${place}\n${selectorKey(pods)}`;
}

function newGroup({ selected, engine }: CheckContext, selection: PodSelection): PodGroup {
  const pods = selected.podsOf(selection);
  const classes = new Map<PodClass, ClusterPod>();
  for (const pod of pods) {
    const podClass = classOf(engine, pod);
    if (podClass !== undefined && !classes.has(podClass)) classes.set(podClass, pod);
  }
  return { pods, classes };
}

/** The class of a pod, whatever addresses it has; undefined for one on the host network. */
export function classOf(engine: Engine, pod: ClusterPod): PodClass | undefined {
  for (const family of FAMILIES) {
    const podClass = engine.view(family).classOf(pod);
    if (podClass !== undefined) return podClass;
  }
  return undefined;
}

/** The peers of a rule that are pods. */
export function podPeers({ peers }: Rule): readonly PodPeer[] {
  return peers === "everyone" ? [] : peers.filter((peer) => peer.kind === "pods");
}

/** True for a selection that asks for labels of pods, not for all pods of some namespaces. */
export function namesPods({ pods }: PodSelection): boolean {
  return requirementsOf(pods).length > 0;
}

/**
 * What connections of a rule arrive at, as far as it is pods that the rule tells: the subject for ingress, the pod peers
 * for egress.
 */
export function destinations(rule: Rule, subject: PodSelection): readonly PodSelection[] {
  return rule.direction === "ingress" ? [subject] : podPeers(rule).map(({ selection }) => selection);
}

/** The pods of some selections, each once. */
export function podsOfAll(context: CheckContext, selections: readonly PodSelection[]): readonly ClusterPod[] {
  const lists = selections.map((selection) => podGroup(context, selection).pods);
  return lists.length === 1 ? lists[0]! : [...new Set(lists.flat())];
}
