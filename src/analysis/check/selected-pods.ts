import type { Cluster, ClusterPod } from "../../cluster/cluster.ts";
import type { LabelSelector } from "../../k8s/objects.ts";
import { selectorKey } from "../../k8s/selector.ts";
import { type Bitset, forEachBit } from "../../net/bitset.ts";
import { type LabelIndex, labelIndex } from "../../policy/label-index.ts";
import type { NamespaceSelection, PodSelection } from "../../policy/policy.ts";

/** Which pods of a cluster selectors choose, now. Answers are kept: many policies ask the same. */
export interface SelectedPods {
  /** The pods that policies see and a selection chooses, in the order of the cluster. */
  podsOf(selection: PodSelection): readonly ClusterPod[];
  /** The host-network pods that it would choose, if policies saw them. */
  hostNetworkPodsOf(selection: PodSelection): readonly ClusterPod[];
  /** The names of the namespaces that it chooses and that exist. */
  namespacesOf(selection: NamespaceSelection): readonly string[];
}

export function selectedPods({ pods, namespaces }: Cluster): SelectedPods {
  const seen = podsByNamespace(pods.filter((pod) => !pod.hostNetwork));
  const hidden = podsByNamespace(pods.filter((pod) => pod.hostNetwork));
  const names = [...namespaces.keys()];
  const namespacesWith = labelIndex([...namespaces.values()].map(({ labels }) => labels));
  const namesOf = new Map<string, readonly string[]>();

  const namespacesMatching = (selector: LabelSelector): readonly string[] => {
    const key = selectorKey(selector);
    let found = namesOf.get(key);
    if (found === undefined) {
      found = chosen(namespacesWith(selector), names);
      namesOf.set(key, found);
    }
    return found;
  };
  const namespacesOf = (selection: NamespaceSelection): readonly string[] => {
    if (selection.kind === "selector") return namespacesMatching(selection.selector);
    return namespaces.has(selection.name) ? [selection.name] : [];
  };
  const choosing =
    (groups: ReadonlyMap<string, PodGroup>) =>
    (selection: PodSelection): readonly ClusterPod[] => {
      const podKey = selectorKey(selection.pods);
      const parts = namespacesOf(selection.namespaces).map((name) => {
        const group = groups.get(name);
        return group === undefined ? [] : podsOfGroup(group, selection.pods, podKey);
      });
      return parts.length === 1 ? parts[0]! : parts.flat();
    };
  return { podsOf: choosing(seen), hostNetworkPodsOf: choosing(hidden), namespacesOf };
}

/** The pods of a namespace. */
interface PodGroup {
  readonly pods: readonly ClusterPod[];
  index: LabelIndex | undefined;
  /** By the key of the selector. */
  readonly chosen: Map<string, readonly ClusterPod[]>;
}

function podsByNamespace(pods: readonly ClusterPod[]): Map<string, PodGroup> {
  const lists = new Map<string, ClusterPod[]>();
  for (const pod of pods) {
    const list = lists.get(pod.namespace);
    if (list === undefined) lists.set(pod.namespace, [pod]);
    else list.push(pod);
  }
  return new Map(
    [...lists].map(([name, list]) => [name, { pods: list, index: undefined, chosen: new Map() }]),
  );
}

function podsOfGroup(group: PodGroup, selector: LabelSelector, key: string): readonly ClusterPod[] {
  if (key === "") return group.pods;
  let found = group.chosen.get(key);
  if (found === undefined) {
    group.index ??= labelIndex(group.pods.map(({ labels }) => labels));
    found = chosen(group.index(selector), group.pods);
    group.chosen.set(key, found);
  }
  return found;
}

function chosen<T>(places: Bitset, list: readonly T[]): readonly T[] {
  const found: T[] = [];
  forEachBit(places, (place) => found.push(list[place]!));
  return found;
}
