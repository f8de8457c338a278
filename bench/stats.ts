import type { Measure, Unit } from "./result.ts";

/** The smallest sample that is at least as large as a share of them (nearest rank). `sorted` must not be empty. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) throw new RangeError("no samples");
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1]!;
}

/** Samples as a distribution. Throws a RangeError when there are none. */
export function measureOf(unit: Unit, samples: readonly number[]): Measure {
  const sorted = Float64Array.from(samples).sort();
  return {
    unit,
    median: percentile(sorted, 0.5),
    min: percentile(sorted, 0),
    max: percentile(sorted, 1),
    ...(sorted.length < 100 ? {} : { p99: percentile(sorted, 0.99) }),
    samples: sorted.length,
  };
}

/** A quantity that is read once. */
export function single(unit: Unit, value: number): Measure {
  return measureOf(unit, [value]);
}
