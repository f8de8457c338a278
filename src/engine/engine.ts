import type { Cluster, ClusterPod } from "../cluster/cluster.ts";
import type { Direction } from "../k8s/objects.ts";
import { compareAddresses, type Family } from "../net/address.ts";
import {
  ALL_PORTS,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portSetHas,
  type Traffic,
} from "../net/port-set.ts";
import { policiesOf } from "../policy/policies.ts";
import type { Policy } from "../policy/policy.ts";
import { type AddressBook, addressBook, type End, seenEnd } from "./end.ts";
import { type FamilyView, familyView } from "./family-view.ts";
import { portsAt } from "./row.ts";

/** May this packet pass? The one function that everything else is made of. */
export interface Engine {
  readonly cluster: Cluster;
  /** Every policy in the order of judgement. */
  readonly policies: readonly Policy[];
  readonly addresses: AddressBook;
  view(family: Family): FamilyView;
  /** What may pass from one end to another in a family: nothing, where an end has no address of it. */
  ports(from: End, to: End, family: Family): PortSet;
  /** The share of one side: what leaves `from` towards `to`, or what enters `to` from `from`. */
  sidePorts(direction: Direction, from: End, to: End, family: Family): PortSet;
  /**
   * What may pass between a pod and a range of the family's partition: into the pod (ingress) or out of it. A
   * range is nobody in particular: no pod, and no node that would be exempt.
   */
  portsWithRange(direction: Direction, pod: ClusterPod, range: number, family: Family): PortSet;
  /** True if a packet that opens a connection may pass. Replies always follow. */
  allows(from: End, to: End, family: Family, traffic: Traffic): boolean;
}

/** An engine over a snapshot. Decisions are made when first asked for, and kept. */
export function createEngine(cluster: Cluster): Engine {
  const policies = policiesOf(cluster);
  const addresses = addressBook(cluster);
  const views = new Map<Family, FamilyView>();
  const view = (family: Family): FamilyView => {
    let known = views.get(family);
    if (known === undefined) {
      known = familyView(cluster, policies, family);
      views.set(family, known);
    }
    return known;
  };

  const sidePorts = (direction: Direction, from: End, to: End, family: Family): PortSet => {
    const source = seenEnd(from, family, addresses);
    const destination = seenEnd(to, family, addresses);
    if (source === undefined || destination === undefined) return NO_PORTS;
    if (exemption(direction, source, destination, addresses) !== undefined) return ALL_PORTS;
    const subject = direction === "egress" ? source : destination;
    const peer = direction === "egress" ? destination : source;
    if (subject.kind !== "pod") return ALL_PORTS;
    const familyDecisions = view(family);
    const podClass = familyDecisions.classOf.get(subject.pod);
    if (podClass === undefined) throw new Error(`pod ${subject.pod.id} has no IPv${family} class`);
    return portsAt(familyDecisions.row(direction, podClass), familyDecisions.atomOf(peer));
  };

  const ports = (from: End, to: End, family: Family): PortSet =>
    intersectPorts(sidePorts("egress", from, to, family), sidePorts("ingress", from, to, family));

  const portsWithRange = (direction: Direction, pod: ClusterPod, range: number, family: Family): PortSet => {
    if (pod.addresses[family] === undefined) return NO_PORTS;
    const familyDecisions = view(family);
    const podClass = familyDecisions.classOf.get(pod);
    if (podClass === undefined) return ALL_PORTS;
    return portsAt(familyDecisions.row(direction, podClass), familyDecisions.atomOfRange(range));
  };

  return {
    cluster,
    policies,
    addresses,
    view,
    ports,
    sidePorts,
    portsWithRange,
    allows: (from, to, family, traffic) => portSetHas(ports(from, to, family), traffic),
  };
}

/** Why no policy is asked: a pod talks to itself, or a node to a pod that runs on it (kubelet probes). */
export type Exemption = "self" | "own-node";

/** The exemption of a connection between two ends that have been through `seenEnd`, if there is one. */
export function exemption(
  direction: Direction,
  source: End,
  destination: End,
  book: AddressBook,
): Exemption | undefined {
  if (source.kind === "pod" && destination.kind === "pod") {
    return source.pod === destination.pod ? "self" : undefined;
  }
  if (source.kind === "address" && destination.kind === "address") {
    return compareAddresses(source.address, destination.address) === 0 ? "self" : undefined;
  }
  if (direction === "egress" || source.kind !== "address" || destination.kind !== "pod") return undefined;
  const { node } = destination.pod;
  return node !== undefined && book.isNodeAddress(node, source.address) ? "own-node" : undefined;
}
