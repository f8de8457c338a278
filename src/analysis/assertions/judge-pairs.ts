import type { ClusterPod } from "../../cluster/cluster.ts";
import type { End } from "../../engine/end.ts";
import type { Engine } from "../../engine/engine.ts";
import { portsAtIndex } from "../../engine/row.ts";
import { type Address, type Family, formatAddress, parseAddress } from "../../net/address.ts";
import type { AddressRange } from "../../net/address-partition.ts";
import { intersectPorts, type PortSet } from "../../net/port-set.ts";
import type { ClassEnds, FamilyEnds, HostEnds } from "./family-ends.ts";

/** Who sends, and who receives. */
export interface EndPair {
  readonly from: End;
  readonly to: End;
}

/** Pairs of ends that the engine treats alike. */
export interface JudgedPairs {
  /** How many they are. All addresses of an area count as one end. */
  readonly pairs: number;
  /** What may pass. */
  readonly passing: PortSet;
  /** What is asked about. */
  readonly wanted: PortSet;
  /** The pairs, found as they are asked for; one address stands for all. */
  readonly ends: () => Generator<EndPair>;
}

/**
 * Judges every pair of ends, one from each set, in a family. Left out is what no policy decides: a pod to itself, a
 * node to the pods that run on it, and pairs of which neither end is a pod of the pod network.
 */
export function judgePairs(
  engine: Engine,
  family: Family,
  from: FamilyEnds,
  to: FamilyEnds,
  take: (judged: JudgedPairs) => void,
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
      take({ pairs, passing, wanted, ends: () => pairsOf(source.pods, pods) });
    }
    for (const host of from.hosts) judgeHostSource(engine, family, host, destination, take);
    for (const { area, ranges } of from.areas) {
      const senders = [...likelyAddresses(engine, ranges)];
      const isForeign = (pod: ClusterPod): boolean => senders.some((each) => !isOwnNode(engine, each, pod));
      const receivers = pods.filter(isForeign);
      if (receivers.length === 0) continue;
      take({
        pairs: receivers.length,
        passing: engine.portsWithArea("ingress", receivers[0]!, area),
        wanted,
        *ends() {
          for (const pod of receivers) {
            const address = senders.find((each) => !isOwnNode(engine, each, pod))!;
            yield { from: { kind: "address", address }, to: podEnd(pod) };
          }
        },
      });
    }
  }
  for (const source of from.classes) {
    const [first] = source.pods;
    for (const { pods, wanted } of to.hosts) {
      const passing = engine.ports(podEnd(first!), podEnd(pods[0]!), family);
      const pairs = source.pods.length * pods.length;
      take({ pairs, passing, wanted, ends: () => pairsOf(source.pods, pods) });
    }
    for (const { area, ranges, wanted } of to.areas) {
      const [address] = likelyAddresses(engine, ranges);
      take({
        pairs: source.pods.length,
        passing: engine.portsWithArea("egress", first!, area),
        wanted,
        *ends() {
          for (const pod of source.pods)
            yield { from: podEnd(pod), to: { kind: "address", address: address! } };
        },
      });
    }
  }
}

function podEnd(pod: ClusterPod): End {
  return { kind: "pod", pod };
}

function samePods(a: ClassEnds, b: ClassEnds): number {
  if (a.podClass !== b.podClass) return 0;
  const pods = new Set(a.pods);
  return b.pods.filter((pod) => pods.has(pod)).length;
}

/** All pairs of different pods. */
function* pairsOf(from: readonly ClusterPod[], to: readonly ClusterPod[]): Generator<EndPair> {
  for (const sender of from) {
    for (const receiver of to) if (sender !== receiver) yield { from: podEnd(sender), to: podEnd(receiver) };
  }
}

function judgeHostSource(
  engine: Engine,
  family: Family,
  host: HostEnds,
  { pods, wanted }: ClassEnds,
  take: (judged: JudgedPairs) => void,
): void {
  const others = pods.filter((pod) => !isOwnNode(engine, host.address, pod));
  const [other] = others;
  if (other === undefined) return;
  take({
    pairs: others.length * host.pods.length,
    passing: engine.ports(podEnd(host.pods[0]!), podEnd(other), family),
    wanted,
    ends: () => pairsOf(host.pods, others),
  });
}

function isOwnNode(engine: Engine, address: Address, { node }: ClusterPod): boolean {
  return node !== undefined && engine.addresses.isNodeAddress(node, address);
}

/** Addresses that stand for all others outside, where they are among those that are meant (RFC 5737, RFC 3849). */
const WELL_KNOWN: readonly Address[] = ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"].map(
  (text) => parseAddress(text)!,
);

/** Addresses of ranges, those that are no node's first; enough of them to meet one that is none, if there is one. */
function* likelyAddresses(engine: Engine, ranges: readonly AddressRange[]): Generator<Address, undefined> {
  const known = WELL_KNOWN.find(
    ({ family, value }) =>
      ranges.some((range) => range.family === family && range.first <= value && value <= range.last) &&
      engine.addresses.nodeAt({ family, value }) === undefined,
  );
  if (known !== undefined) {
    yield known;
    return undefined;
  }
  const ofNodes: Address[] = [];
  for (const { family, first, last } of ranges) {
    // The first address of a block is often that of the network itself.
    const start = last - first > 1n ? first + 1n : first;
    for (let value = start; value <= last; value++) {
      const address = { family, value };
      if (engine.addresses.nodeAt(address) === undefined) {
        yield address;
        // One that is no node's speaks for all others of its kind.
        return undefined;
      }
      ofNodes.push(address);
    }
    if (start > first) ofNodes.push({ family, value: first });
  }
  yield* ofNodes;
  return undefined;
}

/** `shop/db-0`, or the address. */
export function endName(end: End): string {
  return end.kind === "pod" ? end.pod.id : formatAddress(end.address);
}
