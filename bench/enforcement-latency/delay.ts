import { measureOf, percentile } from "../stats.ts";
import type { Delay } from "./latency-result.ts";

/** Milliseconds as a distribution. Throws a RangeError when there are none. */
export function delayOf(millis: readonly number[]): Delay {
  return { ...measureOf("ms", millis), p90: percentile(Float64Array.from(millis).sort(), 0.9) };
}
