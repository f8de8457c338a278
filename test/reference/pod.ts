import { type Address, parseAddress } from "./ip.ts";
import { namespaceOf } from "./namespace.ts";
import type { Protocol, RawCluster, RawContainerPort, RawNode, RawPod } from "./raw.ts";

/** `namespace/name`. */
export function podKey(pod: RawPod): string {
  return `${namespaceOf(pod)}/${pod.metadata.name}`;
}

/** The pod's addresses, at most one of each family in a real cluster; [] before it has any. */
export function podAddresses(pod: RawPod): Address[] {
  return addressTexts(pod).map(parseAddress);
}

function addressTexts(pod: RawPod): string[] {
  const listed = (pod.status?.podIPs ?? []).map((entry) => entry.ip);
  const single = pod.status?.podIP ? [pod.status.podIP] : [];
  return listed.length > 0 ? listed : single;
}

/**
 * Whether the pod exists for the network: it has not ended, and it has an address. A terminating pod still does.
 */
export function takesPart(pod: RawPod): boolean {
  const phase = pod.status?.phase;
  return phase !== "Succeeded" && phase !== "Failed" && addressTexts(pod).length > 0;
}

export function isHostNetwork(pod: RawPod): boolean {
  return pod.spec.hostNetwork === true;
}

/** The ports of containers and sidecars. An init container that ends before the pod starts serves nothing. */
export function servedPorts(pod: RawPod): RawContainerPort[] {
  const sidecars = (pod.spec.initContainers ?? []).filter(
    (container) => container.restartPolicy === "Always",
  );
  return [...pod.spec.containers, ...sidecars].flatMap((container) => container.ports ?? []);
}

/** The numbers that a port name has on this pod for this protocol: none, one, or several. */
export function namedPortNumbers(pod: RawPod, name: string, protocol: Protocol): number[] {
  return servedPorts(pod)
    .filter((port) => port.name === name && (port.protocol ?? "TCP") === protocol)
    .map((port) => port.containerPort);
}

/**
 * The addresses of a node: those of its status that are IP addresses, and those of the host-network pods on it,
 * which are the node's own.
 */
export function nodeAddresses(cluster: RawCluster, node: RawNode): Address[] {
  const own = (node.status?.addresses ?? [])
    .filter((entry) => entry.type === "InternalIP" || entry.type === "ExternalIP")
    .map((entry) => parseAddress(entry.address));
  const ofPods = cluster.pods
    .filter((pod) => isHostNetwork(pod) && takesPart(pod) && pod.spec.nodeName === node.metadata.name)
    .flatMap(podAddresses);
  return [...own, ...ofPods];
}
