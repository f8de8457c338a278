import type { Measure, Unit } from "../result.ts";
import { measureOf, percentile } from "../stats.ts";

/** How one thing fares beside another, both measured in turn. */
export interface Ratio {
  /** Median of the ratios of neighbouring rounds: what slows down both of a pair cancels out. */
  readonly median: number;
  /** Where the median of very many rounds lies, at 95 %. */
  readonly low: number;
  readonly high: number;
}

export interface Comparison {
  readonly ours: Measure;
  readonly theirs: Measure;
  readonly ratio: Ratio;
}

/** Pairs the i-th sample with the i-th. Throws a RangeError where the numbers of samples differ or are zero. */
export function compare(unit: Unit, ours: readonly number[], theirs: readonly number[]): Comparison {
  if (ours.length !== theirs.length) throw new RangeError(`${ours.length} samples beside ${theirs.length}`);
  const ratios = ours.map((value, i) => value / theirs[i]!);
  return { ours: measureOf(unit, ours), theirs: measureOf(unit, theirs), ratio: ratioOf(ratios) };
}

/**
 * The median with its interval by order statistics (sign test, normal approximation): no assumption about how the
 * samples are distributed, which on a machine with other programs is not normally.
 */
export function ratioOf(ratios: readonly number[]): Ratio {
  const sorted = Float64Array.from(ratios).sort();
  const { length } = sorted;
  const median = percentile(sorted, 0.5);
  const half = (1.96 * Math.sqrt(length)) / 2;
  const low = Math.max(0, Math.floor(length / 2 - half) - 1);
  const high = Math.min(length - 1, Math.ceil(length / 2 + half));
  return { median, low: sorted[low]!, high: sorted[high]! };
}
