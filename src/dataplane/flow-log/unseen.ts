/** Counts the packets that the kernel denied and, by its own limit or for want of room, did not log. */
export interface UnseenPackets {
  /** A denied packet that was logged. */
  saw(): void;
  /** The kernel's count of denied packets, now. The first one is what to count from. */
  counted(total: number): void;
  /** How many were not logged and were not taken before. */
  take(): number;
  /** Likewise, up to the last count: nothing is on its way any more. */
  takeAll(): number;
}

export function createUnseenPackets(): UnseenPackets {
  let seen = 0;
  let last: number | undefined;
  /** Since the first count; and as of the count before the last. */
  let denied = 0;
  let settled = 0;
  let taken = 0;
  const takeOf = (total: number): number => {
    const unseen = Math.max(0, total - seen - taken);
    taken += unseen;
    return unseen;
  };
  return {
    saw: () => {
      seen++;
    },
    counted: (total) => {
      settled = denied;
      if (last === undefined) seen = 0;
      // A table that was made anew counts from nothing.
      else denied += total >= last ? total - last : total;
      last = total;
    },
    // A packet that was counted may still be on its way to us: whatever was counted the last time is not.
    take: () => takeOf(settled),
    takeAll: () => takeOf(denied),
  };
}
