import type { Difference } from "../dataplane/verify/difference.ts";

export interface VerifierOptions {
  /** See `NodeEnforcement.verify`. */
  readonly verify: () => Promise<readonly Difference[] | undefined>;
  readonly everyMillis: number;
  readonly onFailure: (error: unknown) => void;
}

/** What the last verification found. */
export interface Verifier {
  readonly last: { readonly time: Date; readonly differences: number } | undefined;
  /** Verifies now, and again after a while. */
  start(): void;
  close(): void;
}

/** How soon it looks again when there was something more urgent, or after something was put right. */
const SOON_MILLIS = 2000;
/** So that the nodes of a cluster do not all verify at once. */
const JITTER = 0.2;

/** Reads the kernel back now and then, and compares it with the model. */
export function createVerifier({ verify, everyMillis, onFailure }: VerifierOptions): Verifier {
  let last: Verifier["last"];
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const run = async (): Promise<void> => {
    const differences = await verify();
    if (differences !== undefined) last = { time: new Date(), differences: differences.length };
    if (isClosed) return;
    const isWell = differences?.length === 0;
    const wait = isWell ? everyMillis : Math.min(everyMillis, SOON_MILLIS);
    timer = setTimeout(start, wait * (1 + JITTER * (Math.random() - 0.5)));
    timer.unref();
  };
  const start = (): void => {
    run().catch(onFailure);
  };

  return {
    get last() {
      return last;
    },
    start,
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
