import type { Cluster } from "../cluster/cluster.ts";
import type { Direction } from "../k8s/objects.ts";
import type { Family } from "../net/address.ts";
import { type AddressPartition, partitionAddresses, rangeIndexOf } from "../net/address-partition.ts";
import { addBit, type Bitset, emptyBitset, forEachBit, hasBit } from "../net/bitset.ts";
import type { Cidr } from "../net/cidr.ts";
import { ALL_PORTS } from "../net/port-set.ts";
import type { AddressPeer, Peer, Policy, Rule } from "../policy/policy.ts";
import { groupIntoClasses, type PodClass, type PodClasses } from "./classes.ts";
import type { End } from "./end.ts";
import { decideRow, type Row, uniformRow } from "./row.ts";
import { selectorIndex } from "./selector-index.ts";

/**
 * All decisions in one address family. Peers are *atoms*, numbered: first the pod classes, then the ranges into
 * which the CIDRs in use cut the address space. No policy can tell two ends of one atom apart.
 */
export interface FamilyView {
  readonly family: Family;
  readonly partition: AddressPartition;
  readonly classes: readonly PodClass[];
  /** Number of atoms: classes and ranges. */
  readonly atomCount: number;
  /** The blocks and exceptions of every address peer in use, one entry per distinct peer. */
  readonly addressPeers: readonly AddressPeer[];
  classOf: PodClasses["classOf"];
  /** The atom of an end that has been through `seenEnd`. */
  atomOf(end: End): number;
  /** The atom of a range of the partition. */
  atomOfRange(range: number): number;
  /** What one direction of a class lets pass, by peer atom. Computed when first asked for. */
  row(direction: Direction, podClass: PodClass): Row;
  /** The policies that are about a class, in the order of judgement. */
  policiesOf(podClass: PodClass): readonly Policy[];
}

export function familyView(cluster: Cluster, policies: readonly Policy[], family: Family): FamilyView {
  const addressPeers = distinctAddressPeers(policies, family);
  const partition = partitionAddresses(
    family,
    addressPeers.flatMap((peer) => [peer.cidr, ...peer.except]),
  );
  const { classes, classOf } = groupIntoClasses(cluster.pods, family, partition);
  const atomCount = classes.length + partition.starts.length;
  const index = selectorIndex(classes, cluster.namespaces);

  const subjects = policies.map((policy) => index.select(policy.subject));
  const peerAnswers = new Map<Rule, Bitset>();
  const peersOf = (rule: Rule): Bitset | "everyone" => {
    if (rule.peers === "everyone") return "everyone";
    let answer = peerAnswers.get(rule);
    if (answer === undefined) {
      answer = emptyBitset(atomCount);
      for (const peer of rule.peers) addPeer(answer, peer);
      peerAnswers.set(rule, answer);
    }
    return answer;
  };
  const addPeer = (answer: Bitset, peer: Peer): void => {
    if (peer.kind === "pods") {
      forEachBit(index.select(peer.selection), (atom) => addBit(answer, atom));
      return;
    }
    if (peer.kind !== "addresses") throw new Error(`no reading of a peer of kind ${peer.kind} yet`);
    if (peer.cidr.family !== family) return;
    const inside = rangesInside(partition, peer);
    forEachBit(inside, (range) => addBit(answer, classes.length + range));
    for (const podClass of classes) if (hasBit(inside, podClass.range)) addBit(answer, podClass.index);
  };

  const policiesOf = (podClass: PodClass): Policy[] =>
    policies.filter((_, i) => hasBit(subjects[i]!, podClass.index));
  const open = uniformRow(atomCount, ALL_PORTS);
  const rows: Record<Direction, Map<number, Row>> = { ingress: new Map(), egress: new Map() };
  const shared = new Map<string, Row>();
  const positions = new Map(policies.map((policy, i) => [policy, i]));

  const row = (direction: Direction, podClass: PodClass): Row => {
    const known = rows[direction].get(podClass.index);
    if (known !== undefined) return known;
    // Rules of a NetworkPolicy for a direction that its policyTypes leave out do not count.
    const relevant = policiesOf(podClass).filter((policy) =>
      policy.tier === "NetworkPolicy" ? policy.isolates[direction] : policy.rules[direction].length > 0,
    );
    // A named port of an ingress rule means the subject's own port, so rows are shared by equal ports only.
    const key = JSON.stringify([
      direction,
      relevant.map((policy) => positions.get(policy)),
      direction === "ingress" ? podClass.namedPorts : [],
    ]);
    let result = relevant.length === 0 ? open : shared.get(key);
    if (result === undefined) {
      result = decideRow({ direction, policies: relevant, podClass, classes, atomCount, peersOf });
      shared.set(key, result);
    }
    rows[direction].set(podClass.index, result);
    return result;
  };

  return {
    family,
    partition,
    classes,
    atomCount,
    addressPeers,
    classOf,
    atomOf: (end) => {
      if (end.kind === "address") return classes.length + rangeIndexOf(partition, end.address.value);
      const podClass = classOf.get(end.pod);
      if (podClass === undefined) throw new Error(`pod ${end.pod.id} has no IPv${family} class`);
      return podClass.index;
    },
    atomOfRange: (range) => classes.length + range,
    row,
    policiesOf,
  };
}

/** The ranges of the partition that lie in the peer's block and in none of its exceptions. */
export function rangesInside(partition: AddressPartition, peer: AddressPeer): Bitset {
  const inside = emptyBitset(partition.starts.length);
  const mark = (cidr: Cidr, visit: (range: number) => void): void => {
    const last = rangeIndexOf(partition, cidr.last);
    for (let range = rangeIndexOf(partition, cidr.first); range <= last; range++) visit(range);
  };
  const excepted = emptyBitset(partition.starts.length);
  for (const except of peer.except) mark(except, (range) => addBit(excepted, range));
  mark(peer.cidr, (range) => {
    if (!hasBit(excepted, range)) addBit(inside, range);
  });
  return inside;
}

function distinctAddressPeers(policies: readonly Policy[], family: Family): AddressPeer[] {
  const distinct = new Map<string, AddressPeer>();
  for (const policy of policies) {
    for (const rule of [...policy.rules.ingress, ...policy.rules.egress]) {
      if (rule.peers === "everyone") continue;
      for (const peer of rule.peers) {
        if (peer.kind !== "addresses" || peer.cidr.family !== family) continue;
        const blocks = [peer.cidr, ...peer.except].map((cidr) => `${cidr.first.toString(16)}/${cidr.prefix}`);
        distinct.set(blocks.join(" "), peer);
      }
    }
  }
  return [...distinct.values()];
}
