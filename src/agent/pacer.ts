/** Where a pacer gets the time from, so that tests can turn it. */
export interface PacerClock {
  /** Milliseconds, growing. */
  now(): number;
  /** Calls back later; returns what cancels it. */
  after(millis: number, callback: () => void): () => void;
}

export const PACER_CLOCK: PacerClock = {
  now: () => performance.now(),
  after: (millis, callback) => {
    const timer = setTimeout(callback, millis);
    return () => clearTimeout(timer);
  },
};

export interface PacerOptions {
  readonly run: () => Promise<void>;
  /** Least milliseconds between the beginnings of two runs. */
  readonly gapMillis: number;
  /** What `run` rejected with. */
  readonly onError: (error: unknown) => void;
  readonly clock?: PacerClock;
}

/**
 * Runs a piece of work when asked to, not too often. It promises:
 * 1. A request after a pause is served at once: nobody waits for a burst that does not come.
 * 2. Requests that come sooner than the gap after the beginning of a run are served together, when the gap is over.
 * 3. One run at a time. Requests during a run are served by one more, not before the gap is over.
 * 4. A run that fails is told, and does not stop the next.
 * 5. After `close` no run begins; the promise resolves when the last has ended.
 */
export interface Pacer {
  request(): void;
  close(): Promise<void>;
}

export function createPacer({ run, gapMillis, onError, clock = PACER_CLOCK }: PacerOptions): Pacer {
  let lastStart = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;
  let isRequested = false;
  let cancel: (() => void) | undefined;
  let isClosed = false;

  const start = (): void => {
    cancel = undefined;
    isRequested = false;
    lastStart = clock.now();
    running = run()
      .catch(onError)
      .then(() => {
        running = undefined;
        if (isRequested && !isClosed) plan();
      });
  };
  const plan = (): void => {
    const wait = lastStart + gapMillis - clock.now();
    if (wait <= 0) start();
    else cancel = clock.after(wait, start);
  };

  return {
    request: () => {
      if (isClosed || isRequested) return;
      isRequested = true;
      if (running === undefined) plan();
    },
    close: async () => {
      isClosed = true;
      cancel?.();
      await running;
    },
  };
}
