import { createNamespace } from "../../src/linux/netns.ts";
import { clusterOf } from "../engine-adapter.ts";
import { peakMegabytes } from "../jobs/memory.ts";
import { single } from "../stats.ts";
import { timed } from "../stopwatch.ts";
import { openEnforcement } from "./enforcement.ts";
import type { EnforcementReporter } from "./enforcement-result.ts";
import { NODE } from "./measured-cluster.ts";
import { readObjectPages } from "./object-pages.ts";

/** The start of an agent in a process that has done nothing else, once. Inside the sandbox. */
export async function coldStartJob(directory: string, report: EnforcementReporter): Promise<void> {
  const reading = timed(() => readObjectPages(directory));
  const started = performance.now();
  await openEnforcement(clusterOf(reading.value), NODE, createNamespace("node"));
  // The clock of a process begins with it.
  const enforced = performance.now();
  report.result({
    changes: {
      coldStart: single("ms", enforced),
      coldReading: single("ms", reading.milliseconds),
      coldRest: single("ms", enforced - started),
      coldPeak: single("MB", peakMegabytes()),
    },
  });
}
