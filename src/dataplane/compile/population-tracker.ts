import type { ClusterPod } from "../../cluster/cluster.ts";
import type { PodClass } from "../../engine/classes.ts";
import type { Engine } from "../../engine/engine.ts";
import type { FamilyView } from "../../engine/family-view.ts";
import { type Address, addressKey, type Family, formatAddress } from "../../net/address.ts";
import { type AddressHash, addressHash } from "./address-hash.ts";
import { type AddressSum, addAddress, emptySum } from "./address-sum.ts";

export type AddressKey = number | bigint;

/** A pod's address that came, went, or belongs to pods of another class, or another pod, than before. */
export interface MovedAddress {
  readonly key: AddressKey;
  readonly address: Address;
  readonly hash: AddressHash;
  readonly before: PodClass | undefined;
  /** Undefined where the address is no pod's any more. */
  readonly after: PodClass | undefined;
  /** The pod that has it now. */
  readonly pod: ClusterPod | undefined;
}

/** Which class each pod address of a family is of, as of the last look, and what has moved since. */
export interface PopulationTracker {
  readonly view: FamilyView;
  /** The addresses that have moved since the last call, each once. Sums are those of the addresses that did not. */
  takeMoved(): readonly MovedAddress[];
  /** Takes the moved addresses in; sums and {@link addressesOf} then tell the present. */
  takeIn(moved: readonly MovedAddress[]): void;
  sumOf(podClass: PodClass): AddressSum;
  /** Calls back for each address of a class. An address that two pods claim is that of the later one. */
  forEachAddress(podClass: PodClass, visit: (address: Address, key: AddressKey) => void): void;
  close(): void;
}

const NOTHING: AddressSum = emptySum();

export function createPopulationTracker(engine: Engine, family: Family): PopulationTracker {
  const view = engine.view(family);
  /** The class that the program takes each address for. */
  const known = new Map<AddressKey, PodClass>();
  const sums = new Map<PodClass, AddressSum>();
  let touched = new Map<AddressKey, Address>();
  const touch = (pod: ClusterPod): void => {
    const address = pod.addresses[family];
    if (address !== undefined) touched.set(addressKey(address), address);
  };
  for (const podClass of view.classes()) for (const pod of podClass.pods) touch(pod);
  const unsubscribe = engine.onPodMoved(touch);

  const count = (podClass: PodClass, hash: AddressHash, by: 1 | -1): void => {
    let sum = sums.get(podClass);
    if (sum === undefined) {
      sum = emptySum();
      sums.set(podClass, sum);
    }
    addAddress(sum, hash, by);
    if (sum.count === 0) sums.delete(podClass);
  };

  return {
    view,
    takeMoved: () => {
      const moved: MovedAddress[] = [];
      for (const [key, address] of touched) {
        const before = known.get(key);
        const pod = engine.addresses.podAt(address);
        const after = pod === undefined ? undefined : view.classOf(pod);
        if (before === undefined && after === undefined) continue;
        const hash = addressHash(key);
        moved.push({ key, address, hash, before, after, pod });
        if (before !== undefined) count(before, hash, -1);
      }
      touched = new Map();
      return moved;
    },
    takeIn: (moved) => {
      for (const { key, after, hash } of moved) {
        if (after === undefined) {
          known.delete(key);
        } else {
          known.set(key, after);
          count(after, hash, 1);
        }
      }
    },
    sumOf: (podClass) => sums.get(podClass) ?? NOTHING,
    forEachAddress: (podClass, visit) => {
      for (const pod of podClass.pods) {
        const address = pod.addresses[family];
        if (address === undefined) continue;
        const key = addressKey(address);
        if (known.get(key) === podClass && engine.addresses.podAt(address) === pod) visit(address, key);
      }
    },
    close: unsubscribe,
  };
}

/** An address as an element of a set. */
export function elementOf(address: Address): string {
  return formatAddress(address);
}
