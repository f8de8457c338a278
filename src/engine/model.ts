import type { ClusterChange } from "../cluster/change.ts";
import { policyId } from "../cluster/change.ts";
import type { Cluster, ClusterNamespace, ClusterNode, ClusterPod } from "../cluster/cluster.ts";
import { FAMILIES, type Family } from "../net/address.ts";
import { policyOf } from "../policy/policies.ts";
import type { Policy } from "../policy/policy.ts";
import { type Area, type Areas, createAreas } from "./areas.ts";
import type { PodClass } from "./classes.ts";
import { type AddressBook, createAddressBook, type LiveAddressBook } from "./end.ts";
import { forEachTie, type LivePolicy, type PolicyTies, tiePolicy } from "./live-policy.ts";
import { createPopulation, type Population, type Vocabularies } from "./population.ts";
import { createRowCache, type RowCache } from "./row-cache.ts";
import { createSelections, type Selection, type Selections } from "./selections.ts";
import { createLabelVocabulary, createNameVocabulary } from "./vocabulary.ts";

/**
 * The state of an engine: classes, areas, policies in force, rows. A change updates what it touches; the result is the
 * one that a fresh model of the changed cluster would give.
 */
export interface Model {
  readonly areas: Readonly<Record<Family, Areas>>;
  readonly population: Population;
  readonly rows: RowCache;
  readonly addresses: AddressBook;
  readonly namespaces: ReadonlyMap<string, ClusterNamespace>;
  readonly nodes: ReadonlyMap<string, ClusterNode>;
  /** By {@link policyId}. */
  readonly policies: ReadonlyMap<string, LivePolicy>;
  /** Told of every pod that came to be, went, or is in another class than before. */
  readonly podListeners: Set<PodListener>;
  apply(change: ClusterChange): void;
}

/** Called while a change is applied: the pod's class is asked for afterwards. */
export type PodListener = (pod: ClusterPod) => void;

export function createModel(cluster: Cluster): Model {
  const areas = { 4: createAreas(4), 6: createAreas(6) };
  const vocabularies: Vocabularies = {
    podLabels: createLabelVocabulary(),
    namespaceLabels: createLabelVocabulary(),
    namespaceNames: createNameVocabulary(),
    portNames: createNameVocabulary(),
  };
  const selections: Selections = createSelections((selection, podClass) =>
    rows.membershipChanged(selection, podClass),
  );
  const podListeners = new Set<PodListener>();
  const population = createPopulation(vocabularies, areas, {
    created: (podClass: PodClass) => {
      selections.addClass(podClass);
      rows.classChanged(podClass);
    },
    gone: (podClass: PodClass) => {
      selections.removeClass(podClass);
      rows.classChanged(podClass);
    },
    podMoved: (pod) => {
      for (const listener of podListeners) listener(pod);
    },
  });
  const rows: RowCache = createRowCache(population, areas, selections);
  const addresses: LiveAddressBook = createAddressBook();
  const namespaces = new Map<string, ClusterNamespace>();
  const nodes = new Map<string, ClusterNode>();
  const pods = new Map<string, ClusterPod>();
  const policies = new Map<string, LivePolicy>();
  let lastPolicyId = 0;

  const ties: PolicyTies = {
    useSelection: (wanted) => {
      const { selection, isNew } = selections.use(wanted);
      if (isNew) speakOf(selection, "add");
      return selection;
    },
    useBlock: (cidr) => {
      const { area, isNew } = areas[cidr.family].use(cidr);
      if (isNew) population.areaAdded(area);
      return area;
    },
    usePortName: (name) => vocabularies.portNames.add(name),
    nodes: () => nodes.values(),
  };
  const speakOf = ({ selection }: Selection, change: "add" | "remove"): void => {
    const { namespaces } = selection;
    if (namespaces.kind === "name") vocabularies.namespaceNames[change](namespaces.name);
    else vocabularies.namespaceLabels[change](namespaces.selector);
    vocabularies.podLabels[change](selection.pods);
  };
  const release = (live: LivePolicy): void => {
    forEachTie(
      live,
      (selection) => {
        if (selections.release(selection)) speakOf(selection, "remove");
      },
      (area: Area) => {
        if (areas[area.cidr.family].release(area)) population.areaRemoved(area);
      },
      (name) => vocabularies.portNames.remove(name),
    );
  };
  /** Puts a policy in the place of its former self, if it had one. The new comes first, so that what both use stays. */
  const replacePolicy = (id: string, policy: Policy | undefined): void => {
    const old = policies.get(id);
    const live = policy === undefined ? undefined : tiePolicy(policy, ++lastPolicyId, ties);
    if (old !== undefined) {
      rows.policyRemoved(old);
      policies.delete(id);
    }
    if (live !== undefined) {
      rows.policyAdded(live);
      policies.set(id, live);
    }
    if (old !== undefined) release(old);
    population.vocabulariesChanged();
  };

  const setPod = (pod: ClusterPod): void => {
    const before = pods.get(pod.id);
    if (before === pod) return;
    pods.set(pod.id, pod);
    // The new one first: a class that stays is not taken down in between.
    if (isSeen(pod)) population.add(pod);
    if (before !== undefined) {
      if (isSeen(before)) population.remove(before);
      addresses.removePod(before);
    }
    addresses.setPod(pod);
  };
  const removePod = (id: string): void => {
    const before = pods.get(id);
    if (before === undefined) return;
    pods.delete(id);
    if (isSeen(before)) population.remove(before);
    addresses.removePod(before);
  };
  const setNamespace = (namespace: ClusterNamespace): void => {
    namespaces.set(namespace.name, namespace);
    population.setNamespace(namespace);
  };
  const nodesChanged = (): void => {
    for (const [id, live] of [...policies]) if (live.namesNodes) replacePolicy(id, live.policy);
  };

  for (const node of cluster.nodes.values()) {
    nodes.set(node.name, node);
    addresses.setNode(node);
  }
  // Policies first: then each pod enters the class that it stays in.
  for (const policy of [...cluster.networkPolicies, ...cluster.clusterPolicies])
    replacePolicy(policyId(policy), policyOf(policy));
  for (const namespace of cluster.namespaces.values()) setNamespace(namespace);
  for (const pod of cluster.pods) setPod(pod);

  return {
    areas,
    population,
    rows,
    addresses,
    namespaces,
    nodes,
    policies,
    podListeners,
    apply: (change) => {
      switch (change.kind) {
        case "pod-set":
          setPod(change.pod);
          break;
        case "pod-removed":
          removePod(change.id);
          break;
        case "namespace-set":
          setNamespace(change.namespace);
          break;
        case "namespace-removed":
          namespaces.delete(change.name);
          population.removeNamespace(change.name);
          break;
        case "node-set":
          nodes.set(change.node.name, change.node);
          addresses.setNode(change.node);
          nodesChanged();
          break;
        case "node-removed":
          nodes.delete(change.name);
          addresses.removeNode(change.name);
          nodesChanged();
          break;
        case "policy-set":
          replacePolicy(policyId(change.policy), policyOf(change.policy));
          break;
        case "policy-removed":
          replacePolicy(change.id, undefined);
          break;
      }
    },
  };
}

/** True for a pod that policies see as a pod: it has an address of its own. */
function isSeen(pod: ClusterPod): boolean {
  return !pod.hostNetwork && FAMILIES.some((family) => pod.addresses[family] !== undefined);
}
