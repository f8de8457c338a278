import { copyOf, intern } from "../../k8s/intern.ts";
import type { Pod } from "../../k8s/objects.ts";
import type { AddressByFamily, ClusterNode, ClusterPod } from "../cluster.ts";
import { mentionedAddresses, nodeNameOf, parseAddresses } from "../cluster-node.ts";
import { clusterPod, firstByFamily, isFinished, podId, workloadId } from "../cluster-pod.ts";
import { podOwner } from "../workloads.ts";
import type { LiveNamespaces } from "./live-namespaces.ts";
import type { LiveNodes } from "./live-nodes.ts";
import type { Tracked } from "./tracked.ts";

/** The pods of a followed cluster. Those that are finished, or have no address yet, take no part. */
export interface LivePods {
  /** Of those that are finished. */
  readonly finished: Iterable<string>;
  ids(): Iterable<string>;
  set(pod: Pod): void;
  remove(id: string): void;
  /** Gives a node's addresses, which may be others now, to the pods that have them. */
  nodeChanged(name: string): void;
}

export interface LivePodsOptions {
  readonly tracked: Tracked<ClusterPod>;
  readonly namespaces: LiveNamespaces;
  readonly nodes: LiveNodes;
  /** The nodes as they were last computed. */
  readonly known: ReadonlyMap<string, ClusterNode>;
}

export function createLivePods({ tracked, namespaces, nodes, known }: LivePodsOptions): LivePods {
  const finished = new Set<string>();
  const waiting = new Set<string>();
  /** Pods on the host's network, by the node whose addresses they have. */
  const onHostNetwork = new Map<string, Set<string>>();

  const isKnown = (id: string): boolean => tracked.values.has(id) || finished.has(id) || waiting.has(id);

  const leaveNode = ({ id, node, hostNetwork }: ClusterPod): void => {
    if (node === undefined) return;
    nodes.removePod(node, id);
    if (!hostNetwork) return;
    const ids = onHostNetwork.get(node);
    ids?.delete(id);
    if (ids?.size === 0) onHostNetwork.delete(node);
  };
  const enterNode = ({ id, node, hostNetwork }: ClusterPod, pod: Pod): void => {
    if (node === undefined) return;
    nodes.setPod(node, id, mentionedAddresses(pod));
    if (!hostNetwork) return;
    const ids = onHostNetwork.get(node);
    if (ids === undefined) onHostNetwork.set(node, new Set([id]));
    else ids.add(id);
  };
  const leave = (id: string): void => {
    const before = tracked.values.get(id);
    if (before !== undefined) leaveNode(before);
    tracked.put(id, undefined);
  };

  const run = (id: string, pod: Pod): void => {
    const before = tracked.values.get(id);
    const node = nodeNameOf(pod);
    const isElsewhere = before?.node !== node || before?.hostNetwork !== pod.hostNetwork;
    if (before !== undefined && isElsewhere) leaveNode(before);
    const workload = intern(workloadId(pod.namespace, podOwner(pod)));
    const after = clusterPod(before?.id ?? copyOf(id), pod, node, addressesOf(pod, node, known), workload);
    enterNode(after, pod);
    tracked.put(after.id, after);
  };

  return {
    finished,
    ids: function* () {
      yield* tracked.values.keys();
      yield* finished;
      yield* waiting;
    },
    set: (pod) => {
      const id = podId(pod);
      if (!isKnown(id)) namespaces.enter(pod.namespace);
      finished.delete(id);
      waiting.delete(id);
      if (!isFinished(pod) && pod.addresses.length > 0) {
        run(id, pod);
        return;
      }
      leave(id);
      if (isFinished(pod)) finished.add(id);
      else waiting.add(id);
    },
    remove: (id) => {
      if (!isKnown(id)) return;
      leave(id);
      finished.delete(id);
      waiting.delete(id);
      namespaces.leave(id.slice(0, id.indexOf("/")));
    },
    nodeChanged: (name) => {
      const node = known.get(name);
      if (node === undefined) return;
      const addresses = firstByFamily(node.addresses);
      for (const id of onHostNetwork.get(name) ?? []) {
        const pod = tracked.values.get(id)!;
        tracked.put(id, clusterPod(id, pod, name, addresses, pod.workload));
      }
    },
  };
}

/** Of a pod on the host's network, those of its node: as they were last computed, and put right with the node. */
function addressesOf(
  pod: Pod,
  node: string | undefined,
  known: ReadonlyMap<string, ClusterNode>,
): AddressByFamily {
  if (!pod.hostNetwork) return firstByFamily(parseAddresses(pod.addresses));
  const addresses = node === undefined ? undefined : known.get(node)?.addresses;
  return firstByFamily(addresses ?? parseAddresses(mentionedAddresses(pod)));
}
