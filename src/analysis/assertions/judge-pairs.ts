import type { ClusterPod } from "../../cluster/cluster.ts";
import type { End } from "../../engine/end.ts";
import type { Engine } from "../../engine/engine.ts";
import { portsAtIndex } from "../../engine/row.ts";
import { type Address, type Family, formatAddress } from "../../net/address.ts";
import { intersectPorts, type PortSet } from "../../net/port-set.ts";
import type { AreaEnds, ClassEnds, FamilyEnds, HostEnds } from "./family-ends.ts";

/** Who sends, and who receives. */
export interface EndPair {
  readonly from: End;
  readonly to: End;
}

/** Ends that the engine treats alike. */
export type AlikeEnds = ClassEnds | HostEnds | AreaEnds;

/** Pairs of ends that the engine treats alike: what may pass, what is asked about, and how many pairs there are. */
export type TakePairs = (
  passing: PortSet,
  wanted: PortSet,
  /** All addresses of an area count as one end. */
  pairs: number,
  from: AlikeEnds,
  to: AlikeEnds,
) => void;

/**
 * Judges every pair of ends, one from each set, in a family. Left out is what no policy decides: a pod to itself, a
 * node to the pods that run on it, and pairs of which neither end is a pod of the pod network. It is called for millions
 * of pairs, and makes no object for any.
 */
export function judgePairs(
  engine: Engine,
  family: Family,
  from: FamilyEnds,
  to: FamilyEnds,
  take: TakePairs,
): void {
  const view = engine.view(family);
  for (const destination of to.classes) {
    const { podClass, pods, wanted } = destination;
    const ingress = view.row("ingress", podClass);
    for (const source of from.classes) {
      const pairs = source.pods.length * pods.length - samePods(source, destination);
      if (pairs === 0) continue;
      const egress = view.row("egress", source.podClass);
      const passing = intersectPorts(
        portsAtIndex(egress, podClass.index),
        portsAtIndex(ingress, source.podClass.index),
      );
      take(passing, wanted, pairs, source, destination);
    }
    for (const host of from.hosts) {
      const others = pods.filter((pod) => !isOwnNode(engine, host.address, pod));
      const [other] = others;
      if (other === undefined) continue;
      const passing = engine.ports(podEnd(host.pods[0]!), podEnd(other), family);
      take(passing, wanted, others.length * host.pods.length, host, destination);
    }
    for (const source of from.areas) {
      const pairs = source.ofNodes ? foreignPods(engine, source, pods).length : pods.length;
      if (pairs > 0) take(view.portsOfArea(ingress, source.area), wanted, pairs, source, destination);
    }
  }
  for (const source of from.classes) {
    const { pods } = source;
    for (const host of to.hosts) {
      const passing = engine.ports(podEnd(pods[0]!), podEnd(host.pods[0]!), family);
      take(passing, host.wanted, pods.length * host.pods.length, source, host);
    }
    if (to.areas.length === 0) continue;
    const egress = view.row("egress", source.podClass);
    for (const area of to.areas) {
      take(view.portsOfArea(egress, area.area), to.wantedOfAreas, pods.length, source, area);
    }
  }
}

/** The pairs that were judged, one by one; one address stands for all of its kind. */
export function* pairsBetween(engine: Engine, from: AlikeEnds, to: AlikeEnds): Generator<EndPair> {
  if ("area" in to) {
    if ("area" in from) return;
    for (const pod of from.pods) yield { from: podEnd(pod), to: addressEnd(to.addresses[0]!) };
  } else if ("area" in from) {
    for (const pod of foreignPods(engine, from, to.pods)) {
      const address = from.addresses.find((each) => !isOwnNode(engine, each, pod))!;
      yield { from: addressEnd(address), to: podEnd(pod) };
    }
  } else {
    for (const sender of from.pods) {
      for (const receiver of to.pods) {
        const isExempt = "address" in from && isOwnNode(engine, from.address, receiver);
        if (sender !== receiver && !isExempt) yield { from: podEnd(sender), to: podEnd(receiver) };
      }
    }
  }
}

function podEnd(pod: ClusterPod): End {
  return { kind: "pod", pod };
}

function addressEnd(address: Address): End {
  return { kind: "address", address };
}

function samePods(a: ClassEnds, b: ClassEnds): number {
  if (a.podClass !== b.podClass) return 0;
  const pods = new Set(a.pods);
  return b.pods.filter((pod) => pods.has(pod)).length;
}

/** The pods that run on no node to which all addresses of an area belong. */
function foreignPods(
  engine: Engine,
  { ofNodes, addresses }: AreaEnds,
  pods: readonly ClusterPod[],
): readonly ClusterPod[] {
  return ofNodes ? pods.filter((pod) => addresses.some((each) => !isOwnNode(engine, each, pod))) : pods;
}

function isOwnNode(engine: Engine, address: Address, { node }: ClusterPod): boolean {
  return node !== undefined && engine.addresses.isNodeAddress(node, address);
}

/** `shop/db-0`, or the address. */
export function endName(end: End): string {
  return end.kind === "pod" ? end.pod.id : formatAddress(end.address);
}
