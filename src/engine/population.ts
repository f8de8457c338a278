import type { ClusterNamespace, ClusterPod } from "../cluster/cluster.ts";
import { copyOf } from "../k8s/intern.ts";
import type { ContainerPort, Labels } from "../k8s/objects.ts";
import type { Family } from "../net/address.ts";
import { byFamily } from "../net/by-family.ts";
import { cidrContains } from "../net/cidr.ts";
import type { Area, Areas } from "./areas.ts";
import type { PodClass, PodLook } from "./classes.ts";
import { addTo, removeFrom } from "./multi-map.ts";
import type { LabelVocabulary, NameVocabulary } from "./vocabulary.ts";
import { createWhereabouts, type Whereabouts } from "./whereabouts.ts";

/** What decides how much of a pod the policies can see. */
export interface Vocabularies {
  readonly podLabels: LabelVocabulary;
  readonly namespaceLabels: LabelVocabulary;
  /** Namespaces that policies name: their own, and those of their peers. */
  readonly namespaceNames: NameVocabulary;
  readonly portNames: NameVocabulary;
}

/** A pod as the end of a connection, with what is known of it at hand. */
export interface SeenPod {
  readonly kind: "pod";
  readonly pod: ClusterPod;
  /** Undefined once the pod is gone. */
  readonly podClass: PodClass | undefined;
}

export interface ClassListener {
  /** A class has its first pod. */
  created(podClass: PodClass): void;
  /** A class lost its last pod; its index may be given to another. */
  gone(podClass: PodClass): void;
  /** A pod came to be, went, or is in another class than before. */
  podMoved(pod: ClusterPod): void;
}

/** The pods that policies can see, grouped into classes; kept right as pods, namespaces and vocabularies change. */
export interface Population {
  /** By index; undefined where an index is free. */
  readonly classes: readonly (PodClass | undefined)[];
  readonly classCount: number;
  readonly podCount: number;
  /** The classes with a port of a name that somebody uses. */
  withPortName(name: string): ReadonlySet<PodClass>;
  classOf(pod: ClusterPod): PodClass | undefined;
  /** As {@link Population.classOf}, at once where the end is one that `seenPod` gave. */
  classOfEnd(end: { readonly kind: "pod"; readonly pod: ClusterPod }): PodClass | undefined;
  /** A pod as an end, to be kept by whoever asks about it often; undefined for one that policies do not see. */
  seenPod(pod: ClusterPod): SeenPod | undefined;
  readonly whereabouts: Whereabouts;
  /** Adds a pod that has an address and is not on the host's network. */
  add(pod: ClusterPod): void;
  remove(pod: ClusterPod): void;
  setNamespace(namespace: ClusterNamespace): void;
  /** Its pods, if any are left, are then in a namespace without labels. */
  removeNamespace(name: string): void;
  /** To be called when vocabularies may have changed. */
  vocabulariesChanged(): void;
  /** To be called after a block came into use: takes its addresses out of the area around it. */
  areaAdded(area: Area): void;
  /** To be called after an area is gone. */
  areaRemoved(area: Area): void;
}

/** Pods with the same namespace, labels and ports, as written; so that a pod of a known one costs one lookup. */
interface Shape {
  readonly key: string;
  readonly namespace: NamespaceEntry;
  readonly labels: Labels;
  /** Those of its first pod, of which only the named ones count. */
  readonly ports: readonly ContainerPort[];
  readonly namedPorts: readonly ContainerPort[];
  readonly pods: Set<ClusterPod>;
  look: LookEntry;
}

interface LookEntry extends PodLook {
  shapes: number;
  /** By the ids of its areas. */
  readonly classes: Map<number, ClassEntry>;
}

interface ClassEntry extends PodClass {
  readonly look: LookEntry;
  readonly areasKey: number;
  readonly pods: Set<ClusterPod>;
}

interface NamespaceEntry {
  readonly name: string;
  labels: Labels;
  /** Canonical text of what policies see of it. */
  seenKey: string;
  seenLabels: Labels;
  readonly shapes: Set<Shape>;
}

class PodEntry implements SeenPod {
  readonly kind = "pod";
  readonly pod: ClusterPod;
  readonly population: object;
  readonly shape: Shape;
  podClass: ClassEntry | undefined;

  constructor(pod: ClusterPod, population: object, shape: Shape, podClass: ClassEntry) {
    this.pod = pod;
    this.population = population;
    this.shape = shape;
    this.podClass = podClass;
  }
}

const NO_CLASSES: ReadonlySet<PodClass> = new Set();

/** Area ids of both families fit into one exact integer. */
const AREA_ID_LIMIT = 2 ** 26;

export function createPopulation(
  vocabularies: Vocabularies,
  areas: Readonly<Record<Family, Areas>>,
  listener: ClassListener,
): Population {
  const classes: (ClassEntry | undefined)[] = [];
  const freeIndexes: number[] = [];
  const byPortName = new Map<string, Set<PodClass>>();
  /** Numbers for the texts of named ports that there have been, to be compared faster. */
  const portsIds = new Map<string, number>([["", 0]]);
  const pods = new Map<ClusterPod, PodEntry>();
  const shapes = new Map<string, Shape>();
  /** The last one asked for: pods of a workload come one after the other. */
  let recent: Shape | undefined;
  const shapesByLabel = new Map<string, Map<string, Set<Shape>>>();
  const shapesByPortName = new Map<string, Set<Shape>>();
  const looks = new Map<string, LookEntry>();
  const namespaces = new Map<string, NamespaceEntry>();
  const whereabouts = createWhereabouts(areas);
  let classCount = 0;

  // Namespaces

  const see = (entry: NamespaceEntry): void => {
    entry.seenLabels = vocabularies.namespaceLabels.project(entry.labels);
    const name = vocabularies.namespaceNames.has(entry.name) ? entry.name : "";
    entry.seenKey = `${name}\n${labelsKey(entry.seenLabels)}`;
  };
  const namespaceEntry = (name: string): NamespaceEntry => {
    let entry = namespaces.get(name);
    if (entry === undefined) {
      const labels = { "kubernetes.io/metadata.name": name };
      entry = { name, labels, seenKey: "", seenLabels: {}, shapes: new Set() };
      see(entry);
      namespaces.set(name, entry);
    }
    return entry;
  };
  const lookAgain = (entry: NamespaceEntry): void => {
    const before = entry.seenKey;
    see(entry);
    if (entry.seenKey !== before) for (const shape of entry.shapes) reshape(shape);
  };

  // Shapes and looks

  const portsId = (key: string): number => {
    const known = portsIds.get(key);
    if (known !== undefined) return known;
    const id = portsIds.size;
    portsIds.set(key, id);
    return id;
  };

  const lookOf = (namespace: NamespaceEntry, labels: Labels, ports: readonly ContainerPort[]): LookEntry => {
    const seen = vocabularies.podLabels.project(labels);
    const isNamed = (port: ContainerPort): boolean => vocabularies.portNames.has(port.name!);
    const named = ports.every(isNamed) ? ports : ports.filter(isNamed);
    const portsKey = named.length === 0 ? "" : portsKeyOf(named);
    const key = `${namespace.seenKey}\n${labelsKey(seen)}\n${portsKey}`;
    let look = looks.get(key);
    if (look === undefined) {
      look = {
        key: copyOf(key),
        namespace: vocabularies.namespaceNames.has(namespace.name) ? namespace.name : undefined,
        namespaceLabels: namespace.seenLabels,
        labels: seen,
        namedPorts: named,
        portsKey,
        portsId: portsId(portsKey),
        shapes: 0,
        classes: new Map(),
      };
      looks.set(look.key, look);
    }
    return look;
  };
  const holdLook = (look: LookEntry): LookEntry => {
    look.shapes++;
    return look;
  };
  const dropLook = (look: LookEntry): void => {
    look.shapes--;
    if (look.shapes === 0) looks.delete(look.key);
  };
  const shapeOf = (pod: ClusterPod): Shape => {
    if (recent !== undefined && isOfShape(pod, recent)) return recent;
    const key = shapeKey(pod);
    let shape = shapes.get(key);
    if (shape === undefined) {
      const namespace = namespaceEntry(pod.namespace);
      const namedPorts = namedPortsOf(pod.ports);
      const look = holdLook(lookOf(namespace, pod.labels, namedPorts));
      const { labels, ports } = pod;
      // A text of its own: one that is put together keeps every part of it.
      shape = { key: copyOf(key), namespace, labels, ports, namedPorts, pods: new Set(), look };
      shapes.set(shape.key, shape);
      namespace.shapes.add(shape);
      for (const label in pod.labels) {
        const values = shapesByLabel.get(label) ?? new Map<string, Set<Shape>>();
        shapesByLabel.set(label, values);
        addTo(values, pod.labels[label]!, shape);
      }
      for (const port of namedPorts) addTo(shapesByPortName, port.name!, shape);
    }
    recent = shape;
    return shape;
  };
  const dropShape = (shape: Shape): void => {
    if (shape === recent) recent = undefined;
    shapes.delete(shape.key);
    shape.namespace.shapes.delete(shape);
    for (const label in shape.labels) {
      const values = shapesByLabel.get(label)!;
      removeFrom(values, shape.labels[label]!, shape);
      if (values.size === 0) shapesByLabel.delete(label);
    }
    for (const port of shape.namedPorts) removeFrom(shapesByPortName, port.name!, shape);
    dropLook(shape.look);
  };
  /** Sees a shape anew, and moves its pods if that makes a difference. */
  const reshape = (shape: Shape): void => {
    const look = lookOf(shape.namespace, shape.labels, shape.namedPorts);
    if (look === shape.look) return;
    holdLook(look);
    dropLook(shape.look);
    shape.look = look;
    for (const pod of shape.pods) move(pod, pods.get(pod)!);
  };

  // Classes

  const enter = (pod: ClusterPod, look: LookEntry): ClassEntry => {
    const area4 = areaOf(pod, 4);
    const area6 = areaOf(pod, 6);
    const areasKey = (area4?.id ?? 0) * AREA_ID_LIMIT + (area6?.id ?? 0);
    let podClass = look.classes.get(areasKey);
    if (podClass === undefined) {
      // What every verdict looks at comes first, so that it shares a line of the processor's cache.
      podClass = {
        index: freeIndexes.pop() ?? classes.length,
        hasIpv4: area4 !== undefined,
        hasIpv6: area6 !== undefined,
        ingress4Place: -1,
        egress4Place: -1,
        ingress6Place: -1,
        egress6Place: -1,
        ingress4: undefined,
        egress4: undefined,
        ingress6: undefined,
        egress6: undefined,
        look,
        areasKey,
        areas: byFamily(area4, area6),
        pods: new Set([pod]),
      };
      look.classes.set(areasKey, podClass);
      classes[podClass.index] = podClass;
      classCount++;
      for (const port of look.namedPorts) addTo(byPortName, port.name!, podClass);
      whereabouts.enter(podClass);
      listener.created(podClass);
    } else {
      podClass.pods.add(pod);
    }
    return podClass;
  };
  const leave = (pod: ClusterPod, podClass: ClassEntry): void => {
    podClass.pods.delete(pod);
    if (podClass.pods.size > 0) return;
    podClass.look.classes.delete(podClass.areasKey);
    classes[podClass.index] = undefined;
    freeIndexes.push(podClass.index);
    classCount--;
    for (const port of podClass.look.namedPorts) removeFrom(byPortName, port.name!, podClass);
    // The listener must still find it within its areas.
    listener.gone(podClass);
    whereabouts.leave(podClass);
  };
  const move = (pod: ClusterPod, entry: PodEntry): void => {
    const before = entry.podClass!;
    entry.podClass = enter(pod, entry.shape.look);
    if (before === entry.podClass) return;
    leave(pod, before);
    listener.podMoved(pod);
  };
  const areaOf = (pod: ClusterPod, family: Family): Area | undefined => {
    const address = pod.addresses[family];
    return address === undefined ? undefined : areas[family].areaAt(address.value);
  };
  const movePods = (from: Iterable<PodClass>, isMoved: (pod: ClusterPod) => boolean): void => {
    for (const podClass of [...from]) {
      for (const pod of [...podClass.pods]) if (isMoved(pod)) move(pod, pods.get(pod)!);
    }
  };

  return {
    classes,
    get classCount() {
      return classCount;
    },
    get podCount() {
      return pods.size;
    },
    withPortName: (name) => byPortName.get(name) ?? NO_CLASSES,
    classOf: (pod) => pods.get(pod)?.podClass,
    classOfEnd: (end: { readonly pod: ClusterPod } & Partial<PodEntry>) =>
      end.population === pods ? end.podClass : pods.get(end.pod)?.podClass,
    seenPod: (pod) => pods.get(pod),
    whereabouts,
    add: (pod) => {
      const shape = shapeOf(pod);
      shape.pods.add(pod);
      pods.set(pod, new PodEntry(pod, pods, shape, enter(pod, shape.look)));
      listener.podMoved(pod);
    },
    remove: (pod) => {
      const entry = pods.get(pod);
      if (entry === undefined) throw new Error(`pod ${pod.id} is not there`);
      pods.delete(pod);
      leave(pod, entry.podClass!);
      entry.podClass = undefined;
      entry.shape.pods.delete(pod);
      if (entry.shape.pods.size === 0) dropShape(entry.shape);
      listener.podMoved(pod);
    },
    setNamespace: ({ name, labels }) => {
      const entry = namespaceEntry(name);
      entry.labels = labels;
      lookAgain(entry);
    },
    removeNamespace: (name) => {
      const entry = namespaces.get(name);
      if (entry === undefined) return;
      entry.labels = { "kubernetes.io/metadata.name": name };
      lookAgain(entry);
      if (entry.shapes.size === 0) namespaces.delete(name);
    },
    vocabulariesChanged: () => {
      const ofNamespaces = vocabularies.namespaceLabels.takeChanges();
      const names = vocabularies.namespaceNames.takeChanges();
      if (ofNamespaces.keys.size > 0 || ofNamespaces.values.size > 0) {
        for (const entry of namespaces.values()) lookAgain(entry);
      } else {
        for (const name of names) {
          const entry = namespaces.get(name);
          if (entry !== undefined) lookAgain(entry);
        }
      }
      const changed = new Set<Shape>();
      const ofPods = vocabularies.podLabels.takeChanges();
      for (const key of ofPods.keys) {
        for (const set of shapesByLabel.get(key)?.values() ?? []) for (const shape of set) changed.add(shape);
      }
      for (const [key, values] of ofPods.values) {
        for (const value of values) {
          for (const shape of shapesByLabel.get(key)?.get(value) ?? []) changed.add(shape);
        }
      }
      for (const name of vocabularies.portNames.takeChanges()) {
        for (const shape of shapesByPortName.get(name) ?? []) changed.add(shape);
      }
      for (const shape of changed) reshape(shape);
    },
    areaAdded: (area) => {
      const { family } = area.cidr;
      const around = areas[family].enclosing(area)[1];
      if (around === undefined) return;
      whereabouts.areaAdded(area, around);
      movePods(
        [...whereabouts.within(around)].filter((podClass) => podClass.areas[family] === around),
        (pod) => cidrContains(area.cidr, pod.addresses[family]!),
      );
    },
    areaRemoved: (area) => {
      const { family } = area.cidr;
      movePods(
        [...whereabouts.within(area)].filter((podClass) => podClass.areas[family] === area),
        () => true,
      );
      whereabouts.areaRemoved(area);
    },
  };
}

/** True where it is seen at a glance; readers give equal labels and ports as one object. */
function isOfShape(pod: ClusterPod, { namespace, labels, ports }: Shape): boolean {
  return pod.labels === labels && pod.ports === ports && pod.namespace === namespace.name;
}

/** All of them, mostly. */
function namedPortsOf(ports: readonly ContainerPort[]): readonly ContainerPort[] {
  const isNamed = (port: ContainerPort): boolean => port.name !== undefined;
  return ports.every(isNamed) ? ports : ports.filter(isNamed);
}

/** The labels as they come: two orders of equal labels make two shapes, which share a look. */
function shapeKey(pod: ClusterPod): string {
  let key = pod.namespace;
  for (const label in pod.labels) key += `\n${label}=${pod.labels[label]}`;
  for (const port of pod.ports) {
    if (port.name !== undefined) key += `\n${port.name}:${port.protocol}:${port.port}`;
  }
  return key;
}

function labelsKey(labels: Labels): string {
  let key = "";
  for (const label in labels) key += `${label}=${labels[label]},`;
  return key;
}

function portsKeyOf(ports: readonly ContainerPort[]): string {
  return ports
    .map((port) => `${port.name}:${port.protocol}:${port.port}`)
    .sort()
    .join(",");
}
