import type { ResolvedEnd } from "./end.ts";
import { cidrContains, parseCidr } from "./ip.ts";
import { namespaceLabels, namespaceOf } from "./namespace.ts";
import type { Question } from "./question.ts";
import type { Direction, RawCluster, RawSelector } from "./raw.ts";
import type { RawClusterPeer } from "./raw-cluster-policy.ts";
import { selectorMatches } from "./selector.ts";

const KNOWN: Record<Direction, readonly string[]> = {
  Ingress: ["namespaces", "pods"],
  Egress: ["namespaces", "pods", "nodes", "networks", "domainNames"],
};

/**
 * Whether the peer says something that v1alpha2 can say in this direction.
 * @throws Error on a peer of several fields, which the API server refuses.
 */
export function isKnownPeer(peer: RawClusterPeer, direction: Direction): boolean {
  const fields = Object.keys(peer).filter((field) => peer[field] !== undefined && peer[field] !== null);
  if (fields.length > 1) {
    throw new Error(`a peer has several fields, ${fields.join(" and ")}; the API server refuses that`);
  }
  return fields.every((field) => KNOWN[direction].includes(field)) && fields.length === 1;
}

/** Whether the far end is one that a known peer means. */
export function clusterPeerMatches(peer: RawClusterPeer, { cluster, remote }: Question): boolean {
  if (peer.namespaces) {
    return podMatches(peer.namespaces, {}, cluster, remote);
  }
  if (peer.pods) {
    return podMatches(peer.pods.namespaceSelector, peer.pods.podSelector, cluster, remote);
  }
  if (peer.nodes) {
    return nodeMatches(peer.nodes, cluster, remote);
  }
  if (peer.networks) {
    return peer.networks.some((cidr) => cidrContains(parseCidr(cidr), remote.address));
  }
  // domainNames: without watching what names resolve to, no address is known to be meant.
  return false;
}

function podMatches(
  namespaceSelector: RawSelector,
  podSelector: RawSelector,
  cluster: RawCluster,
  { pod }: ResolvedEnd,
): boolean {
  return (
    pod !== undefined &&
    selectorMatches(namespaceSelector, namespaceLabels(cluster, namespaceOf(pod))) &&
    selectorMatches(podSelector, pod.metadata.labels ?? {})
  );
}

/** Only a Node object can be selected: of a node that is but named by a pod, no labels are known. */
function nodeMatches(selector: RawSelector, cluster: RawCluster, remote: ResolvedEnd): boolean {
  const node = cluster.nodes.find((candidate) => candidate.metadata.name === remote.node);
  return node !== undefined && selectorMatches(selector, node.metadata.labels ?? {});
}
