// One job about enforcement, in a process and namespaces of its own.
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { objectsOf } from "../profiles/inventory.ts";
import { sandboxReporter } from "../run-sandbox-job.ts";
import { changesJob } from "./changes-job.ts";
import { coldStartJob } from "./cold-start-job.ts";
import type { EnforcementPiece } from "./enforcement-result.ts";
import type { EnforcementJob } from "./job.ts";
import { measuredCluster } from "./measured-cluster.ts";
import { writeObjectPages } from "./object-pages.ts";
import { packetsJob } from "./packets-job.ts";

const report = sandboxReporter<EnforcementPiece>();

async function run(job: EnforcementJob): Promise<void> {
  switch (job.kind) {
    case "packets":
      return packetsJob(job.generator, job.scale, job.brief, report);
    case "changes":
      return changesJob(job.scale, job.brief, report);
    case "write objects":
      return writeObjectPages(job.directory, objectsOf(measuredCluster("many", job.scale)));
    case "cold start":
      return coldStartJob(job.directory, report);
  }
}

await runInSandbox(async () => {
  await run(JSON.parse(process.argv[2]!) as EnforcementJob);
  return 0;
});
