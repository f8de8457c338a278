import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ManifestSource, parseManifests } from "../../src/k8s/manifests.ts";
import type { KubernetesObject } from "../../src/k8s/objects.ts";
import { benchEngine, clusterOf } from "../engine-adapter.ts";
import { measureOf, single } from "../stats.ts";
import { consume, type Effort, timed } from "../stopwatch.ts";
import type { Reporter } from "./job.ts";
import { peakMegabytes } from "./memory.ts";

/** Manifest text to objects, and all the way to reachability once, for the memory that this takes. */
export function loadJob(directory: string, effort: Effort, report: Reporter): void {
  report.progress("load manifests");
  const sources = readdirSync(directory).map((file) => ({
    file,
    text: readFileSync(join(directory, file), "utf8"),
  }));
  const megabytes = sources.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) / 1e6;
  const samples: number[] = [];
  const first = timed(() => load(sources));
  samples.push(first.milliseconds);
  consume(benchEngine(clusterOf(first.value)).decideEverything().connectedPodPairs);
  report.result({ measures: { loadPeak: single("MB", peakMegabytes()) } });

  const end = performance.now() + effort.budget;
  while (samples.length < effort.repetitions && performance.now() < end) {
    const again = timed(() => load(sources));
    samples.push(again.milliseconds);
    consume(again.value.length);
  }
  report.result({
    measures: {
      load: measureOf("ms", samples),
      loadSpeed: measureOf(
        "MB/s",
        samples.map((each) => (megabytes / each) * 1000),
      ),
    },
  });
}

function load(sources: readonly ManifestSource[]): readonly KubernetesObject[] {
  const { objects, findings } = parseManifests(sources);
  const error = findings.find(({ severity }) => severity === "error");
  if (error !== undefined) throw new Error(`a generated manifest is refused: ${JSON.stringify(error)}`);
  return objects;
}
