import { createRandom } from "../../test/generators/random.ts";
import type { BenchEngine, Change } from "../engine-adapter.ts";
import type { GeneratedCluster } from "../profiles/inventory.ts";
import type { MeasureName } from "../result.ts";
import { measureOf } from "../stats.ts";
import { consume, type Effort, timed } from "../stopwatch.ts";
import { CHANGES } from "./change-kinds.ts";
import type { Reporter } from "./job.ts";

/**
 * One event of a cluster, and the event that takes it back. Both are timed, each as what it is; after a pair the
 * cluster is as before, so that every sample starts from the same state.
 */
export interface ChangePair {
  readonly there: Change;
  readonly thereIs: MeasureName;
  readonly back: Change;
  readonly backIs: MeasureName;
}

/** Microseconds of each kind of change, from the event until everything that can be asked is decided again. */
export function measureChanges(
  engine: BenchEngine,
  cluster: GeneratedCluster,
  effort: Effort,
  report: Reporter,
): void {
  const samples = new Map<MeasureName, number[]>();
  const apply = (change: Change, name: MeasureName): void => {
    const { milliseconds, value } = timed(() => {
      engine.apply(change);
      return engine.settle();
    });
    consume(value);
    const known = samples.get(name);
    if (known === undefined) samples.set(name, [milliseconds * 1000]);
    else known.push(milliseconds * 1000);
  };
  for (const { title, make } of CHANGES) {
    report.progress(title);
    const next = make(cluster, createRandom(11));
    const end = performance.now() + effort.budget;
    for (let i = 0; i < effort.repetitions && (i === 0 || performance.now() < end); i++) {
      const pair = next(i);
      apply(pair.there, pair.thereIs);
      apply(pair.back, pair.backIs);
    }
  }
  for (const [name, all] of samples) {
    // The first tenth warms up.
    report.result({ measures: { [name]: measureOf("us", all.slice(Math.floor(all.length / 10))) } });
  }
}
