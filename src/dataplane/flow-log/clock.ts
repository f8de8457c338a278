/** Time, as the flow log asks for it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970, for people. */
  date(): number;
  /** Milliseconds that only ever grow, for durations. */
  now(): number;
  /** Calls `run` once, some milliseconds from now, unless the function that it returns is called before. */
  after(millis: number, run: () => void): () => void;
}

/** The time of this machine. What waits for it does not keep the process alive. */
export const SYSTEM_CLOCK: Clock = {
  date: () => Date.now(),
  now: () => performance.now(),
  after: (millis, run) => {
    const timer = setTimeout(run, millis);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
