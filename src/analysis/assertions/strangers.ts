import type { ClusterPod } from "../../cluster/cluster.ts";
import type { End } from "../../engine/end.ts";
import { type Address, FAMILIES } from "../../net/address.ts";
import type { PortSet } from "../../net/port-set.ts";
import type { AskedEnds } from "./asked-ends.ts";
import { type EndSet, type FamilyBits, familyBit } from "./end-set.ts";

/** Pairs of ends between which nothing can pass, whatever the policies say. */
export interface Strangers {
  readonly count: number;
  readonly from: End;
  readonly to: End;
  readonly ports: PortSet;
}

/** Ends that share no family of those that are asked about, so that nothing can pass between them. */
export function* strangers({ from, to, wanted, families }: AskedEnds): Generator<Strangers> {
  const asked = families.reduce((bits, family) => bits | familyBit(family), 0);
  const sources = podsByFamilies(from, asked);
  const destinations = podsByFamilies(to, asked);
  for (const [bits, senders] of sources) {
    for (const [otherBits, receivers] of destinations) {
      if ((bits & otherBits) !== 0) continue;
      const [sender] = senders;
      const receiver = receivers.find((pod) => pod !== sender);
      if (receiver === undefined) continue;
      const [a, b] = [podEnd(sender!), podEnd(receiver)];
      yield { count: senders.length * receivers.length, from: a, to: b, ports: wanted.ofPod(receiver) };
    }
  }
  const alone = (address: Address, bits: FamilyBits): boolean => (bits & familyBit(address.family)) === 0;
  for (const address of from.named) {
    for (const [bits, pods] of destinations) {
      if (!alone(address, bits)) continue;
      const [a, b] = [{ kind: "address", address } as const, podEnd(pods[0]!)];
      yield { count: pods.length, from: a, to: b, ports: wanted.ofPod(pods[0]!) };
    }
  }
  for (const address of to.named) {
    for (const [bits, pods] of sources) {
      if (!alone(address, bits)) continue;
      const [a, b] = [podEnd(pods[0]!), { kind: "address", address } as const];
      yield { count: pods.length, from: a, to: b, ports: wanted.ofAddresses };
    }
  }
}

/** Pods by the families in which they can be asked about. */
function podsByFamilies(set: EndSet, asked: FamilyBits): Map<FamilyBits, ClusterPod[]> {
  const groups = new Map<FamilyBits, ClusterPod[]>();
  for (const [pod, bits] of set.pods) {
    let usable = bits & asked;
    for (const family of FAMILIES) if (pod.addresses[family] === undefined) usable &= ~familyBit(family);
    const group = groups.get(usable);
    if (group === undefined) groups.set(usable, [pod]);
    else group.push(pod);
  }
  return groups;
}

function podEnd(pod: ClusterPod): End {
  return { kind: "pod", pod };
}
