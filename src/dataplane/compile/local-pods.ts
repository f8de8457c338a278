import type { ClusterPod } from "../../cluster/cluster.ts";
import { compareNames } from "../../cluster/names.ts";
import { classKey, type PodClass } from "../../engine/classes.ts";
import type { Direction } from "../../k8s/objects.ts";
import { type Address, type Family, formatAddress } from "../../net/address.ts";
import { type Cidr, cidrContains } from "../../net/cidr.ts";
import { identifierPart, shortHash } from "./names.ts";
import type { AddressKey, MovedAddress, PopulationTracker } from "./population-tracker.ts";

/** A pod of the node, by its address of one family. */
export interface LocalPod {
  readonly pod: ClusterPod;
  /** Its address as an element of a set. */
  readonly element: string;
  readonly podClass: PodClass;
}

/** The pods of one node in one family, and which other addresses are known in the node's pod range. */
export interface LocalPods {
  /** Follows what moved. */
  move(moved: readonly MovedAddress[]): void;
  /** Tells the node's pod range; all of the population is looked at where it is another one. */
  setRanges(ranges: readonly Cidr[]): void;
  readonly pods: ReadonlyMap<AddressKey, LocalPod>;
  /** Addresses in the range that belong to somebody who is not a pod of this node. */
  readonly elsewhere: ReadonlyMap<string, "">;
  /** The local pods of each class, sorted by name. */
  byClass(): Map<PodClass, LocalPod[]>;
}

export function createLocalPods(
  tracker: PopulationTracker,
  node: string,
  alsoKnown: readonly Address[],
): LocalPods {
  const { family } = tracker.view;
  const pods = new Map<AddressKey, LocalPod>();
  let ranges: readonly Cidr[] = [];
  let elsewhere = new Map<string, "">();
  const isInRange = (address: Address): boolean => ranges.some((range) => cidrContains(range, address));
  const others = alsoKnown.filter((address) => address.family === family);

  return {
    pods,
    get elsewhere() {
      return elsewhere;
    },
    move: (moved) => {
      let next: Map<string, ""> | undefined;
      for (const { key, address, pod, after } of moved) {
        const element = formatAddress(address);
        const isLocal = pod?.node === node && after !== undefined;
        if (isLocal) pods.set(key, { pod, element, podClass: after });
        else pods.delete(key);
        const isElsewhere = after !== undefined && !isLocal && isInRange(address);
        if (isElsewhere === elsewhere.has(element)) continue;
        // Another object, so that whoever compares sees the change.
        next ??= new Map(elsewhere);
        if (isElsewhere) next.set(element, "");
        else if (!others.some((other) => formatAddress(other) === element)) next.delete(element);
      }
      if (next !== undefined) elsewhere = next;
    },
    setRanges: (wanted) => {
      if (wanted.length === ranges.length && wanted.every((range, i) => sameCidr(range, ranges[i]!))) return;
      ranges = wanted;
      elsewhere = new Map();
      for (const other of others) if (isInRange(other)) elsewhere.set(formatAddress(other), "");
      for (const podClass of tracker.view.classes()) {
        tracker.forEachAddress(podClass, (address, key) => {
          if (!pods.has(key) && isInRange(address)) elsewhere.set(formatAddress(address), "");
        });
      }
    },
    byClass: () => {
      const result = new Map<PodClass, LocalPod[]>();
      for (const local of pods.values()) {
        const list = result.get(local.podClass);
        if (list === undefined) result.set(local.podClass, [local]);
        else list.push(local);
      }
      for (const list of result.values()) list.sort((a, b) => compareNames(a.pod.id, b.pod.id));
      return result;
    },
  };
}

function sameCidr(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.first === b.first && a.prefix === b.prefix;
}

/** Hashes of class keys, each made once. */
const keyHashes = new WeakMap<PodClass, string>();

/**
 * `in4_shop_db_1a2b3c4d`: direction, family, namespace, workload, and what tells its class from others. The workload is
 * that of the first pod of the class on this node: pods elsewhere come and go without the chain noticing.
 */
export function classChainName(
  direction: Direction,
  family: Family,
  podClass: PodClass,
  locals: readonly LocalPod[],
): string {
  const { workload } = locals[0]!.pod;
  let hash = keyHashes.get(podClass);
  if (hash === undefined) {
    hash = shortHash(classKey(podClass));
    keyHashes.set(podClass, hash);
  }
  const kind = shortHash(workload).slice(0, 4);
  const name = workload.replace(/^[^/]*\/|\[.*$/g, "");
  const prefix = `${direction === "ingress" ? "in" : "eg"}${family}`;
  return `${prefix}_${identifierPart(workload.slice(0, workload.indexOf("/")))}_${identifierPart(name)}_${hash}${kind}`;
}
