import type { Cluster } from "../../src/cluster/cluster.ts";
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
  const { cluster, readMilliseconds } = readCluster(directory);
  await openEnforcement(cluster, NODE, createNamespace("node"));
  // The clock of a process begins with it.
  const enforced = performance.now();
  report.result({
    changes: {
      coldStart: single("ms", enforced),
      coldReading: single("ms", readMilliseconds),
      coldRest: single("ms", enforced - readMilliseconds),
      coldPeak: single("MB", peakMegabytes()),
    },
  });
}

/** In a function of its own, so that the objects are gone when the cluster is made of them. */
function readCluster(directory: string): { readonly cluster: Cluster; readonly readMilliseconds: number } {
  const { value, milliseconds } = timed(() => readObjectPages(directory));
  return { cluster: clusterOf(value), readMilliseconds: milliseconds };
}
