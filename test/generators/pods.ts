import type { Family } from "../reference/ip.ts";
import { isHostNetwork, takesPart } from "../reference/pod.ts";
import type { RawContainer, RawContainerPort, RawNode, RawPod } from "../reference/raw.ts";
import { podAddress } from "./addresses.ts";
import { randomContainerPorts } from "./ports.ts";
import type { Random } from "./random.ts";
import { randomPodLabels } from "./selectors.ts";

export interface PodSettings {
  hostNetwork: boolean;
  finished: boolean;
  unaddressed: boolean;
  /** The families a pod may have, each list in the order of its `podIPs`. */
  podFamilies: readonly (readonly Family[])[];
}

type State = "running" | "starting" | "terminating" | "finished" | "unaddressed";

/** `count` pods, spread over namespaces (by name) and nodes; names repeat from namespace to namespace. */
export function randomPods(
  random: Random,
  count: number,
  namespaces: readonly string[],
  nodes: readonly RawNode[],
  settings: PodSettings,
): RawPod[] {
  const used = new Set<string>();
  const perNamespace = new Map<string, number>();
  const pods = Array.from({ length: count }, () => {
    const namespace = random.pick(namespaces);
    const ordinal = perNamespace.get(namespace) ?? 0;
    perNamespace.set(namespace, ordinal + 1);
    return randomPod(random, namespace, `p${ordinal}`, nodes, settings, used);
  });
  return pods.map((pod) => withReusedAddress(random, pod, pods));
}

function randomPod(
  random: Random,
  namespace: string,
  name: string,
  nodes: readonly RawNode[],
  settings: PodSettings,
  used: Set<string>,
): RawPod {
  const state = randomState(random, settings);
  const hostNetwork = settings.hostNetwork && random.chance(0.15);
  const nodeIndex = random.int(0, nodes.length - 1);
  const node = nodes[nodeIndex]!;
  const labels = randomPodLabels(random);
  const addresses =
    state === "unaddressed"
      ? []
      : hostNetwork
        ? internalAddresses(node)
        : random.pick(settings.podFamilies).map((family) => podAddress(random, family, nodeIndex, used));
  // A pod waits without an address for a node, or on one for its sandbox.
  const scheduled = state !== "unaddressed" || random.chance(0.5);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(state === "terminating" ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    spec: {
      ...(scheduled ? { nodeName: node.metadata.name } : {}),
      ...(hostNetwork ? { hostNetwork } : random.chance(0.1) ? { hostNetwork } : {}),
      ...randomContainers(random, hostNetwork),
    },
    status: {
      phase: phaseOf(random, state),
      ...(scheduled ? hostIps(node) : {}),
      ...podIps(addresses),
    },
  };
}

function randomState(random: Random, settings: PodSettings): State {
  return random.weighted<State>([
    [20, "running"],
    [1, "starting"],
    [1.5, "terminating"],
    [settings.finished ? 2.5 : 0, "finished"],
    [settings.unaddressed ? 1 : 0, "unaddressed"],
  ]);
}

function phaseOf(random: Random, state: State): string {
  switch (state) {
    case "finished":
      return random.pick(["Succeeded", "Failed"]);
    case "starting":
    case "unaddressed":
      return "Pending";
    default:
      return "Running";
  }
}

function randomContainers(
  random: Random,
  hostNetwork: boolean,
): { containers: RawContainer[]; initContainers?: RawContainer[] } {
  const shared = new Set<string>();
  const siblings: RawContainerPort[] = [];
  const container = (name: string, restartPolicy?: "Always"): RawContainer => {
    const ports = randomContainerPorts(random, siblings, hostNetwork ? shared : new Set());
    siblings.push(...ports);
    return {
      name,
      image: "example.com/app",
      ...(restartPolicy === undefined ? {} : { restartPolicy }),
      ...(ports.length === 0 ? {} : { ports: hostNetwork ? ports.map(onHost) : ports }),
    };
  };
  const containers = Array.from({ length: random.chance(0.4) ? 2 : 1 }, (_, i) => container(`c${i}`));
  const initContainers = [
    ...(random.chance(0.25) ? [container("init")] : []),
    ...(random.chance(0.25) ? [container("sidecar", "Always")] : []),
  ];
  return initContainers.length === 0 ? { containers } : { containers, initContainers };
}

/** The ports of all containers, those that serve nothing included. */
export function declaredPorts(pod: RawPod): RawContainerPort[] {
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(
    (container) => container.ports ?? [],
  );
}

/** The API server sets `hostPort` on the host network. */
function onHost<T extends { containerPort: number }>(port: T): T & { hostPort: number } {
  return { ...port, hostPort: port.containerPort };
}

/** Addresses of finished pods are given out again: theirs must not drag their labels along. */
function withReusedAddress(random: Random, pod: RawPod, pods: readonly RawPod[]): RawPod {
  const donors = pods.filter((other) => takesPart(other) && !isHostNetwork(other));
  const isFinished = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
  if (!isFinished || isHostNetwork(pod) || donors.length === 0 || !random.chance(0.4)) {
    return pod;
  }
  const donor = random.pick(donors);
  const { podIP, podIPs } = donor.status!;
  return {
    ...pod,
    spec: { ...pod.spec, ...(donor.spec.nodeName === undefined ? {} : { nodeName: donor.spec.nodeName }) },
    status: {
      ...pod.status,
      ...(podIP === undefined ? {} : { podIP }),
      ...(podIPs === undefined ? {} : { podIPs: podIPs.map((entry) => ({ ...entry })) }),
    },
  };
}

/** The addresses that a node's status lists as internal. */
export function internalAddresses(node: RawNode): string[] {
  return (node.status?.addresses ?? [])
    .filter((entry) => entry.type === "InternalIP")
    .map((entry) => entry.address);
}

function podIps(addresses: readonly string[]): { podIP?: string; podIPs?: { ip: string }[] } {
  const [first] = addresses;
  return first === undefined ? {} : { podIP: first, podIPs: addresses.map((ip) => ({ ip })) };
}

function hostIps(node: RawNode): { hostIP?: string; hostIPs?: { ip: string }[] } {
  const addresses = internalAddresses(node);
  const [first] = addresses;
  return first === undefined ? {} : { hostIP: first, hostIPs: addresses.map((ip) => ({ ip })) };
}
