import { setTimeout as sleep } from "node:timers/promises";

/** Changes without an end, one after the other. */
export interface Changing {
  /** Stands still while something is done, and from when the change that was under way is through. */
  rest<T>(work: () => Promise<T>): Promise<T>;
  /** Changes that were made. */
  readonly made: number;
  /** What went wrong with changes, since it was asked last. */
  takeFailures(): string[];
  close(): Promise<void>;
}

/** Makes one change after the other, with so many milliseconds between them. */
export function keepChanging(change: () => Promise<void>, pauseMillis: () => number): Changing {
  let made = 0;
  let failures: string[] = [];
  let isClosed = false;
  let resting: Promise<void> | undefined;
  let step: Promise<void> = Promise.resolve();
  const run = async (): Promise<void> => {
    while (!isClosed) {
      // Looked at anew, so that nothing lies between this and the step.
      while (resting !== undefined) await resting;
      step = change().then(
        () => {
          made++;
        },
        (error: unknown) => {
          failures.push(String(error));
        },
      );
      await step;
      await sleep(pauseMillis());
    }
  };
  const running = run();

  return {
    async rest(work) {
      let resume: () => void = () => undefined;
      if (resting !== undefined) throw new Error("the churn rests already");
      resting = new Promise<void>((resolve) => {
        resume = resolve;
      });
      try {
        await step;
        return await work();
      } finally {
        resting = undefined;
        resume();
      }
    },
    get made() {
      return made;
    },
    takeFailures() {
      const taken = failures;
      failures = [];
      return taken;
    },
    async close() {
      isClosed = true;
      await running;
    },
  };
}
