import type { PortSet } from "../../src/net/port-set.ts";
import { benchEngine, clusterOf } from "../engine-adapter.ts";
import { naivePorts } from "../naive.ts";
import { type GeneratedCluster, objectsOf, sizesOf } from "../profiles/inventory.ts";
import { measureOf, single } from "../stats.ts";
import { consume, type Effort, timed } from "../stopwatch.ts";
import type { Reporter } from "./job.ts";

/** The full reachability by both ways on one cluster. Throws when an answer differs. */
export function naiveJob(cluster: GeneratedCluster, effort: Effort, report: Reporter): void {
  report.progress("naive loop");
  const { pods } = cluster;
  const naive = timed(() => {
    const answers: PortSet[] = [];
    for (const from of pods) for (const to of pods) answers.push(naivePorts(cluster, from, to));
    return answers;
  });

  report.progress("engine on the same cluster");
  const objects = objectsOf(cluster);
  const samples: number[] = [];
  const end = performance.now() + effort.budget;
  let engine = benchEngine(clusterOf([]));
  while (samples.length < effort.repetitions && performance.now() < end) {
    const pass = timed(() => {
      engine = benchEngine(clusterOf(objects));
      return engine.decideEverything();
    });
    consume(pass.value.connectedPodPairs);
    samples.push(pass.milliseconds);
  }

  report.progress("compare answers");
  const ends = new Map(engine.podEnds().map((end) => [end.kind === "pod" ? end.pod.id : "", end]));
  const endOf = pods.map((pod) => ends.get(`${pod.namespace}/${pod.name}`)!);
  for (const [i, from] of endOf.entries()) {
    for (const [j, to] of endOf.entries()) {
      const expected = naive.value[i * pods.length + j]!;
      const got = engine.ports(from, to);
      if (got === expected) continue;
      throw new Error(
        `the engine and the naive loop differ from ${pods[i]!.name} to ${pods[j]!.name}: ${got.key} and ${expected.key}`,
      );
    }
  }
  report.result({
    naive: {
      title: "",
      sizes: sizesOf(cluster),
      comparedPairs: pods.length ** 2,
      naive: single("ms", naive.milliseconds),
      engine: measureOf("ms", samples),
    },
  });
}
