import type { NftablesChange } from "../../linux/netfilter/nftables-events.ts";
import type { Enforcer } from "../enforcer.ts";
import { TABLE } from "../program/program.ts";

/** Somebody else changed our table, and what was done about it. */
export interface Repair {
  /** True if the whole table was gone, as after `nft flush ruleset`. */
  readonly tableWasGone: boolean;
  /** Chains and sets that were put right; 0 if nothing of what we hold was different. */
  readonly repaired: number;
  /** Milliseconds from when it was noticed until it was right again. */
  readonly millis: number;
  /** Name of the program that did it, at most 15 bytes, where the kernel tells. */
  readonly by: string | undefined;
}

export interface KernelWatchOptions {
  readonly enforcer: Pick<Enforcer, "repair">;
  /** The netlink port of our own transactions, which are no reason to look. */
  readonly ownPortId: number | undefined;
  readonly onRepair: (repair: Repair) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * What to do with the changes that the kernel tells of: those of others to our table are put right. While one repair is
 * under way, further changes are one more.
 */
export function createKernelWatch(options: KernelWatchOptions): (change: NftablesChange) => void {
  const { enforcer, ownPortId, onRepair, onError } = options;
  let isRepairing = false;
  let next: NftablesChange | undefined;

  const repair = async (change: NftablesChange): Promise<void> => {
    const started = performance.now();
    const tableWasGone = !change.overrun && change.tableDeleted;
    const repaired = await enforcer.repair(tableWasGone);
    if (repaired === 0) return;
    const by = change.overrun ? undefined : change.processName;
    onRepair({ tableWasGone, repaired, millis: performance.now() - started, by });
  };
  const run = async (): Promise<void> => {
    isRepairing = true;
    while (next !== undefined) {
      const change = next;
      next = undefined;
      await repair(change).catch(onError);
    }
    isRepairing = false;
  };

  return (change) => {
    if (!change.overrun && (!change.tables.has(TABLE) || change.portId === ownPortId)) return;
    // That the table is gone must not be forgotten over a smaller change that follows.
    if (next === undefined || change.overrun || change.tableDeleted) next = change;
    if (!isRepairing) void run();
  };
}
