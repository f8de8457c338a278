import type { Finding } from "../k8s/finding.ts";
import type { ClusterPolicy, KubernetesObject, NetworkPolicy, Node, Pod, Workload } from "../k8s/objects.ts";
import { isPublishingKind, type PublishingObject } from "../k8s/published-objects.ts";
import { type Address, addressKey, compareAddresses, FAMILIES, formatAddress } from "../net/address.ts";
import { type Cidr, formatCidr, parseCidr } from "../net/cidr.ts";
import { addressPool } from "./address-pool.ts";
import type { AddressByFamily, Cluster, ClusterNamespace, ClusterNode, ClusterPod } from "./cluster.ts";
import { clusterNamespace } from "./cluster-namespace.ts";
import { clusterNode, mentionedAddresses, nodeNameOf, parseAddresses } from "./cluster-node.ts";
import { clusterPod, firstByFamily, isFinished, podId, workloadId } from "./cluster-pod.ts";
import { compareNames } from "./names.ts";
import { spreadOverNodes } from "./spread-nodes.ts";
import { groupByWorkload } from "./workload-groups.ts";
import { type PlannedPod, planPods } from "./workloads.ts";

/** The blocks from which pods of manifests get addresses unless told otherwise. */
export const DEFAULT_POD_CIDRS: readonly Cidr[] = ["10.244.0.0/16", "fd00:10:244::/56"].map(
  (text) => parseCidr(text)!.cidr,
);

/** The blocks from which nodes get addresses that the input does not tell. */
const NODE_CIDRS: readonly Cidr[] = ["172.18.0.0/16", "fd00:172:18::/64"].map(
  (text) => parseCidr(text)!.cidr,
);

export interface BuildOptions {
  /** One block, or one a family, for pods without an address. A pod gets one address from each. */
  readonly podCidrs?: readonly Cidr[];
  /**
   * Spreads the pods that name no node over these. Without any they are on no known node. Several exist in the
   * cluster whether or not a pod comes to them; a single one only if one does.
   */
  readonly defaultNodes?: readonly string[];
  /**
   * What becomes of pods without an address: they are given one (default, for manifests), or they take no part
   * until they have one (a live cluster, which also tells the addresses of its nodes).
   */
  readonly unaddressed?: "given" | "left-out";
  /** Addresses handed out before, by pod id: a pod that had one keeps it. */
  readonly previousAddresses?: ReadonlyMap<string, AddressByFamily>;
  /** The default nodes that pods were put on before, by pod id: a pod that was on one stays there. */
  readonly previousNodes?: ReadonlyMap<string, string>;
}

export interface BuiltCluster {
  readonly cluster: Cluster;
  readonly findings: readonly Finding[];
}

/**
 * Makes the cluster that the objects describe: pods of workloads are spelled out, addresses that are missing
 * are given, namespaces and nodes that are only mentioned come to exist. The same objects give the same
 * cluster, in whatever order they come.
 */
export function buildCluster(objects: readonly KubernetesObject[], options: BuildOptions = {}): BuiltCluster {
  const findings: Finding[] = [];
  const byKind = sortByKind(objects);
  const planned = planPods(byKind.pods, byKind.workloads);
  const finishedPods = planned.filter(isFinished).map(podId);
  const live = options.unaddressed === "left-out";
  const { defaultNodes = [], previousNodes } = options;
  const running = spreadOverNodes(
    planned.filter((pod) => !isFinished(pod) && !(live && pod.addresses.length === 0)),
    defaultNodes,
    previousNodes,
  ).map(onUnnamedNode);

  const wanted = defaultNodes.length > 1 ? defaultNodes : [];
  const nodes = buildNodes(byKind.nodes, wanted, running, live ? [] : NODE_CIDRS);
  const addresses = givePodAddresses(running, nodes, options, findings);
  const workloadOf = workloadNamer();
  const pods = running.map((pod) =>
    clusterPod(podId(pod), pod, pod.nodeName, addresses.get(pod)!, workloadOf(pod)),
  );
  reportSharedAddresses(pods, findings);

  const namespaces = new Map<string, ClusterNamespace>();
  for (const namespace of byKind.namespaces) {
    namespaces.set(namespace.name, clusterNamespace(namespace.name, namespace.labels));
  }
  for (const { namespace } of [...planned, ...byKind.workloads, ...byKind.networkPolicies]) {
    if (!namespaces.has(namespace)) namespaces.set(namespace, clusterNamespace(namespace, {}));
  }
  const cluster: Cluster = {
    namespaces: new Map([...namespaces].sort(([a], [b]) => compareNames(a, b))),
    nodes,
    pods,
    workloads: groupByWorkload(pods),
    networkPolicies: [...byKind.networkPolicies].sort(
      (a, b) => compareNames(a.namespace, b.namespace) || compareNames(a.name, b.name),
    ),
    clusterPolicies: [...byKind.clusterPolicies].sort(
      (a, b) => compareNames(a.name, b.name) || compareNames(a.kind, b.kind),
    ),
    finishedPods,
    ...publishedObjects(objects),
  };
  return { cluster, findings };
}

function publishedObjects(objects: readonly KubernetesObject[]): Pick<Cluster, "published"> {
  const publishing = objects
    .filter(isPublishingObject)
    .sort((a, b) => compareNames(namespaceOf(a), namespaceOf(b)) || compareNames(a.name, b.name));
  if (publishing.length === 0) return {};
  return {
    published: {
      services: publishing.filter((object) => object.kind === "Service"),
      ingresses: publishing.filter((object) => object.kind === "Ingress"),
      ingressClasses: publishing.filter((object) => object.kind === "IngressClass"),
    },
  };
}

function isPublishingObject(object: KubernetesObject): object is PublishingObject {
  return isPublishingKind(object.kind);
}

function namespaceOf(object: PublishingObject): string {
  return "namespace" in object ? object.namespace : "";
}

interface ObjectsByKind {
  readonly namespaces: readonly Extract<KubernetesObject, { kind: "Namespace" }>[];
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly workloads: readonly Workload[];
  readonly networkPolicies: readonly NetworkPolicy[];
  readonly clusterPolicies: readonly ClusterPolicy[];
}

function sortByKind(objects: readonly KubernetesObject[]): ObjectsByKind {
  const workloads: Workload[] = [];
  const of = <K extends KubernetesObject["kind"]>(kind: K): Extract<KubernetesObject, { kind: K }>[] =>
    objects.filter((object): object is Extract<KubernetesObject, { kind: K }> => object.kind === kind);
  for (const object of objects) if ("template" in object) workloads.push(object);
  return {
    namespaces: of("Namespace"),
    nodes: of("Node"),
    pods: of("Pod"),
    workloads,
    networkPolicies: of("NetworkPolicy"),
    clusterPolicies: [
      ...of("ClusterNetworkPolicy"),
      ...of("AdminNetworkPolicy"),
      ...of("BaselineAdminNetworkPolicy"),
    ],
  };
}

function onUnnamedNode(pod: PlannedPod): PlannedPod {
  const nodeName = nodeNameOf(pod);
  return nodeName === undefined || nodeName === pod.nodeName ? pod : { ...pod, nodeName };
}

/** The nodes of the input, others that are wanted, and those that pods name. Those that tell no address are given one of each block. */
function buildNodes(
  nodes: readonly Node[],
  wanted: readonly string[],
  pods: readonly PlannedPod[],
  cidrs: readonly Cidr[],
): Map<string, ClusterNode> {
  const known = new Map<string, Omit<ClusterNode, "name" | "addresses"> & { addresses: Address[] }>();
  for (const node of nodes) {
    const { name, ...rest } = clusterNode(node);
    known.set(name, { ...rest, addresses: [...rest.addresses] });
  }
  for (const name of wanted) if (!known.has(name)) known.set(name, { labels: {}, addresses: [] });
  for (const pod of pods) {
    if (pod.nodeName === undefined) continue;
    let node = known.get(pod.nodeName);
    if (node === undefined) {
      node = { labels: {}, addresses: [] };
      known.set(pod.nodeName, node);
    }
    for (const address of parseAddresses(mentionedAddresses(pod))) {
      if (!node.addresses.some((own) => compareAddresses(own, address) === 0)) node.addresses.push(address);
    }
  }
  const taken = new Set([...known.values()].flatMap((node) => node.addresses.map(addressKey)));
  const pools = cidrs.map((cidr) => addressPool(cidr, (address) => taken.has(addressKey(address))));
  const built = new Map<string, ClusterNode>();
  for (const name of [...known.keys()].sort(compareNames)) {
    const node = known.get(name)!;
    // A node that told its addresses has no others: one family may really be missing.
    const addresses =
      node.addresses.length > 0
        ? node.addresses
        : pools.map((pool) => pool.next()).filter((address): address is Address => address !== undefined);
    built.set(name, { ...node, name, addresses });
  }
  return built;
}

function givePodAddresses(
  pods: readonly PlannedPod[],
  nodes: ReadonlyMap<string, ClusterNode>,
  options: BuildOptions,
  findings: Finding[],
): Map<PlannedPod, AddressByFamily> {
  const result = new Map<PlannedPod, AddressByFamily>();
  const waiting: PlannedPod[] = [];
  for (const pod of pods) {
    const node = pod.nodeName === undefined ? undefined : nodes.get(pod.nodeName);
    const told = pod.hostNetwork
      ? (node?.addresses ?? parseAddresses([...pod.hostAddresses, ...pod.addresses]))
      : parseAddresses(pod.addresses);
    if (told.length === 0) waiting.push(pod);
    else result.set(pod, firstByFamily(told));
  }
  if (waiting.length === 0) return result;

  const taken = new Set<number | bigint>();
  for (const node of nodes.values()) for (const address of node.addresses) taken.add(addressKey(address));
  for (const own of result.values()) for (const address of Object.values(own)) taken.add(addressKey(address));
  const fresh = waiting.filter((pod) => {
    const previous = options.previousAddresses?.get(podId(pod));
    // What the input gives to another by now is not its own any more.
    if (previous === undefined || Object.values(previous).some((each) => taken.has(addressKey(each))))
      return true;
    result.set(pod, previous);
    for (const address of Object.values(previous)) taken.add(addressKey(address));
    return false;
  });
  const cidrs = options.podCidrs ?? DEFAULT_POD_CIDRS;
  const pools = cidrs.map((cidr) => addressPool(cidr, (address) => taken.has(addressKey(address))));
  const without = new Map<Cidr, PlannedPod[]>(cidrs.map((cidr) => [cidr, []]));
  for (const pod of fresh) {
    const given: Address[] = [];
    for (const [index, pool] of pools.entries()) {
      const address = pool.next();
      if (address === undefined) without.get(cidrs[index]!)!.push(pod);
      else given.push(address);
    }
    result.set(pod, firstByFamily(given));
  }
  for (const [cidr, [first, ...rest]] of without) {
    if (first !== undefined) findings.push(exhaustedFinding(cidr, first, rest.length));
  }
  return result;
}

function exhaustedFinding(cidr: Cidr, first: PlannedPod, others: number): Finding {
  const id = `${first.namespace}/${first.name}`;
  return {
    code: "pod-cidr-exhausted",
    severity: "error",
    position: first.origin.position([]),
    object: `Pod ${id}`,
    message: `no address is left for it${others > 0 ? ` and ${others} more pods` : ""} in ${formatCidr(cidr)}`,
    help: "give a larger block with --pod-cidr",
  };
}

/** Ids of workloads; pods of one that come one after the other share the text, which is long and compared often. */
function workloadNamer(): (pod: PlannedPod) => string {
  let last: PlannedPod | undefined;
  let id = "";
  return (pod) => {
    const { namespace, owner } = pod;
    const isSame =
      last?.namespace === namespace && last.owner.name === owner.name && last.owner.kind === owner.kind;
    if (!isSame) id = workloadId(namespace, owner);
    last = pod;
    return id;
  };
}

/** Two running pods cannot share an address: policies that name pods could not tell them apart. */
function reportSharedAddresses(pods: readonly ClusterPod[], findings: Finding[]): void {
  const owners = new Map<number | bigint, ClusterPod>();
  for (const pod of pods) {
    if (pod.hostNetwork) continue;
    for (const family of FAMILIES) {
      const address = pod.addresses[family];
      if (address === undefined) continue;
      const key = addressKey(address);
      const other = owners.get(key);
      if (other === undefined) {
        owners.set(key, pod);
        continue;
      }
      const text = formatAddress(address);
      findings.push({
        code: "shared-address",
        severity: "error",
        position: pod.origin.position(["status", "podIPs"]),
        object: `Pod ${pod.id}`,
        message: `pods ${other.id} and ${pod.id} both have the address ${text}, so a packet cannot be told to be from one of them`,
        help: "remove the stale pod from the input, or correct its status.podIPs",
      });
    }
  }
}
