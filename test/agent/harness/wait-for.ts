import { setTimeout as sleep } from "node:timers/promises";

/** Generous: it ends a test that would never pass, and says nothing of how fast things are. */
export const PATIENCE_MILLIS = 60_000;

const PAUSE_MILLIS = 50;

/** What no waiting helps against. */
export class Hopeless extends Error {
  override readonly name = "Hopeless";
}

/**
 * Asks again and again until `look` gives something else than undefined, which is the result. What it throws counts as
 * undefined, and becomes the cause of the error when time is up; a {@link Hopeless} ends the waiting.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  patience: number = PATIENCE_MILLIS,
): Promise<T> {
  const end = performance.now() + patience;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
      last = undefined;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = error;
    }
    if (performance.now() > end) {
      throw new Error(`waited ${patience / 1000} s in vain until ${what}`, { cause: last });
    }
    await sleep(PAUSE_MILLIS);
  }
}

/** Waits until `problem` has nothing more to say; what it said last is told when time is up. */
export async function waitUntilNone(
  what: string,
  problem: () => string | undefined | Promise<string | undefined>,
  patience: number = PATIENCE_MILLIS,
): Promise<void> {
  await waitFor(
    what,
    async () => {
      const words = await problem();
      if (words !== undefined) throw new Error(words);
      return true;
    },
    patience,
  );
}
