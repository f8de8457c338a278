import type { Family } from "../reference/ip.ts";
import { namespaceLabels } from "../reference/namespace.ts";
import type { Direction, RawCluster, RawNetworkPolicy, RawPeer, RawPort } from "../reference/raw.ts";
import { EXTERNAL_ADDRESSES, familyOfText } from "./addresses.ts";
import { blockOverExcept, randomIpBlock } from "./ip-blocks.ts";
import { declaredPorts } from "./pods.ts";
import { randomPolicyPort } from "./ports.ts";
import type { Random } from "./random.ts";
import { randomNamespaceSelector, randomPodSelector } from "./selectors.ts";

/** A rule of either direction, before it is known which. */
interface Rule {
  peers?: RawPeer[];
  ports?: RawPort[];
}

/** A policy in one of the cluster's namespaces, about its pods; its blocks are around the anchors. */
export function randomNetworkPolicy(
  random: Random,
  cluster: RawCluster,
  name: string,
  anchors: readonly string[],
): RawNetworkPolicy {
  const occupied = cluster.pods.map((pod) => pod.metadata.namespace!);
  const namespace = random.chance(0.85)
    ? random.pick(occupied)
    : random.pick(cluster.namespaces).metadata.name;
  const subjects = cluster.pods.filter((pod) => pod.metadata.namespace === namespace);
  const rules = () => randomRules(random, cluster, anchors);
  const policyTypes = randomPolicyTypes(random);
  const ingress = rules();
  const egress = rules();
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    spec: {
      podSelector: random.chance(0.25)
        ? {}
        : randomPodSelector(
            random,
            subjects.map((pod) => pod.metadata.labels ?? {}),
          ),
      ...(policyTypes === undefined ? {} : { policyTypes }),
      ...(ingress === undefined
        ? {}
        : { ingress: ingress.map(({ peers, ports }) => withPeers("from", peers, ports)) }),
      ...(egress === undefined
        ? {}
        : { egress: egress.map(({ peers, ports }) => withPeers("to", peers, ports)) }),
    },
  };
}

function withPeers(field: "from" | "to", peers: RawPeer[] | undefined, ports: RawPort[] | undefined): object {
  return { ...(peers === undefined ? {} : { [field]: peers }), ...(ports === undefined ? {} : { ports }) };
}

function randomPolicyTypes(random: Random): Direction[] | undefined {
  return random.weighted<Direction[] | undefined>([
    [8, undefined],
    [1, []],
    [4, ["Ingress"]],
    [4, ["Egress"]],
    [4, ["Ingress", "Egress"]],
    [1, ["Egress", "Ingress"]],
  ]);
}

function randomRules(random: Random, cluster: RawCluster, anchors: readonly string[]): Rule[] | undefined {
  const count = random.weighted([
    [3, undefined],
    [2, 0],
    [6, 1],
    [3, 2],
  ]);
  return count === undefined
    ? undefined
    : Array.from({ length: count }, () => randomRule(random, cluster, anchors));
}

function randomRule(random: Random, cluster: RawCluster, anchors: readonly string[]): Rule {
  if (random.chance(0.05)) {
    return {};
  }
  const peerCount = random.weighted([
    [3, undefined],
    [1, 0],
    [8, 1],
    [5, 2],
    [2, 3],
  ]);
  const portCount = random.weighted([
    [6, undefined],
    [1, 0],
    [7, 1],
    [4, 2],
    [1, 3],
  ]);
  const declared = cluster.pods.flatMap(declaredPorts);
  return {
    ...(peerCount === undefined ? {} : { peers: randomPeers(random, peerCount, cluster, anchors) }),
    ...(portCount === undefined
      ? {}
      : { ports: Array.from({ length: portCount }, () => randomPolicyPort(random, declared)) }),
  };
}

function randomPeers(
  random: Random,
  count: number,
  cluster: RawCluster,
  anchors: readonly string[],
): RawPeer[] {
  const peers = Array.from({ length: count }, () => randomPeer(random, cluster, anchors));
  const excepting = peers.find((peer) => (peer.ipBlock?.except ?? []).length > 0);
  if (excepting?.ipBlock && random.chance(0.4)) {
    const second = { ipBlock: blockOverExcept(random, excepting.ipBlock) };
    return random.chance(0.5) ? [...peers, second] : [second, ...peers];
  }
  return peers;
}

function randomPeer(random: Random, cluster: RawCluster, anchors: readonly string[]): RawPeer {
  const podSelector = () =>
    randomPodSelector(
      random,
      cluster.pods.map((pod) => pod.metadata.labels ?? {}),
    );
  const namespaceSelector = () =>
    random.chance(0.2)
      ? {}
      : randomNamespaceSelector(
          random,
          cluster.namespaces.map((namespace) => namespaceLabels(cluster, namespace.metadata.name)),
        );
  const shape = random.weighted([
    [4, "pods"],
    [2, "namespaces"],
    [3, "both"],
    [5, "addresses"],
  ]);
  switch (shape) {
    case "pods":
      return { podSelector: podSelector() };
    case "namespaces":
      return { namespaceSelector: namespaceSelector() };
    case "both":
      return { namespaceSelector: namespaceSelector(), podSelector: podSelector() };
    default:
      return { ipBlock: randomIpBlock(random, anchors) };
  }
}

/** Addresses for blocks to be about. Pods three times, as most should be about them; nodes, and hosts outside. */
export function blockAnchors(cluster: RawCluster, families: readonly Family[]): string[] {
  const ofPods = cluster.pods.flatMap((pod) => pod.status?.podIPs ?? []).map((entry) => entry.ip);
  const ofNodes = cluster.nodes
    .flatMap((node) => node.status?.addresses ?? [])
    .filter((entry) => entry.type !== "Hostname")
    .map((entry) => entry.address);
  const outside = families.flatMap((family) => EXTERNAL_ADDRESSES[family]);
  return [...ofPods, ...ofPods, ...ofPods, ...ofNodes, ...outside].filter((text) =>
    families.includes(familyOfText(text)),
  );
}
