/** How often something is repeated: up to a number of times, as long as it takes no longer than a budget. */
export interface Effort {
  readonly repetitions: number;
  /** Milliseconds after which no further repetition is begun. */
  readonly budget: number;
}

/** Milliseconds that `run` takes, and what it returns. */
export function timed<T>(run: () => T): { readonly milliseconds: number; readonly value: T } {
  const start = performance.now();
  const value = run();
  return { milliseconds: performance.now() - start, value };
}

/**
 * Milliseconds of each repetition. `prepare` makes what `run` needs, off the clock. The first repetitions warm up
 * and do not count: a tenth of them, none if there is time for one only.
 */
export function repeat<T>(effort: Effort, prepare: (index: number) => T, run: (input: T) => void): number[] {
  const end = performance.now() + effort.budget;
  const samples: number[] = [];
  for (let i = 0; i < effort.repetitions && (i === 0 || performance.now() < end); i++) {
    const input = prepare(i);
    samples.push(timed(() => run(input)).milliseconds);
  }
  return samples.slice(Math.floor(samples.length / 10));
}

/**
 * A place for results, so that no work can be left out because nobody looks at it. {@link consumed} returns a number
 * that depends on all of them.
 */
let sink = 0;

export function consume(value: number): void {
  sink = (sink * 31 + value) % 1_000_003;
}

export function consumed(): number {
  return sink;
}
