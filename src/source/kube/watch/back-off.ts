import type { FollowTimes } from "./follow-times.ts";

/** Waits that grow with each failure, and differ from client to client. */
export interface BackOff {
  /** Milliseconds to wait now. `told` is what the server asks for at least. */
  next(told?: number): number;
  /** After a success. */
  reset(): void;
}

export function createBackOff(
  { backOff, longestBackOff }: Pick<FollowTimes, "backOff" | "longestBackOff">,
  random: () => number,
): BackOff {
  let failures = 0;
  return {
    next(told = 0) {
      const full = Math.min(backOff * 2 ** Math.min(failures, 30), longestBackOff);
      failures++;
      // What the server asks of everybody at once must not bring everybody back at once.
      return Math.max(full * (0.5 + random() / 2), told * (1 + random() / 2));
    },
    reset: () => {
      failures = 0;
    },
  };
}
