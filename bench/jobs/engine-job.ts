import { type BenchEngine, benchEngine, clusterOf, type Totals } from "../engine-adapter.ts";
import { type GeneratedCluster, objectsOf, sizesOf } from "../profiles/inventory.ts";
import type { Measure, Measures } from "../result.ts";
import { measureOf, single } from "../stats.ts";
import { type Effort, timed } from "../stopwatch.ts";
import { measureChanges } from "./changes.ts";
import type { Reporter } from "./job.ts";
import { peakMegabytes } from "./memory.ts";
import { measureVerdicts } from "./verdicts.ts";

export interface EngineEffort {
  readonly full: Effort;
  readonly verdicts: Effort;
  readonly change: Effort;
}

export const THOROUGH: EngineEffort = {
  full: { repetitions: 5, budget: 10_000 },
  verdicts: { repetitions: 20, budget: 4000 },
  change: { repetitions: 1000, budget: 4000 },
};

export const BRIEF: EngineEffort = {
  full: { repetitions: 3, budget: 2000 },
  verdicts: { repetitions: 10, budget: 1000 },
  change: { repetitions: 200, budget: 500 },
};

/** Everything about the engine: compiling, deciding, asking, changing. */
export function engineJob(cluster: GeneratedCluster, effort: EngineEffort, report: Reporter): void {
  report.result({ sizes: sizesOf(cluster) });
  report.progress("compile and decide");
  const first = decide(cluster);
  report.result({
    totals: first.totals,
    measures: { ...passMeasures([first]), peak: single("MB", peakMegabytes()) },
  });
  report.result({ measures: passMeasures([first, ...morePasses(cluster, effort.full)]) });

  report.progress("verdicts");
  report.result({ measures: measureVerdicts(first.engine, cluster, effort.verdicts) });

  measureChanges(first.engine, cluster, effort.change, report);
  const after = first.engine.decideEverything();
  // Every change was taken back, so everything must be as it was.
  if (JSON.stringify(after) !== JSON.stringify(first.totals)) {
    throw new Error(
      `after changes that were taken back: ${JSON.stringify(after)}, before: ${JSON.stringify(first.totals)}`,
    );
  }
  report.result({ measures: { peakAtEnd: single("MB", peakMegabytes()) } });
}

interface Pass {
  readonly engine: BenchEngine;
  readonly totals: Totals;
  readonly milliseconds: { readonly cluster: number; readonly engine: number; readonly decide: number };
}

function decide(generated: GeneratedCluster): Pass {
  const objects = objectsOf(generated);
  const cluster = timed(() => clusterOf(objects));
  const engine = timed(() => benchEngine(cluster.value));
  const totals = timed(() => engine.value.decideEverything());
  return {
    engine: engine.value,
    totals: totals.value,
    milliseconds: {
      cluster: cluster.milliseconds,
      engine: engine.milliseconds,
      decide: totals.milliseconds,
    },
  };
}

/** Further passes over the same objects, each without the engine of another. */
function morePasses(
  cluster: GeneratedCluster,
  { repetitions, budget }: Effort,
): Pick<Pass, "milliseconds">[] {
  const end = performance.now() + budget;
  const passes: Pick<Pass, "milliseconds">[] = [];
  while (passes.length + 1 < repetitions && performance.now() < end) {
    const { milliseconds } = decide(cluster);
    passes.push({ milliseconds });
  }
  return passes;
}

function passMeasures(passes: readonly Pick<Pass, "milliseconds">[]): Measures {
  const of = (read: (pass: Pass["milliseconds"]) => number): Measure =>
    measureOf(
      "ms",
      passes.map(({ milliseconds }) => read(milliseconds)),
    );
  return {
    cluster: of((pass) => pass.cluster),
    engine: of((pass) => pass.engine),
    decide: of((pass) => pass.decide),
    full: of((pass) => pass.cluster + pass.engine + pass.decide),
  };
}
