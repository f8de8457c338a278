/** How much may be done in each second. */
export interface Budget {
  /** True if a thing of importance may be done, and takes it from the budget. */
  takeFirst(now: number): boolean;
  /** Likewise for one that can wait: half of the budget is kept for the important ones. */
  takeRepeated(now: number): boolean;
  /** Tells how long it took, in milliseconds. When the time of the second is used up, nothing more is done in it. */
  spent(millis: number): void;
}

/** A budget of so many things and so many milliseconds a second. `now` is in milliseconds. */
export function createBudget(thingsPerSecond: number, millisPerSecond: number): Budget {
  let second = Number.NEGATIVE_INFINITY;
  let things = 0;
  let millis = 0;
  const take = (now: number, most: number): boolean => {
    if (now - second >= 1000) {
      second = now;
      things = 0;
      millis = 0;
    }
    if (things >= most || millis >= millisPerSecond) return false;
    things++;
    return true;
  };
  return {
    takeFirst: (now) => take(now, thingsPerSecond),
    takeRepeated: (now) => take(now, thingsPerSecond / 2),
    spent: (used) => {
      millis += used;
    },
  };
}
