import { type Address, compareAddresses } from "../../net/address.ts";
import { parseAddresses } from "../cluster-node.ts";
import { comparePodIds } from "../sorted-cluster.ts";

/** The pods that run on one node, and the addresses of the node that they tell. */
export interface NodePods {
  readonly size: number;
  /** Adds a pod, by id, or replaces what it tells. True if pods may now tell other addresses than before. */
  set(id: string, told: readonly string[]): boolean;
  /** True as for `set`. */
  remove(id: string): boolean;
  /** Addresses besides `own`, in the order in which the pods that first tell them are sorted. */
  further(own: readonly Address[]): readonly Address[];
}

/** What some of the pods tell: nearly always all of a node tell the same. */
interface Telling {
  readonly key: string;
  readonly told: readonly string[];
  pods: number;
}

export function createNodePods(): NodePods {
  const pods = new Map<string, Telling>();
  const tellings = new Map<string, Telling>();

  const leave = (telling: Telling | undefined): boolean => {
    if (telling === undefined || --telling.pods > 0) return false;
    tellings.delete(telling.key);
    return true;
  };
  /** Where pods tell different things, the first of them decides the order of addresses: any pod may be it. */
  const isOrderOpen = (): boolean => tellings.size > 1;

  return {
    get size() {
      return pods.size;
    },
    set: (id, texts) => {
      const told = [...new Set(texts)];
      const key = told.join(",");
      const before = pods.get(id);
      if (before?.key === key) return false;
      let telling = tellings.get(key);
      const isNew = telling === undefined;
      telling ??= { key, told, pods: 0 };
      telling.pods++;
      tellings.set(key, telling);
      pods.set(id, telling);
      const isGone = leave(before);
      return isNew || isGone || isOrderOpen();
    },
    remove: (id) => {
      const before = pods.get(id);
      pods.delete(id);
      const isGone = leave(before);
      return isGone || isOrderOpen();
    },
    further: (own) => {
      const further: Address[] = [];
      const add = (addresses: readonly Address[]): void => {
        for (const address of addresses) {
          if (![...own, ...further].some((known) => compareAddresses(known, address) === 0))
            further.push(address);
        }
      };
      const isFurther = (address: Address): boolean =>
        !own.some((known) => compareAddresses(known, address) === 0);
      const telling = [...tellings.values()].filter(({ told }) => parseAddresses(told).some(isFurther));
      if (telling.length <= 1) {
        for (const { told } of telling) add(parseAddresses(told));
        return further;
      }
      const ofInterest = new Set(telling);
      const sorted = [...pods]
        .filter(([, each]) => ofInterest.has(each))
        .sort(([a], [b]) => comparePodIds(a, b));
      for (const [, each] of sorted) {
        if (!ofInterest.delete(each)) continue;
        add(parseAddresses(each.told));
      }
      return further;
    },
  };
}
