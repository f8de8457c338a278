/** When an event may be posted. */
export interface EventLimits {
  /** When at the earliest, in milliseconds as `now` is. `name`: of the event; `about`: its policy and reason. */
  allowedAt(name: string, about: string, now: number): number;
  /** It was posted, or is there already. */
  posted(name: string, about: string, now: number): void;
  /** Takes one from the budget of all; else how many milliseconds until there is one. */
  take(now: number): true | number;
}

/** The API server forgets an event after an hour: one that still holds is posted again then. */
export const REPEAT_MILLIS: number = 61 * 60_000;
/** Within 50 minutes a policy may become wrong in so many ways; a reason that is worded anew each time may not flood. */
const MOST_ABOUT = 5;
const ABOUT_MILLIS = 50 * 60_000;
/** At once; then one every {@link REFILL_MILLIS}. */
const BURST = 20;
const REFILL_MILLIS = 5000;
/** Of each kind; the oldest are forgotten. */
const MOST_REMEMBERED = 10_000;

export function createEventLimits(): EventLimits {
  const byName = new Map<string, number>();
  const byAbout = new Map<string, readonly number[]>();
  let tokens = BURST;
  let refilled = 0;
  return {
    allowedAt: (name, about, now) => {
      const last = byName.get(name);
      const times = byAbout.get(about) ?? [];
      return Math.max(
        now,
        last === undefined ? now : last + REPEAT_MILLIS,
        times.length < MOST_ABOUT ? now : times[0]! + ABOUT_MILLIS,
      );
    },
    posted: (name, about, now) => {
      remember(byName, name, now);
      remember(byAbout, about, [...(byAbout.get(about) ?? []), now].slice(-MOST_ABOUT));
    },
    take: (now) => {
      tokens = Math.min(BURST, tokens + (now - refilled) / REFILL_MILLIS);
      refilled = now;
      if (tokens < 1) return (1 - tokens) * REFILL_MILLIS;
      tokens--;
      return true;
    },
  };
}

/** The one that was set last comes last. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MOST_REMEMBERED) map.delete(map.keys().next().value!);
}
