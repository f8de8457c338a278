import type { ClusterPolicyObject } from "../../cluster/change.ts";
import type { Cluster, ClusterNamespace, ClusterNode, ClusterPod } from "../../cluster/cluster.ts";
import { clusterPod, firstByFamily } from "../../cluster/cluster-pod.ts";
import { groupByWorkload } from "../../cluster/workload-groups.ts";
import { intern, internLabels, internPorts } from "../../k8s/intern.ts";
import { type Address, formatAddress, parseAddress } from "../../net/address.ts";
import { formatCidr, parseCidr } from "../../net/cidr.ts";
import { StateOrigin } from "./state-origin.ts";

/** What an agent knew when it wrote its state. */
export interface AgentState {
  readonly node: string;
  /** The kernel's boot id: pods of the node do not outlive it. */
  readonly boot: string;
  readonly cluster: Cluster;
}

/** A state that cannot be used; the message says why. */
export class StateError extends Error {
  override readonly name = "StateError";
}

/** Of the format: a state of another one is not read. */
const VERSION = 1;
/** Lines a piece, so that writing a large cluster leaves time for all else. */
const LINES_A_PIECE = 500;

/** Pieces of the text of a state: JSON, one object a line, with a line before and one after that tell that it is whole. */
export function* stateText({ node, boot, cluster }: AgentState): Generator<string> {
  let piece = `${JSON.stringify({ podwall: "state", version: VERSION, node, boot })}\n`;
  let lines = 0;
  for (const line of objectLines(cluster)) {
    piece += `${line}\n`;
    lines++;
    if (lines % LINES_A_PIECE !== 0) continue;
    yield piece;
    piece = "";
  }
  yield `${piece}${JSON.stringify({ end: lines })}\n`;
}

function* objectLines(cluster: Cluster): Generator<string> {
  for (const namespace of cluster.namespaces.values()) yield JSON.stringify({ namespace });
  for (const node of cluster.nodes.values()) yield JSON.stringify({ node: writtenNode(node) });
  for (const policy of [...cluster.networkPolicies, ...cluster.clusterPolicies]) {
    yield JSON.stringify({ policy: { ...policy, origin: undefined } });
  }
  for (const pod of cluster.pods) {
    yield JSON.stringify({
      pod: { ...pod, addresses: Object.values(pod.addresses).map(formatAddress), origin: undefined },
    });
  }
}

function writtenNode({ addresses, podRanges, ...rest }: ClusterNode): object {
  return {
    ...rest,
    addresses: addresses.map(formatAddress),
    ...(podRanges === undefined ? {} : { podRanges: podRanges.map(formatCidr) }),
  };
}

/** A line of the text, between the first and the last. */
interface StateLine {
  readonly namespace?: ClusterNamespace;
  readonly node?: WrittenNode;
  readonly policy?: ClusterPolicyObject;
  readonly pod?: WrittenPod;
}

interface WrittenNode extends Pick<ClusterNode, "name" | "labels"> {
  readonly addresses: readonly string[];
  readonly podRanges?: readonly string[];
}

interface WrittenPod extends Omit<ClusterPod, "addresses" | "origin" | "node"> {
  readonly node?: string;
  readonly addresses: readonly string[];
}

/** The first and the last line. */
interface StateFrame {
  readonly podwall?: string;
  readonly version?: number;
  readonly node: string;
  readonly boot: string;
  readonly end?: number;
}

/** Reads the lines that {@link stateText} made. Throws a {@link StateError} if they are not whole, or of another version. */
export async function readState(lines: AsyncIterable<string>): Promise<AgentState> {
  let head: StateFrame | undefined;
  let count = 0;
  let isWhole = false;
  const namespaces = new Map<string, ClusterNamespace>();
  const nodes = new Map<string, ClusterNode>();
  const pods: ClusterPod[] = [];
  const policies: ClusterPolicyObject[] = [];
  for await (const line of lines) {
    const read = parsed(line);
    if (head === undefined) {
      if (read.podwall !== "state") throw new StateError("it is no state of podwall");
      if (read.version !== VERSION) throw new StateError(`it is of format ${read.version}, not ${VERSION}`);
      head = read;
      continue;
    }
    if (isWhole) throw new StateError("it goes on after its end");
    if (read.end !== undefined) {
      if (read.end !== count) throw new StateError(`it has ${count} lines of ${read.end}`);
      isWhole = true;
      continue;
    }
    count++;
    const { namespace, node, policy, pod } = read;
    if (namespace !== undefined) namespaces.set(namespace.name, namespace);
    else if (node !== undefined) nodes.set(node.name, nodeOf(node));
    else if (policy !== undefined)
      policies.push({ ...policy, origin: new StateOrigin(policy.kind, nameOf(policy)) });
    else if (pod !== undefined) pods.push(podOf(pod));
    else throw new StateError(`it has a line of an unknown kind: ${line.slice(0, 80)}`);
  }
  if (head === undefined) throw new StateError("it is empty");
  if (!isWhole) throw new StateError("its end is missing: it was not written to the end");
  const { node, boot } = head;
  return {
    node,
    boot,
    cluster: {
      namespaces,
      nodes,
      pods,
      workloads: groupByWorkload(pods),
      networkPolicies: policies.filter((policy) => policy.kind === "NetworkPolicy"),
      clusterPolicies: policies.filter((policy) => policy.kind !== "NetworkPolicy"),
      finishedPods: [],
    },
  };
}

function nameOf(policy: ClusterPolicyObject): string {
  return policy.kind === "NetworkPolicy" ? `${policy.namespace}/${policy.name}` : policy.name;
}

function parsed(line: string): StateLine & StateFrame {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new StateError(`it has a line that is no JSON: ${line.slice(0, 80)}`);
  }
  if (typeof value !== "object" || value === null) throw new StateError(`it has a line that is no object`);
  return value as StateLine & StateFrame;
}

function nodeOf({ name, labels, addresses, podRanges }: WrittenNode): ClusterNode {
  const node = { name, labels, addresses: addresses.map(addressOf) };
  if (podRanges === undefined) return node;
  const ranges = podRanges.map((text) => {
    const range = parseCidr(text);
    if (range === undefined) throw new StateError(`it has ${text}, which is no CIDR`);
    return range.cidr;
  });
  return { ...node, podRanges: ranges };
}

/** Texts and lists that many pods have in common are one in memory, as where pods come from an API server. */
function podOf(pod: WrittenPod): ClusterPod {
  return clusterPod(
    pod.id,
    {
      namespace: intern(pod.namespace),
      name: pod.name,
      labels: internLabels(pod.labels),
      ports: internPorts(pod.ports),
      hostNetwork: pod.hostNetwork,
      origin: new StateOrigin("Pod", pod.id),
    },
    pod.node === undefined ? undefined : intern(pod.node),
    firstByFamily(pod.addresses.map(addressOf)),
    intern(pod.workload),
  );
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new StateError(`it has ${text}, which is no address`);
  return address;
}

/** The cluster without the pods of a node, but those that share its addresses. */
export function withoutPodsOf(cluster: Cluster, node: string): Cluster {
  const pods = cluster.pods.filter((pod) => pod.node !== node || pod.hostNetwork);
  return { ...cluster, pods, workloads: groupByWorkload(pods) };
}
