import type { LabelSelectorRequirement } from "../k8s/objects.ts";
import { meetsRequirement, requirementsOf, selectorKey } from "../k8s/selector.ts";
import type { PodSelection } from "../policy/policy.ts";
import type { PodClass, PodLook } from "./classes.ts";
import { addTo, removeFrom } from "./multi-map.ts";

/** A way of choosing pods that is in use, and the classes that it chooses. Equal ones are one. */
export interface Selection {
  readonly selection: PodSelection;
  /** True if it chooses every pod there could be. */
  readonly everyPod: boolean;
  /** In no order. */
  readonly members: readonly PodClass[];
  has(podClass: PodClass): boolean;
}

/** Told of every change of membership. */
export type MembershipListener = (selection: Selection, podClass: PodClass, joined: boolean) => void;

/** The selections in use. Kept right as selections and classes come and go. */
export interface Selections {
  /** Counts one more use. A new one finds its members at once; the listener is not told of these. */
  use(selection: PodSelection): { readonly selection: Selection; readonly isNew: boolean };
  /** Counts one use less. True if that was the last. */
  release(selection: Selection): boolean;
  addClass(podClass: PodClass): void;
  removeClass(podClass: PodClass): void;
  /** The selections that choose a class. */
  selectionsOf(podClass: PodClass): Iterable<Selection>;
}

interface CountedSelection extends Selection {
  readonly key: string;
  readonly namespaceRequirements: readonly LabelSelectorRequirement[];
  readonly podRequirements: readonly LabelSelectorRequirement[];
  /** Every class that it chooses has at least one of these traits; undefined if nothing is known. */
  readonly anchors: readonly string[] | undefined;
  uses: number;
  readonly members: PodClass[];
}

export function createSelections(onChange: MembershipListener): Selections {
  const byKey = new Map<string, CountedSelection>();
  const anchored = new Map<string, Set<CountedSelection>>();
  const unanchored = new Set<CountedSelection>();
  const classes = new Map<PodClass, Set<CountedSelection>>();
  const classesByTrait = new Map<string, Set<PodClass>>();

  const join = (selection: CountedSelection, podClass: PodClass): void => {
    selection.members.push(podClass);
    classes.get(podClass)!.add(selection);
  };
  const leave = (selection: CountedSelection, podClass: PodClass): void => {
    // The last member takes the place of the one that leaves.
    const last = selection.members.pop()!;
    if (last !== podClass) selection.members[selection.members.indexOf(podClass)] = last;
  };

  return {
    use: (selection) => {
      const key = selectionKey(selection);
      const known = byKey.get(key);
      if (known !== undefined) {
        known.uses++;
        return { selection: known, isNew: false };
      }
      const namespaceRequirements =
        selection.namespaces.kind === "selector" ? requirementsOf(selection.namespaces.selector) : [];
      const podRequirements = requirementsOf(selection.pods);
      const made: CountedSelection = {
        key,
        selection,
        everyPod:
          selection.namespaces.kind === "selector" &&
          namespaceRequirements.length === 0 &&
          podRequirements.length === 0,
        namespaceRequirements,
        podRequirements,
        anchors: anchorsOf(selection, namespaceRequirements, podRequirements),
        uses: 1,
        members: [],
        has: (podClass) => classes.get(podClass)?.has(made) === true,
      };
      byKey.set(key, made);
      if (made.anchors === undefined) {
        unanchored.add(made);
        for (const podClass of classes.keys()) if (chooses(made, podClass.look)) join(made, podClass);
      } else {
        for (const anchor of made.anchors) {
          addTo(anchored, anchor, made);
          for (const podClass of classesByTrait.get(anchor) ?? []) {
            if (!made.has(podClass) && chooses(made, podClass.look)) join(made, podClass);
          }
        }
      }
      return { selection: made, isNew: true };
    },
    release: (selection) => {
      const counted = selection as CountedSelection;
      counted.uses--;
      if (counted.uses > 0) return false;
      byKey.delete(counted.key);
      unanchored.delete(counted);
      for (const anchor of counted.anchors ?? []) removeFrom(anchored, anchor, counted);
      for (const podClass of counted.members) classes.get(podClass)!.delete(counted);
      return true;
    },
    addClass: (podClass) => {
      const chosenBy = new Set<CountedSelection>();
      classes.set(podClass, chosenBy);
      const consider = (selection: CountedSelection): void => {
        if (chosenBy.has(selection) || !chooses(selection, podClass.look)) return;
        join(selection, podClass);
        onChange(selection, podClass, true);
      };
      for (const trait of traitsOf(podClass.look)) {
        addTo(classesByTrait, trait, podClass);
        anchored.get(trait)?.forEach(consider);
      }
      unanchored.forEach(consider);
    },
    removeClass: (podClass) => {
      for (const trait of traitsOf(podClass.look)) removeFrom(classesByTrait, trait, podClass);
      const chosenBy = classes.get(podClass)!;
      classes.delete(podClass);
      for (const selection of chosenBy) {
        leave(selection, podClass);
        onChange(selection, podClass, false);
      }
    },
    selectionsOf: (podClass) => classes.get(podClass) ?? [],
  };
}

/** One text for all selections that mean the same. */
export function selectionKey({ namespaces, pods }: PodSelection): string {
  const where = namespaces.kind === "name" ? `=${namespaces.name}` : `~${selectorKey(namespaces.selector)}`;
  return `${where}\n${selectorKey(pods)}`;
}

function chooses(selection: CountedSelection, look: PodLook): boolean {
  const { namespaces } = selection.selection;
  if (namespaces.kind === "name" && namespaces.name !== look.namespace) return false;
  for (const each of selection.namespaceRequirements) {
    if (!meetsRequirement(each, look.namespaceLabels)) return false;
  }
  for (const each of selection.podRequirements) if (!meetsRequirement(each, look.labels)) return false;
  return true;
}

/** The traits by which selections and classes find each other without asking every one. */
function traitsOf(look: PodLook): string[] {
  const traits = look.namespace === undefined ? [] : [`namespace ${look.namespace}`];
  for (const key in look.namespaceLabels)
    traits.push(labelTrait("of namespace", key, look.namespaceLabels[key]!));
  for (const key in look.labels) traits.push(labelTrait("of pod", key, look.labels[key]!));
  return traits;
}

function labelTrait(whose: "of pod" | "of namespace", key: string, value: string): string {
  return `${whose} ${key}=${value}`;
}

function anchorsOf(
  { namespaces }: PodSelection,
  namespaceRequirements: readonly LabelSelectorRequirement[],
  podRequirements: readonly LabelSelectorRequirement[],
): string[] | undefined {
  if (namespaces.kind === "name") return [`namespace ${namespaces.name}`];
  // A namespace is usually a smaller place than a label is common, when it is asked for by name.
  const asked: ["of pod" | "of namespace", LabelSelectorRequirement][] = [];
  for (const each of namespaceRequirements) {
    const entry: (typeof asked)[number] = ["of namespace", each];
    if (each.key === "kubernetes.io/metadata.name") asked.unshift(entry);
    else asked.push(entry);
  }
  const byPods = podRequirements.map((each): (typeof asked)[number] => ["of pod", each]);
  const first =
    asked[0]?.[1].key === "kubernetes.io/metadata.name" ? [...asked, ...byPods] : [...byPods, ...asked];
  const anchor = first.find(([, requirement]) => requirement.operator === "In");
  if (anchor === undefined) return undefined;
  const [whose, { key, values }] = anchor;
  return [...new Set(values ?? [])].map((value) => labelTrait(whose, key, value));
}
